/** Decimal128 exactly: reading and writing the 16 bytes, text, rounding to 34 digits, the four operations. */
import { Decimal } from "./value";

const BIAS = 6176;
const MAX_EXPONENT = 6111;
const MIN_EXPONENT = -6176;
const DIGITS = 34;
const COEFFICIENT_MASK = (1n << 49n) - 1n;
const MAX_COEFFICIENT = 10n ** 34n - 1n;

/** A finite decimal is `(negative ? -1 : 1) * coefficient * 10 ** exponent`. */
export interface DecimalParts {
  kind: "finite" | "infinity" | "nan";
  negative: boolean;
  coefficient: bigint;
  exponent: number;
}

const finite = (negative: boolean, coefficient: bigint, exponent: number): DecimalParts => ({
  kind: "finite",
  negative,
  coefficient,
  exponent,
});
const special = (kind: "infinity" | "nan", negative = false): DecimalParts => ({ kind, negative, coefficient: 0n, exponent: 0 });

export function partsOf({ bytes }: Decimal): DecimalParts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const low = view.getBigUint64(0, true);
  const high = view.getBigUint64(8, true);
  const negative = high >> 63n === 1n;
  const combination = Number((high >> 58n) & 31n);
  if (combination === 30) return special("infinity", negative);
  if (combination === 31) return special("nan");
  // The form with an implied leading 8 or 9 exceeds 34 digits and is read as zero (IEEE 754-2008, 3.5.2).
  if (combination >= 24) return finite(negative, 0n, Number((high >> 47n) & 0x3fffn) - BIAS);
  const coefficient = ((high & COEFFICIENT_MASK) << 64n) | low;
  return finite(negative, coefficient > MAX_COEFFICIENT ? 0n : coefficient, Number((high >> 49n) & 0x3fffn) - BIAS);
}

export function fromParts(parts: DecimalParts): Decimal {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  const sign = parts.negative ? 1n << 63n : 0n;
  const rounded = parts.kind === "finite" ? round(parts) : parts;
  if (rounded.kind !== "finite") {
    view.setBigUint64(8, sign | ((rounded.kind === "nan" ? 31n : 30n) << 58n), true);
    return new Decimal(bytes);
  }
  view.setBigUint64(0, rounded.coefficient & 0xffffffffffffffffn, true);
  view.setBigUint64(8, sign | (BigInt(rounded.exponent + BIAS) << 49n) | (rounded.coefficient >> 64n), true);
  return new Decimal(bytes);
}

