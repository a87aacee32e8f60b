/** Properties of values: bytes in are bytes out, and keys order as MongoDB compares. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { mongo } from "mongoose";
import { compareValues } from "../../src/store/embedded/bson/compare";
import { partsOf } from "../../src/store/embedded/bson/decimal";
import { decode, decodeFields } from "../../src/store/embedded/bson/decode";
import { encode } from "../../src/store/embedded/bson/encode";
import { compoundKey, keyAfter, keyOf } from "../../src/store/embedded/bson/key";
import { Dbl, Decimal, type Value } from "../../src/store/embedded/bson/value";
import { numbers, values } from "./arbitrary";

const bytesOf = (value: unknown) => mongo.BSON.serialize({ v: value });
const read = (value: unknown): Value => decode(bytesOf(value)).get("v")!;
const sign = (n: number) => Math.sign(n);

/** Independent of the engine: numbers as exact fractions. */
function compareExactly(a: Value, b: Value): number {
  const [x, y] = [special(a), special(b)];
  if (typeof x === "number" || typeof y === "number") {
    const rank = (v: typeof x) => (typeof v === "number" ? (Number.isNaN(v) ? -2 : v > 0 ? 1 : -1) : 0);
    return sign(rank(x) - rank(y));
  }
  const difference = x[0] * y[1] - y[0] * x[1];
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function special(value: Value): number | [bigint, bigint] {
  if (typeof value === "bigint") return [value, 1n];
  if (value instanceof Decimal) {
    const { kind, negative, coefficient, exponent } = partsOf(value);
    if (kind === "nan") return Number.NaN;
    if (kind === "infinity") return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    const c = negative ? -coefficient : coefficient;
    return exponent >= 0 ? [c * 10n ** BigInt(exponent), 1n] : [c, 10n ** BigInt(-exponent)];
  }
  const number = value instanceof Dbl ? value.value : (value as number);
  if (!Number.isFinite(number)) return number;
  let [top, bottom] = [number, 1n];
  while (!Number.isInteger(top)) {
    top *= 2;
    bottom *= 2n;
  }
  return [BigInt(top), bottom];
}

describe("values", () => {
  test("bytes -> values -> bytes is the identity", () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = bytesOf(value);
        expect(Buffer.from(encode(decode(bytes))).equals(Buffer.from(bytes))).toBe(true);
        expect(Buffer.from(encode(decodeFields(bytes, new Set(["v"])))).equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  test("numbers of all types order by their exact value", () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const [x, y] = [read(a), read(b)];
        const exact = compareExactly(x, y);
        expect(sign(Buffer.compare(keyOf(x), keyOf(y)))).toBe(exact);
        expect(sign(compareValues(x, y))).toBe(exact);
      }),
      { numRuns: 4000 },
    );
  });

  test("keys and comparison agree for all values, in both directions", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [x, y] = [read(a), read(b)];
        const order = sign(compareValues(x, y));
        expect(sign(Buffer.compare(keyOf(x), keyOf(y)))).toBe(order);
        expect(sign(Buffer.compare(compoundKey([x], [-1]), compoundKey([y], [-1])))).toBe(order === 0 ? 0 : -order);
      }),
      { numRuns: 3000 },
    );
  });

  test("no key is the beginning of another one, so compound keys order field by field", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [x, y] = [keyOf(read(a)), keyOf(read(b))];
        if (Buffer.compare(x, y) === 0) return;
        expect(Buffer.from(y).subarray(0, x.length).equals(Buffer.from(x))).toBe(false);
        expect(Buffer.compare(keyAfter(x)!, x)).toBe(1);
      }),
      { numRuns: 2000 },
    );
  });

  test("bytes that are not BSON are refused", () => {
    for (const bytes of [
      [],
      [5, 0, 0, 0],
      [6, 0, 0, 0, 0],
      [12, 0, 0, 0, 0x10, 97, 0, 1, 0, 0, 0, 1],
      [8, 0, 0, 0, 0x99, 97, 0, 0],
    ]) {
      expect(() => decode(new Uint8Array(bytes))).toThrow(RangeError);
    }
    expect(() => decode(new Uint8Array([14, 0, 0, 0, 2, 97, 0, 200, 0, 0, 0, 65, 0, 0]))).toThrow(RangeError);
  });
});
