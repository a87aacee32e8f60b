/** `$mod: [divisor, remainder]`: numbers are truncated to integers first. */
import { decimalToNumber } from "../bson/decimal";
import { Decimal, isNumeric, toNumber, type Value } from "../bson/value";
import { commandError } from "../command-error";

const truncate = (value: Value): bigint | null => {
  if (typeof value === "bigint") return value;
  const number = value instanceof Decimal ? decimalToNumber(value) : toNumber(value);
  return Number.isFinite(number) ? BigInt(Math.trunc(number)) : null;
};

export function modTest(argument: Value): (value: Value | undefined) => boolean {
  if (!Array.isArray(argument)) throw commandError("BadValue", "malformed mod, needs to be an array");
  if (argument.length < 2) throw commandError("BadValue", "malformed mod, not enough elements");
  if (argument.length > 2) throw commandError("BadValue", "malformed mod, too many elements");
  const [first, second] = argument;
  if (first === undefined || !isNumeric(first)) throw commandError("BadValue", "malformed mod, divisor not a number");
  const divisor = truncate(first);
  const remainder = second !== undefined && isNumeric(second) ? truncate(second) : null;
  if (remainder === null) throw commandError("BadValue", "malformed mod, remainder not a number");
  if (divisor === null || divisor === 0n) throw commandError("BadValue", "divisor cannot be 0");
  return (value) => {
    if (value === undefined || !isNumeric(value)) return false;
    const whole = truncate(value);
    return whole !== null && whole % divisor === remainder;
  };
}