/** Rounds half to even to 34 digits and into the exponent range; overflow gives infinity. */
function round(parts: DecimalParts): DecimalParts {
  let { coefficient, exponent } = parts;
  let drop = Math.max(coefficient.toString().length - DIGITS, MIN_EXPONENT - exponent, 0);
  while (drop > 0) {
    const unit = 10n ** BigInt(drop);
    const rest = coefficient % unit;
    coefficient /= unit;
    exponent += drop;
    const twice = rest * 2n;
    if (twice > unit || (twice === unit && coefficient % 2n === 1n)) coefficient += 1n;
    drop = Math.max(coefficient.toString().length - DIGITS, 0);
  }
  if (coefficient === 0n) return finite(parts.negative, 0n, Math.min(Math.max(exponent, MIN_EXPONENT), MAX_EXPONENT));
  while (exponent > MAX_EXPONENT && coefficient * 10n <= MAX_COEFFICIENT) {
    coefficient *= 10n;
    exponent--;
  }
  return exponent > MAX_EXPONENT ? special("infinity", parts.negative) : finite(parts.negative, coefficient, exponent);
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Reads the text of a decimal; null when it is not one. */
export function parseDecimal(text: string): Decimal | null {
  const word = text.toLowerCase();
  if (/^[+-]?inf(inity)?$/.test(word)) return fromParts(special("infinity", word.startsWith("-")));
  if (/^[+-]?nan$/.test(word)) return fromParts(special("nan"));
  const found = NUMBER.exec(text);
  const digits = (found?.[2] ?? "") + (found?.[3] ?? "");
  if (!found || digits === "") return null;
  return fromParts(finite(found[1] === "-", BigInt(digits), Number(found[4] ?? 0) - (found[3]?.length ?? 0)));
}

/** The text as the BSON specification prints it: scientific when the exponent is positive or far below zero. */
export function decimalText(decimal: Decimal): string {
  const { kind, negative, coefficient, exponent } = partsOf(decimal);
  if (kind === "nan") return "NaN";
  const sign = negative ? "-" : "";
  if (kind === "infinity") return `${sign}Infinity`;
  const digits = coefficient.toString();
  const scientific = exponent + digits.length - 1;
  if (exponent > 0 || scientific < -6) {
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
    return `${sign}${mantissa}E${scientific < 0 ? "" : "+"}${scientific}`;
  }
  if (exponent === 0) return sign + digits;
  const point = digits.length + exponent;
  return sign + (point > 0 ? `${digits.slice(0, point)}.${digits.slice(point)}` : `0.${"0".repeat(-point)}${digits}`);
}

export const decimalToNumber = (decimal: Decimal): number => Number(decimalText(decimal));

/** A double becomes the decimal with its 15 significant digits, as MongoDB converts it. */
export const decimalFromNumber = (value: number): Decimal =>
  parseDecimal(Number.isFinite(value) && !Number.isInteger(value) ? String(Number(value.toPrecision(15))) : String(value)) ??
  fromParts(special("nan"));

export const decimalFromBigInt = (value: bigint): Decimal => fromParts(finite(value < 0n, value < 0n ? -value : value, 0));

const signed = (parts: DecimalParts): bigint => (parts.negative ? -parts.coefficient : parts.coefficient);
const fromSigned = (value: bigint, exponent: number): Decimal =>
  fromParts(finite(value < 0n, value < 0n ? -value : value, exponent));

export function decimalAdd(left: Decimal, right: Decimal): Decimal {
  const a = partsOf(left);
  const b = partsOf(right);
  if (a.kind === "nan" || b.kind === "nan") return fromParts(special("nan"));
  if (a.kind === "infinity") return b.kind === "infinity" && a.negative !== b.negative ? fromParts(special("nan")) : left;
  if (b.kind === "infinity") return right;
  const [high, low] = a.exponent >= b.exponent ? [a, b] : [b, a];
  // Beyond this distance the smaller number cannot change the 34 digits of the larger one.
  if (high.exponent - low.exponent > 2 * DIGITS + 2 && high.coefficient !== 0n) return fromParts(high);
  const scaled = signed(high) * 10n ** BigInt(high.exponent - low.exponent);
  return fromSigned(scaled + signed(low), low.exponent);
}

export function decimalMultiply(left: Decimal, right: Decimal): Decimal {
  const a = partsOf(left);
  const b = partsOf(right);
  const negative = a.negative !== b.negative;
  if (a.kind === "nan" || b.kind === "nan") return fromParts(special("nan"));
  if (a.kind === "infinity" || b.kind === "infinity") {
    const zero = (p: DecimalParts) => p.kind === "finite" && p.coefficient === 0n;
    return fromParts(zero(a) || zero(b) ? special("nan") : special("infinity", negative));
  }
  return fromParts(finite(negative, a.coefficient * b.coefficient, a.exponent + b.exponent));
}

export function decimalDivide(left: Decimal, right: Decimal): Decimal {
  const a = partsOf(left);
  const b = partsOf(right);
  const negative = a.negative !== b.negative;
  if (a.kind === "nan" || b.kind === "nan") return fromParts(special("nan"));
  if (a.kind === "infinity") return fromParts(b.kind === "infinity" ? special("nan") : special("infinity", negative));
  if (b.kind === "infinity") return fromParts(finite(negative, 0n, 0));
  if (b.coefficient === 0n) return fromParts(a.coefficient === 0n ? special("nan") : special("infinity", negative));
  const shift = Math.max(0, DIGITS + 3 + b.coefficient.toString().length - a.coefficient.toString().length);
  const scaled = a.coefficient * 10n ** BigInt(shift);
  let quotient = scaled / b.coefficient;
  let exponent = a.exponent - b.exponent - shift;
  // A sticky digit keeps half-even rounding right when the division does not come out even.
  if (scaled % b.coefficient !== 0n) {
    quotient = quotient * 10n + 1n;
    exponent--;
  } else {
    while (exponent < a.exponent - b.exponent && quotient !== 0n && quotient % 10n === 0n) {
      quotient /= 10n;
      exponent++;
    }
  }
  return fromParts(finite(negative, quotient, exponent));
}

/** Remainder with the sign of the dividend. */
export function decimalRemainder(left: Decimal, right: Decimal): Decimal {
  const a = partsOf(left);
  const b = partsOf(right);
  if (a.kind !== "finite" || b.kind === "nan" || (b.kind === "finite" && b.coefficient === 0n)) return fromParts(special("nan"));
  if (b.kind === "infinity") return left;
  const exponent = Math.min(a.exponent, b.exponent);
  const x = a.coefficient * 10n ** BigInt(a.exponent - exponent);
  const y = b.coefficient * 10n ** BigInt(b.exponent - exponent);
  return fromParts(finite(a.negative, x % y, exponent));
}

/** Rounds to `place` digits after the point: "even" (half to even), "trunc", "floor", "ceil". */
export function decimalRound(value: Decimal, place: number, mode: "even" | "trunc" | "floor" | "ceil"): Decimal {
  const parts = partsOf(value);
  if (parts.kind !== "finite" || parts.exponent >= -place) return value;
  const unit = 10n ** BigInt(-place - parts.exponent);
  const rest = parts.coefficient % unit;
  let quotient = parts.coefficient / unit;
  const up =
    (mode === "even" && (rest * 2n > unit || (rest * 2n === unit && quotient % 2n === 1n))) ||
    (mode === "floor" && parts.negative && rest !== 0n) ||
    (mode === "ceil" && !parts.negative && rest !== 0n);
  if (up) quotient += 1n;
  return fromParts(finite(parts.negative, quotient, -place));
}
