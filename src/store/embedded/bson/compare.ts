/** MongoDB's comparison order between two values, exact across numeric types. */
import { keyOf, keyTypeOf } from "./key";
import { DateTime, Dbl, Doc, Oid, type Value } from "./value";

/** Negative, zero or positive as `left` sorts before, with or after `right`. */
export function compareValues(left: Value, right: Value): number {
  if (typeof left === "number" && typeof right === "number") return compareNumbers(left, right);
  if (typeof left === "string" && typeof right === "string") return compareText(left, right);
  const leftType = keyTypeOf(left);
  const rightType = keyTypeOf(right);
  if (leftType !== rightType) return leftType - rightType;
  if (left instanceof DateTime && right instanceof DateTime && left.exact === null && right.exact === null)
    return left.ms - right.ms;
  if (left instanceof Oid && right instanceof Oid) return left.hex < right.hex ? -1 : left.hex > right.hex ? 1 : 0;
  if (typeof left === "bigint" && typeof right === "bigint") return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === "boolean") return Number(left) - Number(right as boolean);
  if (left instanceof Dbl && typeof right === "number") return compareNumbers(left.value, right);
  if (right instanceof Dbl && typeof left === "number") return compareNumbers(left, right.value);
  if (left instanceof Doc && right instanceof Doc) return compareDocs(left, right);
  if (Array.isArray(left) && Array.isArray(right)) return compareArrays(left, right);
  if (left === right) return 0;
  return Buffer.compare(keyOf(left), keyOf(right));
}

function compareNumbers(left: number, right: number): number {
  if (left === right) return 0;
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : -1;
  if (Number.isNaN(right)) return 1;
  return left < right ? -1 : 1;
}

/** UTF-8 byte order: equal to UTF-16 order except where surrogates meet characters above U+DFFF. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a === b) continue;
    return a >= 0xd800 && b >= 0xd800 ? Buffer.compare(Buffer.from(left), Buffer.from(right)) : a - b;
  }
  return left.length - right.length;
}

function compareDocs(left: Doc, right: Doc): number {
  const length = Math.min(left.size, right.size);
  for (let i = 0; i < length; i++) {
    const a = left.values[i]!;
    const b = right.values[i]!;
    const order = keyTypeOf(a) - keyTypeOf(b) || compareText(left.keys[i]!, right.keys[i]!) || compareValues(a, b);
    if (order !== 0) return order;
  }
  return left.size - right.size;
}

function compareArrays(left: readonly Value[], right: readonly Value[]): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const order = compareValues(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

export const equalValues = (left: Value, right: Value): boolean => left === right || compareValues(left, right) === 0;
