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

/** The field name in `bytes[from..to)`. */
export function nameText(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from;
  if (length > LONGEST_INTERNED) return utf8Text(bytes, from, to);
  let hash = length;
  for (let i = from; i < to; i++) hash = (hash * 31 + bytes[i]!) | 0;
  const slot = hash & (SLOTS - 1);
  const known = names[slot];
  if (known !== undefined && known.length === length && sameAscii(known, bytes, from)) return known;
  const text = utf8Text(bytes, from, to);
  names[slot] = text;
  return text;
}

/** True when the bytes are exactly the ASCII text; text with other characters never matches and is decoded each time. */
export function sameAscii(text: string, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== bytes[from + i] || code > 127) return false;
  }
  return true;
}
