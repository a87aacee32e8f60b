/**
 * Takes the OPUS frames out of a WebM recording and puts them into OGG pages (RFC 3533, RFC 7845). Only what recorders of
 * browsers write is read: one audio track, SimpleBlocks without lacing, one frame of at most 120 ms in each.
 */

const EBML = {
  segment: 0x18538067,
  cluster: 0x1f43b675,
  tracks: 0x1654ae6b,
  entry: 0xae,
  codecPrivate: 0x63a2,
  simpleBlock: 0xa3,
  group: 0xa0,
  block: 0xa1,
};
const PARENTS = new Set([EBML.segment, EBML.cluster, EBML.tracks, EBML.entry, EBML.group]);
const SERIAL = 0x43484151;
/** OPUS counts in 48 kHz whatever was recorded. */
const RATE = 48_000;
const FRAMES_PER_PAGE = 40;

/** The OGG file; null when there is no sound in it. */
export function oggFromWebm(webm: Uint8Array): Uint8Array<ArrayBuffer> | null {
  let head: Uint8Array | null = null;
  const frames: Uint8Array[] = [];
  walk(webm, 0, webm.length, (id, data) => {
    if (id === EBML.codecPrivate) head ??= data;
    // Track number (one byte), time (two), flags (one).
    else if (data.length > 4) frames.push(data.subarray(4));
  });
  if (frames.length === 0) return null;
  const pages = [page([head ?? opusHead()], 0, 0, 2), page([opusTags()], 0, 1, 0)];
  let samples = 0;
  for (let from = 0; from < frames.length; from += FRAMES_PER_PAGE) {
    const some = frames.slice(from, from + FRAMES_PER_PAGE);
    for (const frame of some) samples += samplesIn(frame);
    const isLast = from + FRAMES_PER_PAGE >= frames.length;
    pages.push(page(some, samples, pages.length, isLast ? 4 : 0));
  }
  return joined(pages);
}

/** Reads elements; recorders leave the size of what they are still writing open, which then goes on to the end. */
function walk(bytes: Uint8Array, from: number, to: number, found: (id: number, data: Uint8Array) => void): void {
  let at = from;
  while (at < to) {
    const id = number(bytes, at, false);
    const size = id && number(bytes, at + id.length, true);
    if (!id || !size) return;
    const start = at + id.length + size.length;
    const end = size.isOpen ? to : Math.min(to, start + size.value);
    if (PARENTS.has(id.value)) walk(bytes, start, end, found);
    else if (id.value === EBML.codecPrivate || id.value === EBML.simpleBlock || id.value === EBML.block)
      found(id.value, bytes.subarray(start, end));
    at = end;
  }
}

/** A number of variable length; its first set bit tells how many bytes it has. */
function number(bytes: Uint8Array, at: number, dropsMark: boolean): { value: number; length: number; isOpen: boolean } | null {
  const first = bytes[at];
  if (!first) return null;
  const length = Math.clz32(first) - 23;
  if (at + length > bytes.length) return null;
  const mark = 0x80 >> (length - 1);
  let value = dropsMark ? first & (mark - 1) : first;
  let isOpen = dropsMark && value === mark - 1;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    value = value * 256 + byte;
    isOpen &&= byte === 0xff;
  }
  return { value, length, isOpen };
}

/** How much time a frame fills, by its first byte (RFC 6716 §3.1). */
export function samplesIn(frame: Uint8Array): number {
  const toc = frame[0] ?? 0;
  const config = toc >> 3;
  const perFrame =
    config < 12 ? [10, 20, 40, 60][config & 3]! : config < 16 ? [10, 20][config & 1]! : [2.5, 5, 10, 20][config & 3]!;
  const count = [1, 2, 2, (frame[1] ?? 0) & 63][toc & 3]!;
  return (RATE / 1000) * perFrame * count;
}

function page(packets: readonly Uint8Array[], samples: number, index: number, flags: number): Uint8Array {
  const lacing = packets.flatMap(({ length }) => [...new Array<number>(Math.floor(length / 255)).fill(255), length % 255]);
  const bytes = new Uint8Array(27 + lacing.length + packets.reduce((sum, { length }) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  bytes.set([0x4f, 0x67, 0x67, 0x53, 0, flags]);
  view.setBigUint64(6, BigInt(Math.round(samples)), true);
  view.setUint32(14, SERIAL, true);
  view.setUint32(18, index, true);
  bytes[26] = lacing.length;
  bytes.set(lacing, 27);
  let at = 27 + lacing.length;
  for (const packet of packets) {
    bytes.set(packet, at);
    at += packet.length;
  }
  view.setUint32(22, checksum(bytes), true);
  return bytes;
}

/** The CRC of OGG: polynomial 04c11db7, neither reflected nor inverted. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  }
  return sum >>> 0;
}

function opusHead(): Uint8Array {
  const bytes = new Uint8Array(19);
  bytes.set(new TextEncoder().encode("OpusHead"));
  bytes.set([1, 1], 8);
  new DataView(bytes.buffer).setUint32(12, RATE, true);
  return bytes;
}

function opusTags(): Uint8Array {
  const vendor = new TextEncoder().encode("Chasqui");
  const bytes = new Uint8Array(16 + vendor.length);
  bytes.set(new TextEncoder().encode("OpusTags"));
  new DataView(bytes.buffer).setUint32(8, vendor.length, true);
  bytes.set(vendor, 12);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
