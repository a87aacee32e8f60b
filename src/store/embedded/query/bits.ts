/** `$bitsAllSet` and its relatives on integers and binary data. */
import { Bin, isNumeric, toNumber, type Value } from "../bson/value";
import { commandError } from "../command-error";

/** The positions (lowest bit 0) that a mask names: a number, binary data or a list of positions. */
function positionsOf(op: string, mask: Value): number[] {
  if (Array.isArray(mask)) {
    return mask.map((item) => {
      const position = toNumber(item);
      if (!Number.isInteger(position) || position < 0)
        throw commandError("BadValue", `bit positions must be an integer >= 0 in ${op}`);
      return position;
    });
  }
  if (mask instanceof Bin)
    return setBits((position) => (mask.bytes[position >> 3]! >> (position & 7)) & 1, mask.bytes.length * 8);
  const number = typeof mask === "bigint" ? mask : Number.isInteger(toNumber(mask)) ? BigInt(toNumber(mask)) : -1n;
  if (!isNumeric(mask) || number < 0n)
    throw commandError("FailedToParse", `${op} takes an Array, a number, or a BinData but received another value`);
  return setBits((position) => Number((number >> BigInt(position)) & 1n), 64);
}

const setBits = (bit: (position: number) => number, count: number): number[] =>
  Array.from({ length: count }, (_, position) => position).filter((position) => bit(position) === 1);

/** Whether a bit of the stored value is set; null when the value has no bits. Negative numbers extend their sign. */
function bitReader(value: Value | undefined): ((position: number) => boolean) | null {
  if (value instanceof Bin) return (position) => ((value.bytes[position >> 3] ?? 0) >> (position & 7)) % 2 === 1;
  if (value === undefined || !isNumeric(value)) return null;
  const number = toNumber(value);
  if (typeof value !== "bigint" && !Number.isInteger(number)) return null;
  const integer = typeof value === "bigint" ? value : BigInt(number);
  return (position) => ((integer >> BigInt(Math.min(position, 63))) & 1n) === 1n;
}

export function bitTest(op: string, mask: Value): (value: Value | undefined) => boolean {
  const positions = positionsOf(op, mask);
  const wanted = op.endsWith("Set");
  const all = op.startsWith("$bitsAll");
  return (value) => {
    const bit = bitReader(value);
    if (!bit) return false;
    const matches = (position: number) => bit(position) === wanted;
    return all ? positions.every(matches) : positions.some(matches);
  };
}
