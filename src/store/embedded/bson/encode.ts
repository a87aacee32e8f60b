/** Values -> BSON bytes. One growing buffer is reused; what is returned is a copy of its own. */
import { Bin, Code, DateTime, Dbl, DbPointer, Decimal, Doc, type Mark, Oid, Regex, Sym, Timestamp, type Value } from "./value";

let buffer = Buffer.allocUnsafeSlow(16_384);
/** The same memory: copying a part out of it is one step, out of a Buffer it is three. */
let memory = new Uint8Array(buffer.buffer);
let at = 0;

const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

/** BSON's own limit for one document (16 MiB). */
export const MAX_DOCUMENT_BYTES = 16_777_216;

function need(room: number): void {
  if (at + room <= buffer.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, at + room + 1024));
  buffer.copy(larger, 0, 0, at);
  buffer = larger;
  memory = new Uint8Array(buffer.buffer);
}

/** Encodes a document; the result belongs to the caller. */
export function encode(doc: Doc): Uint8Array {
  at = 0;
  writeDoc(doc);
  return memory.slice(0, at);
}

/** Joins already encoded elements (type, name and value bytes) to one document. */
export function encodeElements(elements: readonly Uint8Array[]): Uint8Array {
  let length = 5;
  for (const element of elements) length += element.length;
  const out = new Uint8Array(length);
  new DataView(out.buffer).setInt32(0, length, true);
  let to = 4;
  for (const element of elements) {
    out.set(element, to);
    to += element.length;
  }
  return out;
}

function writeDoc(doc: Doc): void {
  const start = at;
  need(8);
  at += 4;
  const { keys, values } = doc;
  for (let i = 0; i < keys.length; i++) writeElement(keys[i]!, values[i]!);
  close(start);
}

function writeArray(values: readonly Value[]): void {
  const start = at;
  need(8);
  at += 4;
  for (let i = 0; i < values.length; i++) writeElement(indexName(i), values[i]!);
  close(start);
}

function close(start: number): void {
  need(1);
  memory[at++] = 0;
  putInt32(at - start, start);
}

function putInt32(value: number, where: number): void {
  memory[where] = value;
  memory[where + 1] = value >>> 8;
  memory[where + 2] = value >>> 16;
  memory[where + 3] = value >>> 24;
}

const smallIndexes = Array.from({ length: 1000 }, (_, i) => String(i));
const indexName = (i: number): string => smallIndexes[i] ?? String(i);

/** Up to here writing byte by byte is faster than a call into native code. */
const SHORT_TEXT = 48;

function writeRawText(text: string): void {
  need(text.length * 3 + 1);
  if (text.length <= SHORT_TEXT) {
    const start = at;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) {
        at = start + buffer.write(text, start, "utf8");
        return;
      }
      memory[at++] = code;
    }
    return;
  }
  at += buffer.write(text, at, "utf8");
}

function writeName(name: string): void {
  if (name.includes("\0")) throw new RangeError("BSON: a field name contains a zero character");
  writeRawText(name);
  need(1);
  buffer[at++] = 0;
}

function writeText(text: string): void {
  need(5);
  const start = at;
  at += 4;
  writeRawText(text);
  need(1);
  buffer[at++] = 0;
  putInt32(at - start - 4, start);
}

function writeBytes(bytes: Uint8Array): void {
  need(bytes.length);
  buffer.set(bytes, at);
  at += bytes.length;
}

function writeInt64(value: bigint): void {
  need(8);
  buffer.writeBigInt64LE(value, at);
  at += 8;
}

function writeFloat(value: number): void {
  need(8);
  float[0] = value;
  for (let i = 0; i < 8; i++) memory[at++] = floatBytes[i]!;
}

function writeElement(name: string, value: Value): void {
  need(2);
  const typeAt = at++;
  writeName(name);
  // Writing the value may replace the buffer by a larger one, so it has to be looked up afterwards.
  const type = writeValue(value);
  buffer[typeAt] = type;
}

/** Writes the payload and returns the type byte. */
function writeValue(value: Value): number {
  switch (typeof value) {
    case "string":
      writeText(value);
      return 0x02;
    case "number":
      if ((value | 0) === value) {
        need(4);
        putInt32(value, at);
        at += 4;
        return 0x10;
      }
      writeFloat(value);
      return 0x01;
    case "boolean":
      need(1);
      buffer[at++] = value ? 1 : 0;
      return 0x08;
    case "bigint":
      writeInt64(value);
      return 0x12;
  }
  if (value === null) return 0x0a;
  if (Array.isArray(value)) {
    writeArray(value);
    return 0x04;
  }
  return writeObject(value);
}

function writeObject(value: Exclude<Value, null | string | number | boolean | bigint | Value[]>): number {
  if (value instanceof Doc) {
    writeDoc(value);
    return 0x03;
  }
  if (value instanceof DateTime) {
    if (value.exact !== null) writeInt64(value.exact);
    else {
      need(8);
      const high = Math.floor(value.ms / 4294967296);
      putInt32(high, at + 4);
      putInt32(value.ms - high * 4294967296, at);
      at += 8;
    }
    return 0x09;
  }
  if (value instanceof Oid) {
    need(12);
    at += buffer.write(value.hex, at, "hex");
    return 0x07;
  }
  if (value instanceof Dbl) {
    writeFloat(value.value);
    return 0x01;
  }
  if (value instanceof Bin) {
    need(5);
    buffer.writeInt32LE(value.bytes.length, at);
    buffer[at + 4] = value.subtype;
    at += 5;
    writeBytes(value.bytes);
    return 0x05;
  }
  if (value instanceof Decimal) {
    writeBytes(value.bytes);
    return 0x13;
  }
  return writeRare(value);
}

function writeRare(value: Regex | Timestamp | Code | Sym | DbPointer | Mark): number {
  if (value instanceof Regex) {
    writeName(value.pattern);
    writeName(value.options);
    return 0x0b;
  }
  if (value instanceof Timestamp) {
    need(8);
    buffer.writeUInt32LE(value.increment, at);
    buffer.writeUInt32LE(value.seconds, at + 4);
    at += 8;
    return 0x11;
  }
  if (value instanceof Code) {
    if (!value.scope) {
      writeText(value.source);
      return 0x0d;
    }
    const start = at;
    need(4);
    at += 4;
    writeText(value.source);
    writeDoc(value.scope);
    buffer.writeInt32LE(at - start, start);
    return 0x0f;
  }
  if (value instanceof Sym) {
    writeText(value.value);
    return 0x0e;
  }
  if (value instanceof DbPointer) {
    writeText(value.namespace);
    need(12);
    at += buffer.write(value.id.hex, at, "hex");
    return 0x0c;
  }
  return value.t & 0xff;
}
