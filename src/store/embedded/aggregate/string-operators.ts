/** Text operators. Positions count code points or UTF-8 bytes as their names say. */

import { compareText } from "../bson/compare";
import { DateTime, Doc, isNumeric, typeName, type Value } from "../bson/value";
import { locationError } from "../command-error";
import { regexOf } from "../query/regex";
import { argumentsOf, binaryNull, integerOf, isNullish, textOf } from "./argument";
import { convertToText } from "./conversion-operators";
import type { Operator, OperatorCall } from "./expression";

/** What $toUpper and its kind accept: text, numbers and dates; null is the empty text. */
function looseText(value: Value | undefined, name: string): string {
  if (isNullish(value)) return "";
  if (typeof value === "string") return value;
  if (isNumeric(value) || value instanceof DateTime) return convertToText(value);
  throw locationError(16007, `can't convert to a string in ${name}`);
}

const loose =
  (apply: (text: string) => string): Operator =>
  (call) => {
    const [arg] = argumentsOf(call, 1);
    return (scope) => apply(looseText(arg!(scope), call.name));
  };

const asciiUpper = (text: string): string => text.replace(/[a-z]+/g, (part) => part.toUpperCase());
const asciiLower = (text: string): string => text.replace(/[A-Z]+/g, (part) => part.toLowerCase());

const substring =
  (bytes: boolean): Operator =>
  (call) => {
    const [arg, start, length] = argumentsOf(call, 3);
    return (scope) => {
      const text = looseText(arg!(scope), call.name);
      const from = integerOf(start!(scope), call.name);
      const count = integerOf(length!(scope), call.name);
      if (from < 0) return bytes ? "" : refuseNegative(call.name);
      const end = count < 0 ? undefined : from + count;
      if (!bytes) return [...text].slice(from, end).join("");
      const part = Buffer.from(text, "utf8").subarray(from, end);
      if (!Buffer.from(part.toString("utf8"), "utf8").equals(part)) {
        throw locationError(
          28656,
          `${call.name}:  Invalid range, starting or ending index is in the middle of a UTF-8 character.`,
        );
      }
      return part.toString("utf8");
    };
  };

function refuseNegative(name: string): never {
  throw locationError(34453, `${name}: the starting index must be a non-negative integer`);
}

const WHITESPACE = "\\s\\0";
const escapeClass = (text: string): string => text.replace(/[\\\]^-]/g, "\\$&");

const trim =
  (left: boolean, right: boolean): Operator =>
  (call) => {
    const parts = call.named(["input"], ["chars"]);
    return (scope) => {
      const input = parts.get("input")!(scope);
      const chars = parts.get("chars")?.(scope);
      if (isNullish(input) || (parts.has("chars") && isNullish(chars))) return null;
      const set = isNullish(chars) ? WHITESPACE : escapeClass(textOf(chars, call.name));
      let text = textOf(input, call.name);
      if (left) text = text.replace(new RegExp(`^[${set}]+`, "u"), "");
      return right ? text.replace(new RegExp(`[${set}]+$`, "u"), "") : text;
    };
  };

const indexOf =
  (bytes: boolean): Operator =>
  (call) => {
    const [arg, search, start, end] = argumentsOf(call, 2, 4);
    return (scope) => {
      const text = arg!(scope);
      if (isNullish(text)) return null;
      const units = bytes ? [...Buffer.from(textOf(text, call.name))].map(String) : [...textOf(text, call.name)];
      const wanted = textOf(search!(scope) ?? null, call.name);
      const wantedUnits = bytes ? [...Buffer.from(wanted)].map(String) : [...wanted];
      const from = start ? integerOf(start(scope), call.name) : 0;
      const to = Math.min(end ? integerOf(end(scope), call.name) : units.length, units.length);
      for (let i = from; i + wantedUnits.length <= to; i++) {
        if (wantedUnits.every((unit, j) => units[i + j] === unit)) return i;
      }
      return -1;
    };
  };

function regexCall(call: OperatorCall) {
  const parts = call.named(["input", "regex"], ["options"]);
  return (scope: Parameters<ReturnType<Operator>>[0]): { text: string; regex: RegExp } | null => {
    const input = parts.get("input")!(scope);
    const pattern = parts.get("regex")!(scope);
    if (isNullish(input) || isNullish(pattern)) return null;
    const options = parts.get("options")?.(scope);
    const regex = regexOf(pattern, isNullish(options) ? undefined : options);
    return { text: textOf(input, call.name), regex: new RegExp(regex.source, `${regex.flags}g`) };
  };
}

const found = (match: RegExpMatchArray): Doc =>
  Doc.of({
    match: match[0],
    idx: [...match.input!.slice(0, match.index)].length,
    captures: match.slice(1).map((group) => group ?? null),
  });

const replace =
  (all: boolean): Operator =>
  (call) => {
    const parts = call.named(["input", "find", "replacement"]);
    return (scope) => {
      const [input, find, replacement] = ["input", "find", "replacement"].map((name) => parts.get(name)!(scope));
      if (isNullish(input) || isNullish(find) || isNullish(replacement)) return null;
      const [text, search, by] = [input, find, replacement].map((value) => textOf(value, call.name)) as [string, string, string];
      return all ? text.replaceAll(search, () => by) : text.replace(search, () => by);
    };
  };

export const STRINGS: Record<string, Operator> = {
  $concat: (call) => {
    const args = call.args();
    return (scope) => {
      let out = "";
      for (const arg of args) {
        const value = arg(scope);
        if (isNullish(value)) return null;
        if (typeof value !== "string") throw locationError(16702, `$concat only supports strings, not ${typeName(value)}`);
        out += value;
      }
      return out;
    };
  },
  $toUpper: loose(asciiUpper),
  $toLower: loose(asciiLower),
  $substr: substring(true),
  $substrBytes: substring(true),
  $substrCP: substring(false),
  $strLenCP: (call) => {
    const [arg] = argumentsOf(call, 1);
    return (scope) => [...textOf(arg!(scope) ?? null, call.name)].length;
  },
  $strLenBytes: (call) => {
    const [arg] = argumentsOf(call, 1);
    return (scope) => Buffer.byteLength(textOf(arg!(scope) ?? null, call.name));
  },
  $split: binaryNull((text, by, name) => {
    if (by === "") throw locationError(40087, "$split requires a non-empty separator");
    return textOf(text, name).split(textOf(by, name));
  }),
  $trim: trim(true, true),
  $ltrim: trim(true, false),
  $rtrim: trim(false, true),
  $indexOfCP: indexOf(false),
  $indexOfBytes: indexOf(true),
  $strcasecmp: (call) => {
    const [left, right] = argumentsOf(call, 2);
    return (scope) =>
      Math.sign(compareText(asciiUpper(looseText(left!(scope), call.name)), asciiUpper(looseText(right!(scope), call.name))));
  },
  $regexMatch: (call) => {
    const read = regexCall(call);
    return (scope) => {
      const it = read(scope);
      return it?.regex.test(it.text) ?? false;
    };
  },
  $regexFind: (call) => {
    const read = regexCall(call);
    return (scope) => {
      const it = read(scope);
      const match = it?.text.matchAll(it.regex).next();
      return match && !match.done ? found(match.value) : null;
    };
  },
  $regexFindAll: (call) => {
    const read = regexCall(call);
    return (scope) => {
      const it = read(scope);
      return it ? [...it.text.matchAll(it.regex)].map(found) : [];
    };
  },
  $replaceOne: replace(false),
  $replaceAll: replace(true),
};
