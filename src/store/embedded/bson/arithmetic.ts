/** Arithmetic between BSON numbers with MongoDB's type rules: int -> long on overflow, long -> double on overflow, decimal wins. */
import {
  decimalAdd,
  decimalDivide,
  decimalFromBigInt,
  decimalFromNumber,
  decimalMultiply,
  decimalRemainder,
  partsOf,
} from "./decimal";
import { BsonType, type Dbl, Decimal, double, fitsInt64, toNumber, typeOf } from "./value";

export type Numeric = number | bigint | Dbl | Decimal;

export const toDecimal = (value: Numeric): Decimal => {
  if (value instanceof Decimal) return value;
  if (typeof value === "bigint") return decimalFromBigInt(value);
  return typeof value === "number" && (value | 0) === value
    ? decimalFromBigInt(BigInt(value))
    : decimalFromNumber(toNumber(value));
};

const isDouble = (value: Numeric): boolean => typeOf(value) === BsonType.double;
const bigOf = (value: Numeric): bigint => (typeof value === "bigint" ? value : BigInt(toNumber(value)));

type IntegerOp = (a: bigint, b: bigint) => bigint;

function integers(left: Numeric, right: Numeric, op: IntegerOp, approximate: number): Numeric {
  const exact = op(bigOf(left), bigOf(right));
  if (typeof left !== "bigint" && typeof right !== "bigint") {
    const small = Number(exact);
    if ((small | 0) === small) return small;
  }
  return fitsInt64(exact) ? exact : double(approximate);
}

/** Sum in the wider of the two types. An int64 overflow becomes a double; updates refuse it first (see fitsInt64). */
export function add(left: Numeric, right: Numeric): Numeric {
  if (left instanceof Decimal || right instanceof Decimal) return decimalAdd(toDecimal(left), toDecimal(right));
  const sum = toNumber(left) + toNumber(right);
  if (isDouble(left) || isDouble(right)) return double(sum);
  return integers(left, right, (a, b) => a + b, sum);
}

export function subtract(left: Numeric, right: Numeric): Numeric {
  if (left instanceof Decimal || right instanceof Decimal) return decimalAdd(toDecimal(left), negate(toDecimal(right)));
  const difference = toNumber(left) - toNumber(right);
  if (isDouble(left) || isDouble(right)) return double(difference);
  return integers(left, right, (a, b) => a - b, difference);
}

export function multiply(left: Numeric, right: Numeric): Numeric {
  if (left instanceof Decimal || right instanceof Decimal) return decimalMultiply(toDecimal(left), toDecimal(right));
  const product = toNumber(left) * toNumber(right);
  if (isDouble(left) || isDouble(right)) return double(product);
  return integers(left, right, (a, b) => a * b, product);
}

/** Division is always a double (or a decimal). The caller refuses a zero divisor. */
export function divide(left: Numeric, right: Numeric): Numeric {
  if (left instanceof Decimal || right instanceof Decimal) return decimalDivide(toDecimal(left), toDecimal(right));
  return double(toNumber(left) / toNumber(right));
}

export function remainder(left: Numeric, right: Numeric): Numeric {
  if (left instanceof Decimal || right instanceof Decimal) return decimalRemainder(toDecimal(left), toDecimal(right));
  const rest = toNumber(left) % toNumber(right);
  if (isDouble(left) || isDouble(right)) return double(rest);
  return integers(left, right, (a, b) => a % b, rest);
}

export function negate(value: Decimal): Decimal {
  const bytes = value.bytes.slice();
  bytes[15]! ^= 0x80;
  return new Decimal(bytes);
}

/** True when a sum or product of integers has left the int64 range (it is a double although neither operand was one). */
export const overflowed = (left: Numeric, right: Numeric, result: Numeric): boolean =>
  !isDouble(left) && !isDouble(right) && isDouble(result);

export function isZero(value: Numeric): boolean {
  if (!(value instanceof Decimal)) return toNumber(value) === 0;
  const { kind, coefficient } = partsOf(value);
  return kind === "finite" && coefficient === 0n;
}
