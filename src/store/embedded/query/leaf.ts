/** One condition on the values at a path ($eq, $gt, $in, $type ...), with MongoDB's array rules. */
import { compareValues, equalValues } from "../bson/compare";
import { KeyType, keyOf, keyTypeOf } from "../bson/key";
import { BsonType, Doc, isNumeric, Regex, typeOf, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { bitTest } from "./bits";
import { modTest } from "./modulo";
import { regexOf } from "./regex";
import { typeTest } from "./type-test";

export type Test = (value: Value | undefined) => boolean;

/** A condition: `single` judges one value (inside $elemMatch), `onPath` all values found at a path. */
export interface Leaf {
  single: Test;
  onPath: (values: readonly (Value | undefined)[]) => boolean;
}

/** Holds when a value at the path, or an element of an array there, passes. */
export const each = (test: Test): Leaf => ({
  single: test,
  onPath: (values) => {
    for (const value of values) {
      if (test(value)) return true;
      if (Array.isArray(value)) for (const item of value) if (test(item)) return true;
    }
    return false;
  },
});

/** Holds when a value at the path passes as a whole; arrays are not opened. */
export const whole = (test: Test): Leaf => ({ single: test, onPath: (values) => values.some(test) });

export const not = (leaves: readonly Leaf[]): Leaf => ({
  single: (value) => !leaves.every((leaf) => leaf.single(value)),
  onPath: (values) => !leaves.every((leaf) => leaf.onPath(values)),
});

/** Equality as in `{field: value}`: null also matches a missing field, a regular expression matches text. */
export function equalityTest(expected: Value): Test {
  if (expected === null) return (value) => value === undefined || value === null;
  if (expected instanceof Regex) {
    const regex = regexOf(expected);
    return (value) => (typeof value === "string" ? regex.test(value) : value instanceof Regex && equalValues(value, expected));
  }
  return exactTest(expected);
}

function exactTest(expected: Value): Test {
  if (expected === null) return (value) => value === undefined || value === null;
  if (typeof expected === "string" || typeof expected === "boolean") return (value) => value === expected;
  return (value) => value !== undefined && equalValues(value, expected);
}

type Order = "$gt" | "$gte" | "$lt" | "$lte";

function orderTest(op: Order, bound: Value): Test {
  const holds = (order: number) =>
    op === "$gt" ? order > 0 : op === "$gte" ? order >= 0 : op === "$lt" ? order < 0 : order <= 0;
  const inclusive = op === "$gte" || op === "$lte";
  if (bound === null) return (value) => inclusive && (value === undefined || value === null);
  if (bound instanceof Regex) throw commandError("BadValue", `Can't have RegEx as arg to predicate over field ''.`);
  const type = keyTypeOf(bound);
  if (type === KeyType.minKey || type === KeyType.maxKey) return (value) => holds(compareValues(value ?? null, bound));
  if (isNumeric(bound) && isNan(bound)) return (value) => inclusive && value !== undefined && isNumeric(value) && isNan(value);
  return (value) => value !== undefined && keyTypeOf(value) === type && !isNan(value) && holds(compareValues(value, bound));
}

const NAN_KEY = keyOf(Number.NaN);
const isNan = (value: Value): boolean =>
  typeof value === "number"
    ? Number.isNaN(value)
    : isNumeric(value) && typeof value === "object" && Buffer.compare(keyOf(value), NAN_KEY) === 0;

const SET_FROM = 8;

function inTest(list: readonly Value[]): Test {
  for (const item of list) {
    if (item instanceof Doc && item.keys[0]?.startsWith("$") && !isReference(item))
      throw commandError("BadValue", "cannot nest $ under $in");
  }
  if (list.length >= SET_FROM && list.every((item) => typeof item === "string")) {
    const texts = new Set<Value | undefined>(list);
    return (value) => texts.has(value);
  }
  const tests = list.map(equalityTest);
  return (value) => tests.some((test) => test(value));
}

const listArgument = (op: string, value: Value): Value[] => {
  if (!Array.isArray(value)) throw commandError("BadValue", `${op} needs an array`);
  return value;
};

/** DBRef documents start with $ref but are values, not operators. */
const isReference = (doc: Doc): boolean => doc.keys[0] === "$ref" || doc.keys[0] === "$id" || doc.keys[0] === "$db";

/** A document of operators such as `{$gt: 5}`; the mark exists only for the type checker. */
export type Operators = Doc & { readonly operators?: "yes" };

/** True for `{$gt: 5}`: a document of operators rather than a value to compare with. */
export const isOperators = (value: Value | undefined): value is Operators =>
  value instanceof Doc && value.size > 0 && value.keys[0]!.startsWith("$") && !isReference(value);

/** Builds a simple operator; null when this is not one of them. */
export function leafOf(op: string, argument: Value, siblings: Doc): Leaf | null {
  switch (op) {
    case "$eq":
      return each(exactTest(argument));
    case "$ne":
      if (argument instanceof Regex) throw commandError("BadValue", "Can't have regex as arg to $ne.");
      return not([each(exactTest(argument))]);
    case "$gt":
    case "$gte":
    case "$lt":
    case "$lte":
      return each(orderTest(op, argument));
    case "$in":
      return each(inTest(listArgument(op, argument)));
    case "$nin":
      return not([each(inTest(listArgument(op, argument)))]);
    case "$exists":
      return truthy(argument) ? whole((value) => value !== undefined) : not([whole((value) => value !== undefined)]);
    case "$size": {
      const size = wholeNumber(argument);
      if (size === null) throw commandError("BadValue", "Failed to parse $size. Expected an integer");
      if (size < 0) throw commandError("BadValue", `Failed to parse $size. Expected a non-negative number in: $size: ${size}`);
      return whole((value) => Array.isArray(value) && value.length === size);
    }
    case "$type":
      return each(typeTest(argument));
    case "$mod":
      return each(modTest(argument));
    case "$regex": {
      const regex = regexOf(argument, siblings.get("$options"));
      return each((value) => typeof value === "string" && regex.test(value));
    }
    case "$bitsAllSet":
    case "$bitsAnySet":
    case "$bitsAllClear":
    case "$bitsAnyClear":
      return each(bitTest(op, argument));
  }
  return null;
}

/** An integral number of any numeric type as a JS number; null otherwise. */
export function wholeNumber(value: Value): number | null {
  if (!isNumeric(value)) return null;
  const number =
    typeOf(value) === BsonType.decimal ? Number.NaN : Number(typeof value === "object" && "value" in value ? value.value : value);
  return Number.isInteger(number) ? number : null;
}

/** MongoDB's truth: everything but false, zero, null and missing. */
export function truthy(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === false) return false;
  return !(isNumeric(value) && equalValues(value, 0)) && typeOf(value) !== BsonType.undefined;
}
