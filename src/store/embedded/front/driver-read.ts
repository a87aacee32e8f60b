/**
 * BSON -> the JS values that the stock driver gives with its default options, several times faster than its own
 * reader. Types that are rare in documents are left to the driver: `readForDriver` then gives undefined.
 */
import { mongo } from "mongoose";
import { endOfName, nameText, utf8Text } from "../bson/text";

const { Long, ObjectId } = mongo;

type Fields = Record<string, unknown>;

let bytes: Uint8Array = new Uint8Array(0);
let view: DataView = new DataView(bytes.buffer);
let at = 0;
let rare = false;

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
  if (bytes !== source) {
    bytes = source;
    view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  }
  at = offset;
  rare = false;
  const out = readObject();
  return rare ? undefined : out;
}

function readObject(): Fields {
  const end = at + view.getInt32(at, true) - 1;
  at += 4;
  const out: Fields = {};
  while (at < end && !rare) {
    const type = bytes[at++]!;
    const stop = endOfName(bytes, at);
    const name = nameText(bytes, at, stop);
    at = stop + 1;
    // Assigning __proto__ would change the object's kind, and $ref makes a DBRef of it: both are for the driver.
    if (name === "__proto__" || name === "$ref") {
      rare = true;
      return out;
    }
    out[name] = readValue(type);
  }
  at = end + 1;
  return out;
}

function readArray(): unknown[] {
  const end = at + view.getInt32(at, true) - 1;
  at += 4;
  const out: unknown[] = [];
  while (at < end && !rare) {
    const type = bytes[at++]!;
    at = endOfName(bytes, at) + 1;
    out.push(readValue(type));
  }
  at = end + 1;
  return out;
}

const SHORT_TEXT = 12;

function readText(): string {
  const length = view.getInt32(at, true) - 1;
  const from = at + 4;
  at = from + length + 1;
  if (length <= SHORT_TEXT) {
    let text = "";
    let i = from;
    for (; i < from + length && bytes[i]! < 128; i++) text += String.fromCharCode(bytes[i]!);
    if (i === from + length) return text;
  }
  return utf8Text(bytes, from, from + length);
}

function readLong(): unknown {
  const high = view.getInt32(at + 4, true);
  const low = view.getUint32(at, true);
  at += 8;
  const number = high * 4294967296 + low;
  return Number.isSafeInteger(number) ? number : new Long(low | 0, high);
}

function readValue(type: number): unknown {
  switch (type) {
    case 0x02:
      return readText();
    case 0x10:
      at += 4;
      return view.getInt32(at - 4, true);
    case 0x09:
      at += 8;
      return new Date(view.getInt32(at - 4, true) * 4294967296 + view.getUint32(at - 8, true));
    case 0x08:
      return bytes[at++] === 1;
    case 0x0a:
      return null;
    case 0x03:
      return readObject();
    case 0x04:
      return readArray();
    case 0x01:
      at += 8;
      return view.getFloat64(at - 8, true);
    case 0x12:
      return readLong();
    case 0x07:
      at += 12;
      return new ObjectId(bytes.slice(at - 12, at));
  }
  rare = true;
  return undefined;
}
