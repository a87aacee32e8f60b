/** Conversions between types: $convert, its short forms, $type, $isNumber. */
import { decimalFromBigInt, decimalFromNumber, decimalText, decimalToNumber, parseDecimal, partsOf } from "../bson/decimal";
import {
  BsonType,
  DateTime,
  Dbl,
  Decimal,
  Doc,
  double,
  fitsInt64,
  isNumeric,
  Oid,
  toNumber,
  typeName,
  type Value,
} from "../bson/value";
import { CommandError } from "../command-error";
import { truthy } from "../query/leaf";
import { argumentsOf, isNullish, unary } from "./argument";
import { isoText, parseIso } from "./calendar";
import type { Operator } from "./expression";

const failure = (message: string): CommandError => new CommandError(241, "ConversionFailure", message);
const unsupported = (value: Value, target: string): CommandError =>
  failure(`Unsupported conversion from ${typeName(value)} to ${target} in $convert with no onError value`);

/** A double as MongoDB prints it. */
function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  return String(value);
}

/** Numbers, dates, booleans, ids and text as text. */
export function convertToText(value: Value): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return floatText(value);
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value instanceof Dbl) return floatText(value.value);
  if (value instanceof Decimal) return decimalText(value);
  if (value instanceof DateTime) return isoText(value.ms);
  if (value instanceof Oid) return value.hex;
  throw unsupported(value, "string");
}

function toInteger(value: Value, target: "int" | "long"): bigint {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "bigint") return value;
  if (value instanceof DateTime && target === "long") return BigInt(value.ms);
  if (typeof value === "string") {
    if (!/^[+-]?\d+$/.test(value)) throw failure(`Failed to parse number '${value}' in $convert with no onError value`);
    return BigInt(value);
  }
  if (!isNumeric(value)) throw unsupported(value, target);
  if (value instanceof Decimal) {
    const parts = partsOf(value);
    if (parts.kind !== "finite")
      throw failure("Attempt to convert NaN or infinity value to integer type in $convert with no onError value");
    const scaled =
      parts.exponent >= 0
        ? parts.coefficient * 10n ** BigInt(parts.exponent)
        : parts.coefficient / 10n ** BigInt(-parts.exponent);
    return parts.negative ? -scaled : scaled;
  }
  const number = toNumber(value);
  if (!Number.isFinite(number))
    throw failure("Attempt to convert NaN or infinity value to integer type in $convert with no onError value");
  return BigInt(Math.trunc(number));
}

function toInt(value: Value): number {
  const integer = toInteger(value, "int");
  const number = Number(integer);
  if ((number | 0) !== number)
    throw failure(`Conversion would overflow target type in $convert with no onError value: ${integer}`);
  return number;
}

function toLong(value: Value): bigint {
  const integer = toInteger(value, "long");
  if (!fitsInt64(integer)) throw failure(`Conversion would overflow target type in $convert with no onError value: ${integer}`);
  return integer;
}

function toDouble(value: Value): Value {
  if (typeof value === "boolean") return double(value ? 1 : 0);
  if (value instanceof DateTime) return double(value.ms);
  if (value instanceof Decimal) return double(decimalToNumber(value));
  if (isNumeric(value)) return double(toNumber(value));
  if (typeof value !== "string") throw unsupported(value, "double");
  const number = value.trim() === "" || value !== value.trim() ? Number.NaN : Number(value);
  if (Number.isNaN(number) && value !== "NaN")
    throw failure(`Failed to parse number '${value}' in $convert with no onError value`);
  return double(number);
}

function toDecimalValue(value: Value): Decimal {
  if (value instanceof Decimal) return value;
  if (typeof value === "boolean") return decimalFromBigInt(value ? 1n : 0n);
  if (typeof value === "bigint") return decimalFromBigInt(value);
  if (value instanceof DateTime) return decimalFromBigInt(BigInt(value.ms));
  if (isNumeric(value)) return decimalFromNumber(toNumber(value));
  const parsed = typeof value === "string" ? parseDecimal(value) : null;
  if (!parsed)
    throw typeof value === "string"
      ? failure(`Failed to parse number '${value}' in $convert with no onError value`)
      : unsupported(value, "decimal");
  return parsed;
}

/** Milliseconds, ISO text or the time in an ObjectId as a date. */
export function toDate(value: Value): DateTime {
  if (value instanceof DateTime) return value;
  if (value instanceof Oid) return new DateTime(Number.parseInt(value.hex.slice(0, 8), 16) * 1000);
  if (value instanceof Decimal) return new DateTime(Math.trunc(decimalToNumber(value)));
  if (typeof value === "bigint" || value instanceof Dbl || (typeof value === "number" && (value | 0) !== value)) {
    return new DateTime(Math.trunc(toNumber(value)));
  }
  if (typeof value !== "string") throw unsupported(value, "date");
  const ms = parseIso(value);
  if (ms === null) throw failure(`Error parsing date string '${value}'`);
  return new DateTime(ms);
}

function toObjectId(value: Value): Oid {
  if (value instanceof Oid) return value;
  if (typeof value !== "string") throw unsupported(value, "objectId");
  if (!/^[0-9a-fA-F]{24}$/.test(value)) throw failure(`Failed to parse objectId '${value}' in $convert with no onError value`);
  return new Oid(value.toLowerCase());
}

const TARGETS: Record<string, (value: Value) => Value> = {
  string: convertToText,
  int: toInt,
  long: toLong,
  double: toDouble,
  decimal: toDecimalValue,
  bool: (value) => (isNumeric(value) || typeof value === "boolean" ? truthy(value) : true),
  date: toDate,
  objectId: toObjectId,
};

const CODES = new Map<number, string>(Object.entries(BsonType).map(([name, code]) => [code, name]));

const short = (target: string): Operator => unary((value) => (isNullish(value) ? null : TARGETS[target]!(value)));

const convert: Operator = (call) => {
  const parts = call.named(["input", "to"], ["onError", "onNull"]);
  return (scope) => {
    const input = parts.get("input")!(scope);
    if (isNullish(input)) return parts.get("onNull")?.(scope) ?? null;
    let wanted = parts.get("to")!(scope);
    if (wanted instanceof Doc) wanted = wanted.get("type");
    if (isNullish(wanted)) return null;
    const name = typeof wanted === "string" ? wanted : (CODES.get(toNumber(wanted)) ?? "");
    const target = TARGETS[name];
    if (!target) throw new CommandError(2, "BadValue", `Unknown type name: ${name || String(wanted)}`);
    try {
      return target(input);
    } catch (error) {
      // A value that cannot be converted is what onError is for.
      const instead = parts.get("onError");
      if (!instead || !(error instanceof CommandError)) throw error;
      return instead(scope);
    }
  };
};

export const CONVERSIONS: Record<string, Operator> = {
  $convert: convert,
  $toString: short("string"),
  $toInt: short("int"),
  $toLong: short("long"),
  $toDouble: short("double"),
  $toDecimal: short("decimal"),
  $toBool: short("bool"),
  $toDate: short("date"),
  $toObjectId: short("objectId"),
  $type: (call) => {
    const [arg] = argumentsOf(call, 1);
    return (scope) => typeName(arg!(scope));
  },
  $isNumber: unary((value) => isNumeric(value)),
};
