/**
 * BSON -> the JS values that the stock driver gives with its default options, several times faster than its own
 * reader. Types that are rare in documents are left to the driver: `readForDriver` then gives undefined.
 */
import { mongo } from "mongoose";
import { nameEnd, readName, utf8Text } from "../bson/text";

const { Long } = mongo;
/** The driver's own reader makes an ObjectId in this way, from the place where it lies; the types do not tell. */
const ObjectId = mongo.ObjectId as unknown as new (bytes: Uint8Array, offset: number) => mongo.ObjectId;

type Fields = Record<string, unknown>;

let bytes: Uint8Array = new Uint8Array(0);
let at = 0;
let rare = false;

const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

/** True when the options of the call are the defaults that this reader knows. */
export const isDefaultReading = (options: Fields | undefined): boolean =>
  options === undefined ||
  (options.promoteValues !== false &&
    options.promoteLongs !== false &&
    options.promoteBuffers !== true &&
    options.useBigInt64 !== true &&
    options.bsonRegExp !== true &&
    options.raw !== true &&
    !(options.fieldsAsRaw && Object.keys(options.fieldsAsRaw).length > 0));

/** Reads the document at `offset`; undefined when it holds a type that the driver has to read. */
export function readForDriver(source: Uint8Array, offset: number): Fields | undefined {
  bytes = source;
  at = offset;
  rare = false;
  const out = readObject();
  return rare ? undefined : out;
}

const int32 = (source: Uint8Array, from: number): number =>
  source[from]! | (source[from + 1]! << 8) | (source[from + 2]! << 16) | (source[from + 3]! << 24);

/** Where the document or list at `at` ends; one that cannot be true is left to the driver, which says what is wrong. */
function readEnd(): number {
  const end = at + int32(bytes, at) - 1;
  at += 4;
  if (end < at || end >= bytes.length || bytes[end] !== 0) rare = true;
  return end;
}

function readObject(): Fields {
  const out: Fields = {};
  const end = readEnd();
  if (rare) return out;
  while (at < end) {
    const type = bytes[at]!;
    const name = readName(bytes, at + 1);
    at = nameEnd + 1;
    // Assigning __proto__ would change the object's kind, and $ref makes a DBRef of it: both are for the driver.
    if (name === "__proto__" || name === "$ref") rare = true;
    else out[name] = readValue(type);
    if (rare) return out;
  }
  if (at !== end) rare = true;
  at = end + 1;
  return out;
}

function readArray(): unknown[] {
  const out: unknown[] = [];
  const end = readEnd();
  if (rare) return out;
  while (at < end) {
    const type = bytes[at++]!;
    while (bytes[at] !== 0) at++;
    at++;
    out.push(readValue(type));
    if (rare) return out;
  }
  if (at !== end) rare = true;
  at = end + 1;
  return out;
}

function readText(): string {
  const length = int32(bytes, at) - 1;
  const from = at + 4;
  at = from + length + 1;
  if (length < 0 || at > bytes.length || bytes[at - 1] !== 0) {
    rare = true;
    return "";
  }
  if (length === 0) return "";
  const text = utf8Text(bytes, from, from + length);
  // Either it was written so, or the bytes are not UTF-8: the driver tells them apart.
  if (text.includes("\ufffd")) rare = true;
  return text;
}

const EXACT = 2 ** 53;

function readLong(): unknown {
  const low = int32(bytes, at);
  const high = int32(bytes, at + 4);
  at += 8;
  const number = high * 4294967296 + (low >>> 0);
  if (number < EXACT && number > -EXACT) return number;
  // At the border itself the sum above may have been rounded.
  if (number === EXACT || number === -EXACT) rare = true;
  return new Long(low, high);
}

function readFloat(): number {
  for (let i = 0; i < 8; i++) floatBytes[i] = bytes[at++]!;
  return float[0]!;
}

function readDate(): Date {
  const low = int32(bytes, at);
  const high = int32(bytes, at + 4);
  at += 8;
  return new Date(high * 4294967296 + (low >>> 0));
}

function readBoolean(): boolean {
  const byte = bytes[at++]!;
  if (byte > 1) rare = true;
  return byte === 1;
}

function readValue(type: number): unknown {
  switch (type) {
    case 0x02:
      return readText();
    case 0x10:
      at += 4;
      return int32(bytes, at - 4);
    case 0x09:
      return readDate();
    case 0x08:
      return readBoolean();
    case 0x0a:
      return null;
    case 0x03:
      return readObject();
    case 0x04:
      return readArray();
    case 0x01:
      return readFloat();
    case 0x12:
      return readLong();
    case 0x07:
      at += 12;
      return new ObjectId(bytes, at - 12);
  }
  rare = true;
  return undefined;
}
