/** Whether conditions hold for what is known, with the reason for each. Pure. */
import type { Check, Conditions, Node } from "./condition.schema";
import { type Facts, type FieldValue, readField } from "./rule-facts";

/** One comparison as it came out, for a person who asks why. */
export interface Checked {
  field: string;
  is: Check["is"];
  value: Check["value"] | null;
  /** What was there. */
  actual: string | number | boolean | string[] | null;
  holds: boolean;
}

export interface Evaluation {
  matched: boolean;
  checks: Checked[];
}

export function evaluate(conditions: Conditions, facts: Facts): Evaluation {
  const checks: Checked[] = [];
  const holds = (node: Node): boolean => {
    if ("all" in node) return node.all.map(holds).every(Boolean);
    if ("any" in node) return node.any.map(holds).some(Boolean);
    const actual = readField(node.field, facts);
    const result = compare(node, actual, facts.now);
    checks.push({ field: node.field, is: node.is, value: node.value ?? null, actual: shown(actual), holds: result });
    return result;
  };
  const matched = "all" in conditions ? conditions.all.map(holds).every(Boolean) : conditions.any.map(holds).some(Boolean);
  return { matched, checks };
}

function shown(value: FieldValue): Checked["actual"] {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? [...value] : (value as string | number | boolean);
}

/** Case and accents make no difference: customers write as they like. */
const fold = (text: unknown): string =>
  String(text).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();

const wordsOf = (text: string): string => ` ${text.replace(/[^\p{L}\p{N}]+/gu, " ").trim()} `;
const DAY_MS = 86_400_000;

function compare({ is, value }: Check, actual: FieldValue, now: number): boolean {
  const isEmpty = actual === undefined || actual === null || actual === "" || (Array.isArray(actual) && actual.length === 0);
  if (is === "set") return !isEmpty;
  if (is === "unset") return isEmpty;
  const wanted = (Array.isArray(value) ? value : [value ?? ""]).map(fold);
  switch (is) {
    case "equals":
    case "not-equals": {
      const found = isEmpty ? wanted.includes("") : wanted.includes(fold(actual));
      return found === (is === "equals");
    }
    case "contains":
    case "not-contains": {
      const text = isEmpty ? "" : fold(actual);
      return wanted.some((one) => text.includes(one)) === (is === "contains");
    }
    case "has-word": {
      const text = isEmpty ? "" : wordsOf(fold(actual));
      return wanted.some((one) => text.includes(wordsOf(one)));
    }
    case "starts-with":
      return !isEmpty && wanted.some((one) => fold(actual).startsWith(one));
    case "above":
      return !isEmpty && Number(actual) > Number(value);
    case "below":
      return !isEmpty && Number(actual) < Number(value);
    case "has-any":
    case "has-all":
    case "has-none": {
      const held = new Set(((actual ?? []) as readonly string[]).map(fold));
      if (is === "has-all") return wanted.every((one) => held.has(one));
      return wanted.some((one) => held.has(one)) === (is === "has-any");
    }
    default: {
      const at = actual instanceof Date ? actual.getTime() : Date.parse(String(actual ?? ""));
      if (Number.isNaN(at)) return false;
      if (is === "within-days") return at <= now && at > now - Number(value) * DAY_MS;
      return is === "before" ? at < Date.parse(String(value)) : at > Date.parse(String(value));
    }
  }
}
