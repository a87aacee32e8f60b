/** BSON bytes -> values, whole or only the wanted top-level fields. Throws RangeError on bytes that are not BSON. */
import { endOfName, hexText, nameEnd, readName, utf8Text } from "./text";
import {
  Bin,
  Code,
  DateTime,
  DbPointer,
  Decimal,
  Doc,
  double,
  MAX_KEY,
  MIN_KEY,
  Oid,
  Regex,
  Sym,
  Timestamp,
  UNDEFINED,
  type Value,
} from "./value";

const MAX_DEPTH = 200;
const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

let bytes: Uint8Array = new Uint8Array(0);
let at = 0;
let depth = 0;

const int32 = (b: Uint8Array, i: number): number => b[i]! | (b[i + 1]! << 8) | (b[i + 2]! << 16) | (b[i + 3]! << 24);

/** The length that the document at `offset` declares, checked against the room there is. */
export function documentLength(source: Uint8Array, offset: number): number {
  if (offset + 5 > source.length) throw new RangeError("BSON: a document ends too early");
  const length = int32(source, offset);
  if (length < 5 || offset + length > source.length || source[offset + length - 1] !== 0) {
    throw new RangeError("BSON: a document declares a wrong length");
  }
  return length;
}

/** Decodes the document that starts at `offset`. */
export function decode(source: Uint8Array, offset = 0): Doc {
  documentLength(source, offset);
  bytes = source;
  at = offset;
  depth = 0;
  return readDoc();
}

/** Decodes only the top-level fields in `wanted`, skipping the others without looking at them. */
export function decodeFields(source: Uint8Array, wanted: ReadonlySet<string>, offset = 0): Doc {
  const end = offset + documentLength(source, offset) - 1;
  bytes = source;
  at = offset + 4;
  depth = 0;
  const doc = new Doc();
  let missing = wanted.size;
  while (at < end && missing > 0) {
    const type = source[at]!;
    const name = readName(source, at + 1);
    at = nameEnd + 1;
    if (wanted.has(name)) {
      doc.push(name, readValue(type));
      missing--;
    } else at += sizeOf(source, type, at);
  }
  return doc;
}

/** Decodes the first field of each wanted name, and tells where each lies: `spans` holds begin and end in turns. */
export function decodeSpans(source: Uint8Array, wanted: ReadonlySet<string>): { doc: Doc; spans: number[] } {
  const end = documentLength(source, 0) - 1;
  bytes = source;
  at = 4;
  depth = 0;
  const doc = new Doc();
  const spans: number[] = [];
  while (at < end && doc.size < wanted.size) {
    const from = at;
    const name = readName(source, from + 1);
    at = nameEnd + 1;
    if (wanted.has(name) && !doc.has(name)) {
      doc.push(name, readValue(source[from]!));
      spans.push(from, at);
    } else at += sizeOf(source, source[from]!, at);
  }
  return { doc, spans };
}

/** One element of a document as it lies in the bytes: `from` at the type byte, `to` after the value. */
export interface Element {
  type: number;
  name: string;
  from: number;
  valueAt: number;
  to: number;
}

/** Walks the top-level elements of the document at `offset` without decoding values; `visit` ends the walk by returning false. */
export function walkElements(source: Uint8Array, visit: (element: Element) => boolean | undefined, offset = 0): void {
  const end = offset + documentLength(source, offset) - 1;
  let i = offset + 4;
  while (i < end) {
    const type = source[i]!;
    const name = readName(source, i + 1);
    const valueAt = nameEnd + 1;
    const to = valueAt + sizeOf(source, type, valueAt);
    if (visit({ type, name, from: i, valueAt, to }) === false) return;
    i = to;
  }
}

function readDoc(): Doc {
  if (++depth > MAX_DEPTH) throw new RangeError("BSON: nested too deeply");
  const end = at + documentLength(bytes, at) - 1;
  at += 4;
  const keys: string[] = [];
  const values: Value[] = [];
  while (at < end) {
    const type = bytes[at]!;
    keys.push(readName(bytes, at + 1));
    at = nameEnd + 1;
    values.push(readValue(type));
  }
  if (at !== end) throw new RangeError("BSON: a document does not end where it says");
  at = end + 1;
  depth--;
  return new Doc(keys, values);
}

