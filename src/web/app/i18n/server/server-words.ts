/**
 * What the server explains about itself (what a permission allows, what a setting does) it says in English, once, where it defines it.
 * Here are the keys under which the other languages have it.
 */
export const mayKey = (permission: string): string => `may.${permission}`;
export const hintKey = (group: string, field?: string): string => `hint.${field === undefined ? group : `${group}.${field}`}`;

/** Of `core/field-rule.ts`. */
export const ruleKey = (rule: string): string => `broken.${rule}`;
/** Of `core/errors.ts`. */
export const codeKey = (code: string): string => `refused.${code}`;

export const serverWords = (
  permissions: Readonly<Record<string, string>>,
  hints: Readonly<Record<string, string>>,
  rules: Readonly<Record<string, string>>,
  failures: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries([
    ...Object.entries(permissions).map(([name, text]) => [mayKey(name), text]),
    ...Object.entries(hints).map(([name, text]) => [hintKey(name), text]),
    ...Object.entries(rules).map(([name, text]) => [ruleKey(name), text]),
    ...Object.entries(failures).map(([code, text]) => [codeKey(code), text]),
  ]);
