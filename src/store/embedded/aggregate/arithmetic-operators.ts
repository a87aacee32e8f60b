/** Arithmetic on numbers and dates. */
import { add, divide, isZero, multiply, type Numeric, remainder, subtract, toDecimal } from "../bson/arithmetic";
import { compareValues } from "../bson/compare";
import { decimalRound, decimalToNumber, partsOf } from "../bson/decimal";
import { DateTime, Decimal, double, isNumeric, toNumber, typeName, type Value } from "../bson/value";
import { locationError } from "../command-error";
import { argumentsOf, binaryNull, integerOf, isNullish, unaryNull } from "./argument";
import type { Operator } from "./expression";

function numberOf(value: Value, name: string): Numeric {
  if (!isNumeric(value)) throw locationError(28765, `${name} only supports numeric types, not ${typeName(value)}`);
  return value;
}

const asFloat = (value: Numeric): number => (value instanceof Decimal ? decimalToNumber(value) : toNumber(value));

const float = (apply: (value: number) => number): Operator =>
  unaryNull((value, name) => double(apply(asFloat(numberOf(value, name)))));

const addOperator: Operator = (call) => {
  const args = call.args();
  return (scope) => {
    let sum: Numeric = 0;
    let isDate = false;
    for (const arg of args) {
      const value = arg(scope);
      if (isNullish(value)) return null;
      if (value instanceof DateTime) {
        if (isDate) throw locationError(16612, "only one date allowed in an $add expression");
        isDate = true;
        sum = add(sum, BigInt(value.ms));
      } else sum = add(sum, numberOf(value, "$add"));
    }
    return isDate ? new DateTime(Math.trunc(asFloat(sum))) : sum;
  };
};

const subtractOperator = binaryNull((left, right, name) => {
  if (!(left instanceof DateTime)) return subtract(numberOf(left, name), numberOf(right, name));
  if (right instanceof DateTime) return BigInt(left.ms - right.ms);
  return new DateTime(left.ms - Math.trunc(asFloat(numberOf(right, name))));
});

type Rounding = "even" | "trunc" | "floor" | "ceil";

function roundTo(value: Numeric, place: number, mode: Rounding): Numeric {
  if (value instanceof Decimal) return decimalRound(value, place, mode);
  const number = toNumber(value);
  if (!Number.isFinite(number) || (place >= 0 && (typeof value === "bigint" || Number.isInteger(number)))) return value;
  const rounded = asFloat(decimalRound(toDecimal(value), place, mode));
  if (typeof value === "bigint") return BigInt(rounded);
  return typeof value === "number" && (value | 0) === value ? rounded : double(rounded);
}

const rounding =
  (mode: Rounding, withPlace: boolean): Operator =>
  (call) => {
    const [arg, place] = argumentsOf(call, 1, withPlace ? 2 : 1);
    return (scope) => {
      const value = arg!(scope);
      const digits = place ? place(scope) : 0;
      if (isNullish(value) || isNullish(digits)) return null;
      return roundTo(numberOf(value, call.name), integerOf(digits, call.name), mode);
    };
  };

const isNegative = (value: Numeric): boolean => (value instanceof Decimal ? partsOf(value).negative : toNumber(value) < 0);

const pow = binaryNull((base, exponent, name) => {
  const result = asFloat(numberOf(base, name)) ** asFloat(numberOf(exponent, name));
  const integers = [base, exponent].every(
    (value) => typeof value === "bigint" || (typeof value === "number" && (value | 0) === value),
  );
  if (!integers || !Number.isInteger(result)) return double(result);
  return (result | 0) === result && typeof base === "number"
    ? result
    : Number.isSafeInteger(result)
      ? BigInt(result)
      : double(result);
});

const bitwise =
  (start: bigint, apply: (a: bigint, b: bigint) => bigint): Operator =>
  (call) => {
    const args = call.args();
    return (scope) => {
      let result = start;
      let long = false;
      for (const arg of args) {
        const value = arg(scope);
        if (isNullish(value)) return null;
        if (typeof value !== "bigint" && (typeof value !== "number" || (value | 0) !== value)) {
          throw locationError(5168, `${call.name} only supports int and long operands, not ${typeName(value)}`);
        }
        long ||= typeof value === "bigint";
        result = apply(result, BigInt(value));
      }
      return long ? result : Number(result);
    };
  };

export const ARITHMETIC: Record<string, Operator> = {
  $add: addOperator,
  $subtract: subtractOperator,
  $multiply: (call) => {
    const args = call.args();
    return (scope) => {
      let product: Numeric = 1;
      for (const arg of args) {
        const value = arg(scope);
        if (isNullish(value)) return null;
        product = multiply(product, numberOf(value, "$multiply"));
      }
      return product;
    };
  },
  $divide: binaryNull((left, right, name) => {
    const divisor = numberOf(right, name);
    if (isZero(divisor)) throw locationError(16608, "can't $divide by zero");
    return divide(numberOf(left, name), divisor);
  }),
  $mod: binaryNull((left, right, name) => {
    const divisor = numberOf(right, name);
    if (isZero(divisor)) throw locationError(16610, "can't $mod by zero");
    return remainder(numberOf(left, name), divisor);
  }),
  $abs: unaryNull((value, name) => {
    const number = numberOf(value, name);
    return isNegative(number) ? subtract(0, number) : number;
  }),
  $ceil: rounding("ceil", false),
  $floor: rounding("floor", false),
  $round: rounding("even", true),
  $trunc: rounding("trunc", true),
  $sqrt: unaryNull((value, name) => {
    const number = asFloat(numberOf(value, name));
    if (number < 0) throw locationError(28714, "$sqrt's argument must be greater than or equal to 0");
    return double(Math.sqrt(number));
  }),
  $exp: float(Math.exp),
  $ln: float(Math.log),
  $log10: float(Math.log10),
  $log: binaryNull((value, base, name) =>
    double(Math.log(asFloat(numberOf(value, name))) / Math.log(asFloat(numberOf(base, name)))),
  ),
  $pow: pow,
  $bitAnd: bitwise(-1n, (a, b) => a & b),
  $bitOr: bitwise(0n, (a, b) => a | b),
  $bitXor: bitwise(0n, (a, b) => a ^ b),
  $bitNot: unaryNull((value, name) => {
    if (typeof value === "bigint") return ~value;
    return ~integerOf(value, name);
  }),
  $sin: float(Math.sin),
  $cos: float(Math.cos),
  $tan: float(Math.tan),
  $degreesToRadians: float((value) => (value * Math.PI) / 180),
  $radiansToDegrees: float((value) => (value * 180) / Math.PI),
  $rand: () => () => double(Math.random()),
};

/** The larger or smaller of two values; null and missing lose. */
export const extreme = (direction: 1 | -1, left: Value | undefined, right: Value | undefined): Value | undefined => {
  if (isNullish(left)) return isNullish(right) ? left : right;
  if (isNullish(right)) return left;
  return compareValues(left, right) * direction >= 0 ? left : right;
};