function readArray(): Value[] {
  if (++depth > MAX_DEPTH) throw new RangeError("BSON: nested too deeply");
  const end = at + documentLength(bytes, at) - 1;
  at += 4;
  const values: Value[] = [];
  while (at < end) {
    const type = bytes[at++]!;
    at = endOfName(bytes, at) + 1;
    values.push(readValue(type));
  }
  at = end + 1;
  depth--;
  return values;
}

function readText(): string {
  const length = int32(bytes, at);
  if (length < 1 || at + 4 + length > bytes.length) throw new RangeError("BSON: a string declares a wrong length");
  const text = utf8Text(bytes, at + 4, at + 3 + length);
  at += 4 + length;
  return text;
}

function readPlainText(): string {
  const stop = endOfName(bytes, at);
  const text = utf8Text(bytes, at, stop);
  at = stop + 1;
  return text;
}

function readFloat(): number {
  for (let i = 0; i < 8; i++) floatBytes[i] = bytes[at++]!;
  return float[0]!;
}

function readOid(): Oid {
  at += 12;
  return new Oid(hexText(bytes, at - 12, at));
}

function readInt64(): bigint {
  const value = (BigInt(int32(bytes, at + 4)) << 32n) | BigInt(int32(bytes, at) >>> 0);
  at += 8;
  return value;
}

function readDate(): DateTime {
  const high = int32(bytes, at + 4);
  const ms = high * 4294967296 + (int32(bytes, at) >>> 0);
  if (Number.isSafeInteger(ms)) {
    at += 8;
    return new DateTime(ms);
  }
  return new DateTime(ms, readInt64());
}

function readBinary(): Bin {
  const length = int32(bytes, at);
  const from = at + 5;
  if (length < 0 || from + length > bytes.length) throw new RangeError("BSON: a binary declares a wrong length");
  at = from + length;
  return new Bin(bytes[from - 1]!, bytes.slice(from, at));
}

function readValue(type: number): Value {
  switch (type) {
    case 0x02:
      return readText();
    case 0x10:
      at += 4;
      return int32(bytes, at - 4);
    case 0x09:
      return readDate();
    case 0x08:
      return bytes[at++] === 1;
    case 0x0a:
      return null;
    case 0x03:
      return readDoc();
    case 0x04:
      return readArray();
    case 0x01:
      return double(readFloat());
    case 0x12:
      return readInt64();
    case 0x07:
      return readOid();
    case 0x05:
      return readBinary();
    case 0x13:
      at += 16;
      return new Decimal(bytes.slice(at - 16, at));
    case 0x0b: {
      const pattern = readPlainText();
      return new Regex(pattern, readPlainText());
    }
    case 0x11:
      at += 8;
      return new Timestamp(int32(bytes, at - 4) >>> 0, int32(bytes, at - 8) >>> 0);
    case 0x06:
      return UNDEFINED;
    case 0xff:
      return MIN_KEY;
    case 0x7f:
      return MAX_KEY;
    case 0x0d:
      return new Code(readText(), null);
    case 0x0e:
      return new Sym(readText());
    case 0x0f: {
      at += 4;
      const source = readText();
      return new Code(source, readDoc());
    }
    case 0x0c: {
      const namespace = readText();
      return new DbPointer(namespace, readOid());
    }
  }
  throw new RangeError(`BSON: unknown type 0x${type.toString(16)}`);
}

/** Bytes that the value of this type takes at `offset`. */
export function sizeOf(source: Uint8Array, type: number, offset: number): number {
  switch (type) {
    case 0x02:
    case 0x0d:
    case 0x0e:
      return 4 + int32(source, offset);
    case 0x03:
    case 0x04:
    case 0x0f:
      return int32(source, offset);
    case 0x10:
      return 4;
    case 0x01:
    case 0x09:
    case 0x11:
    case 0x12:
      return 8;
    case 0x08:
      return 1;
    case 0x06:
    case 0x0a:
    case 0x7f:
    case 0xff:
      return 0;
    case 0x07:
      return 12;
    case 0x05:
      return 5 + int32(source, offset);
    case 0x13:
      return 16;
    case 0x0b:
      return endOfName(source, endOfName(source, offset) + 1) + 1 - offset;
    case 0x0c:
      return 16 + int32(source, offset);
  }
  throw new RangeError(`BSON: unknown type 0x${type.toString(16)}`);
}
