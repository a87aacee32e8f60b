/** Text in and out of bytes: field names are interned because the same few hundred names come back for ever. */

interface NativeText {
  utf8Slice(this: Uint8Array, from: number, to: number): string;
  hexSlice(this: Uint8Array, from: number, to: number): string;
}
// Buffer's own slice functions take any Uint8Array and are twice as fast as wrapping it or using TextDecoder.
const native = Buffer.prototype as unknown as NativeText;

export const utf8Text = (bytes: Uint8Array, from: number, to: number): string => native.utf8Slice.call(bytes, from, to);
export const hexText = (bytes: Uint8Array, from: number, to: number): string => native.hexSlice.call(bytes, from, to);

const SLOTS = 4096;
const LONGEST_INTERNED = 40;
const names: (string | undefined)[] = new Array(SLOTS).fill(undefined);

/** The end (position of the zero byte) of the C string that starts at `from`. */
export function endOfName(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] !== 0) {
    if (at >= bytes.length) throw new RangeError("BSON: a field name has no end");
    at++;
  }
  return at;
}

/** Where the name that `readName` read last ended: the position of its zero byte. */
export let nameEnd = 0;

/** The field name that starts at `from`, in one pass over its bytes; `nameEnd` then tells where it ends. */
export function readName(bytes: Uint8Array, from: number): string {
  let hash = 0;
  let to = from;
  for (let byte = bytes[to]; byte !== 0; byte = bytes[++to]) {
    if (byte === undefined) throw new RangeError("BSON: a field name has no end");
    hash = (hash * 31 + byte) | 0;
  }
  nameEnd = to;
  const length = to - from;
  if (length > LONGEST_INTERNED) return utf8Text(bytes, from, to);
  const slot = (hash ^ length) & (SLOTS - 1);
  const known = names[slot];
  if (known !== undefined && known.length === length && sameAscii(known, bytes, from)) return known;
  const text = utf8Text(bytes, from, to);
  // Longer in bytes: it holds more than ASCII and could never be recognised.
  if (text.length === length) names[slot] = text;
  return text;
}

/** True when the bytes are exactly the ASCII text; text with other characters never matches and is decoded each time. */
function sameAscii(text: string, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== bytes[from + i] || code > 127) return false;
  }
  return true;
}
