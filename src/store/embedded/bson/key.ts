/**
 * Order-preserving keys: values -> bytes whose memcmp order is MongoDB's comparison order, across all types.
 * Numbers of different types with the same value give the same key. A descending field is the bitwise complement.
 */
import { type DecimalParts, decimalFromBigInt, decimalText, partsOf } from "./decimal";
import {
  Bin,
  Code,
  DateTime,
  Dbl,
  DbPointer,
  Decimal,
  Doc,
  type Mark,
  Oid,
  Regex,
  Sym,
  Timestamp,
  UNDEFINED,
  type Value,
} from "./value";

/** The first byte of a key: BSON comparison order. The gaps let a range end exactly after one type. */
export const KeyType = {
  minKey: 0x01,
  undefined: 0x08,
  null: 0x10,
  number: 0x18,
  string: 0x20,
  object: 0x28,
  array: 0x30,
  binary: 0x38,
  objectId: 0x40,
  bool: 0x48,
  date: 0x50,
  timestamp: 0x58,
  regex: 0x60,
  dbPointer: 0x68,
  code: 0x70,
  codeWithScope: 0x78,
  maxKey: 0xf0,
} as const;

let buffer = Buffer.allocUnsafeSlow(4096);
/** The same memory: copying a part out of it is one step, out of a Buffer it is three. */
let memory = new Uint8Array(buffer.buffer);
let at = 0;
const float = new DataView(new ArrayBuffer(8));

function need(room: number): void {
  if (at + room <= buffer.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, at + room + 64));
  buffer.copy(larger, 0, 0, at);
  buffer = larger;
  memory = new Uint8Array(buffer.buffer);
}

/** The key of one ascending value. A missing value orders as null. */
export function keyOf(value: Value | undefined): Uint8Array {
  at = 0;
  put(value ?? null);
  return memory.slice(0, at);
}

/** The key of several values, each in its direction (1 or -1). */
export function compoundKey(values: readonly (Value | undefined)[], directions: readonly number[]): Uint8Array {
  at = 0;
  for (let i = 0; i < values.length; i++) {
    const from = at;
    put(values[i] ?? null);
    if (directions[i]! < 0) complement(from);
  }
  return memory.slice(0, at);
}

function complement(from: number): void {
  for (let i = from; i < at; i++) buffer[i] = ~buffer[i]! & 0xff;
}

/** The smallest byte string above everything that starts with `key`; null when there is none. */
export function keyAfter(key: Uint8Array): Uint8Array | null {
  let last = key.length - 1;
  while (last >= 0 && key[last] === 0xff) last--;
  if (last < 0) return null;
  const out = key.slice(0, last + 1);
  out[last]!++;
  return out;
}

export const invertKey = (key: Uint8Array): Uint8Array => key.map((byte) => ~byte & 0xff);

/** The type byte that orders values of different types. */
export function keyTypeOf(value: Value): number {
  switch (typeof value) {
    case "string":
      return KeyType.string;
    case "number":
    case "bigint":
      return KeyType.number;
    case "boolean":
      return KeyType.bool;
  }
  if (value === null) return KeyType.null;
  if (Array.isArray(value)) return KeyType.array;
  if (value instanceof Doc) return KeyType.object;
  if (value instanceof DateTime) return KeyType.date;
  if (value instanceof Oid) return KeyType.objectId;
  if (value instanceof Dbl || value instanceof Decimal) return KeyType.number;
  if (value instanceof Bin) return KeyType.binary;
  if (value instanceof Regex) return KeyType.regex;
  if (value instanceof Timestamp) return KeyType.timestamp;
  if (value instanceof Sym) return KeyType.string;
  if (value instanceof Code) return value.scope ? KeyType.codeWithScope : KeyType.code;
  if (value instanceof DbPointer) return KeyType.dbPointer;
  return markType(value);
}

const markType = (mark: Mark): number => (mark === UNDEFINED ? KeyType.undefined : mark.t < 0 ? KeyType.minKey : KeyType.maxKey);

function put(value: Value): void {
  need(1);
  buffer[at++] = keyTypeOf(value);
  putPayload(value);
}

function putPayload(value: Value): void {
  switch (typeof value) {
    case "string":
      putText(value);
      return;
    case "number":
      putFloat(value, 0x80);
      return;
    case "bigint":
      putInt64(value);
      return;
    case "boolean":
      need(1);
      buffer[at++] = value ? 2 : 1;
      return;
  }
  if (value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) put(item);
    putByte(0);
    return;
  }
  if (value instanceof Doc) {
    for (let i = 0; i < value.keys.length; i++) {
      const item = value.values[i]!;
      putByte(keyTypeOf(item));
      putText(value.keys[i]!);
      putPayload(item);
    }
    putByte(0);
    return;
  }
  if (value instanceof DateTime) {
    if (value.exact === null && Number.isInteger(value.ms)) putMilliseconds(value.ms);
    else putSigned64(value.exact ?? BigInt(value.ms));
    return;
  }
  if (value instanceof Oid) {
    need(12);
    at += buffer.write(value.hex, at, "hex");
    return;
  }
  if (value instanceof Dbl) {
    putFloat(value.value, 0x80);
    return;
  }
  if (value instanceof Decimal) {
    putDecimal(value);
    return;
  }
  putRare(value);
}

