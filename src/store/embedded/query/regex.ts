/** MongoDB regular expressions (PCRE, options imsxu) as JS ones. */
import { Regex, type Value } from "../bson/value";
import { commandError, locationError } from "../command-error";

const compiled = new Map<string, RegExp>();
const MOST_COMPILED = 500;

/** The JS expression of a pattern; fails with MongoDB's error when it cannot be compiled. */
export function compileRegex(pattern: string, options: string): RegExp {
  const id = `${options}/${pattern}`;
  const ready = compiled.get(id);
  if (ready) return ready;
  const wrong = /[^imsxu]/.exec(options);
  if (wrong) throw commandError("BadValue", `invalid flag in regex options: ${wrong[0]}`);
  let source = pattern;
  let flags = options;
  const inline = /^\(\?([imsx]+)\)/.exec(source);
  if (inline) {
    source = source.slice(inline[0].length);
    flags += inline[1];
  }
  if (flags.includes("x")) source = withoutExtendedSpace(source);
  const jsFlags = [...new Set(flags.replace(/[xu]/g, ""))].join("");
  let regex: RegExp;
  try {
    regex = new RegExp(source, /\\[pP]\{|\\x\{/.test(source) ? `${jsFlags}u` : jsFlags);
  } catch (error) {
    // SyntaxError from the RegExp constructor: the pattern is not one.
    throw locationError(51091, `Regular expression is invalid: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  compiled.set(id, regex);
  return regex;
}

/** Removes what the x option ignores: white space and comments outside character classes. */
function withoutExtendedSpace(source: string): string {
  let out = "";
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const char = source[i]!;
    if (char === "\\") {
      out += char + (source[++i] ?? "");
      continue;
    }
    if (char === "[") inClass = true;
    if (char === "]") inClass = false;
    if (!inClass && /\s/.test(char)) continue;
    if (!inClass && char === "#") {
      while (i < source.length && source[i] !== "\n") i++;
      continue;
    }
    out += char;
  }
  return out;
}

/** The expression a filter value stands for: a Regex, or the text given to $regex. */
export function regexOf(value: Value, options?: Value): RegExp {
  const own = value instanceof Regex ? value : null;
  if (!own && typeof value !== "string") throw commandError("BadValue", "$regex has to be a string");
  if (options !== undefined && typeof options !== "string") throw commandError("BadValue", "$options has to be a string");
  if (own?.options && options) throw commandError("BadValue", "options set in both $regex and $options");
  return compileRegex(own ? own.pattern : String(value), options ?? own?.options ?? "");
}

/** The literal text every match starts with, or null; only case-sensitive expressions anchored by ^ have one. */
export function literalPrefix(pattern: string, options: string): string | null {
  if (/[imx]/.test(options) || !pattern.startsWith("^") || pattern.includes("|")) return null;
  let prefix = "";
  for (let i = 1; i < pattern.length; i++) {
    let char = pattern[i]!;
    if (char === "\\") {
      const next = pattern[++i];
      if (next === undefined || /[a-zA-Z0-9]/.test(next)) break;
      char = next;
    } else if (/[.[\](){}*+?^$]/.test(char)) break;
    const after = pattern[i + 1];
    // A quantifier makes the character before it optional.
    if (after === "*" || after === "?" || after === "{") break;
    prefix += char;
    if (after === "+") break;
  }
  return prefix === "" ? null : prefix;
}