function putRare(value: Bin | Regex | Timestamp | Sym | Code | DbPointer | Mark): void {
  if (value instanceof Bin) {
    need(5 + value.bytes.length);
    buffer.writeUInt32BE(value.bytes.length, at);
    buffer[at + 4] = value.subtype;
    buffer.set(value.bytes, at + 5);
    at += 5 + value.bytes.length;
  } else if (value instanceof Regex) {
    putText(value.pattern);
    putText(value.options);
  } else if (value instanceof Timestamp) {
    need(8);
    buffer.writeUInt32BE(value.seconds, at);
    buffer.writeUInt32BE(value.increment, at + 4);
    at += 8;
  } else if (value instanceof Sym) putText(value.value);
  else if (value instanceof Code) {
    putText(value.source);
    if (value.scope) putPayload(value.scope);
  } else if (value instanceof DbPointer) {
    putText(value.namespace);
    need(12);
    at += buffer.write(value.id.hex, at, "hex");
  }
}

function putByte(byte: number): void {
  need(1);
  buffer[at++] = byte;
}

/** Up to here writing byte by byte is faster than a call into native code. */
const SHORT_TEXT = 64;

/** UTF-8 ended by a zero byte; 0 and 1 inside the text are escaped so that the end stays the smallest byte. */
function putText(text: string): void {
  need(text.length * 3 + 2);
  const start = at;
  let isAscii = text.length <= SHORT_TEXT;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 1) {
      at = start;
      putEscaped(Buffer.from(text, "utf8"));
      return;
    }
    if (code > 127) isAscii = false;
    if (isAscii) memory[at++] = code;
  }
  if (!isAscii) at = start + buffer.write(text, start, "utf8");
  memory[at++] = 0;
}

function putEscaped(bytes: Uint8Array): void {
  need(bytes.length * 2 + 1);
  for (const byte of bytes) {
    if (byte <= 1) {
      buffer[at++] = 1;
      buffer[at++] = byte + 1;
    } else buffer[at++] = byte;
  }
  buffer[at++] = 0;
}

/** The same as putSigned64, without a bigint. */
function putMilliseconds(ms: number): void {
  need(8);
  const high = Math.floor(ms / 4294967296);
  putWord((high ^ 0x80000000) >>> 0);
  putWord(ms - high * 4294967296);
}

function putWord(word: number): void {
  memory[at++] = word >>> 24;
  memory[at++] = word >>> 16;
  memory[at++] = word >>> 8;
  memory[at++] = word;
}

function putSigned64(value: bigint): void {
  need(8);
  buffer.writeBigUInt64BE(BigInt.asUintN(64, value) ^ (1n << 63n), at);
  at += 8;
}

/** The double in sortable form, then how the exact number lies to it: 0x7f below, 0x80 equal, 0x81 above. */
function putFloat(value: number, position: number): void {
  need(9);
  if (Number.isNaN(value)) {
    // NaN is smaller than every other number.
    putWord(0);
    putWord(0);
  } else {
    float.setFloat64(0, value === 0 ? 0 : value);
    const high = float.getUint32(0);
    const low = float.getUint32(4);
    const negative = high >>> 31 === 1;
    putWord(negative ? ~high : high ^ 0x80000000);
    putWord(negative ? ~low : low);
  }
  memory[at++] = position;
}

function putInt64(value: bigint): void {
  const near = Number(value);
  const back = BigInt(near);
  if (back === value) {
    putFloat(near, 0x80);
    return;
  }
  putFloat(near, value > back ? 0x81 : 0x7f);
  putDigits(partsOf(decimalFromBigInt(value)));
}

function putDecimal(value: Decimal): void {
  const parts = partsOf(value);
  if (parts.kind === "nan") {
    putFloat(Number.NaN, 0x80);
    return;
  }
  if (parts.kind === "infinity") {
    putFloat(parts.negative ? -Infinity : Infinity, 0x80);
    return;
  }
  const near = Number(decimalText(value));
  const order = compareToFloat(parts, near);
  putFloat(near, 0x80 + order);
  if (order !== 0) putDigits(parts);
}

/** Exact comparison of a finite decimal with a double. */
function compareToFloat({ negative, coefficient, exponent }: DecimalParts, near: number): number {
  if (near === Infinity) return -1;
  if (near === -Infinity) return 1;
  let left = negative ? -coefficient : coefficient;
  let right: bigint;
  if (Number.isInteger(near)) right = BigInt(near);
  else {
    // mantissa * 2^-shift with an integer mantissa: both sides are multiplied by 2^shift.
    float.setFloat64(0, near);
    const power = (float.getUint32(0) >>> 20) & 0x7ff;
    const shift = power === 0 ? 1074 : 1075 - power;
    const fraction = float.getBigUint64(0) & 0xfffffffffffffn;
    const mantissa = power === 0 ? fraction : fraction | (1n << 52n);
    right = near < 0 ? -mantissa : mantissa;
    left <<= BigInt(shift);
  }
  if (exponent >= 0) left *= 10n ** BigInt(exponent);
  else right *= 10n ** BigInt(-exponent);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Sign-aware exponent and digits: orders exact numbers that share their nearest double. */
function putDigits({ negative, coefficient, exponent }: DecimalParts): void {
  const all = coefficient.toString();
  const digits = all.replace(/0+$/, "");
  need(digits.length + 3);
  const from = at;
  buffer.writeUInt16BE(exponent + all.length + 0x4000, at);
  at += 2;
  at += buffer.write(digits, at, "latin1");
  buffer[at++] = 0;
  if (negative) complement(from);
}
