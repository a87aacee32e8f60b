/** Reads the Opus packets out of an Ogg file, as voice notes are (RFC 3533, RFC 7845). Pure; damaged files give what is whole, or nothing. */

export interface OpusStream {
  channels: number;
  /** Samples at 48 kHz that a player drops at the beginning. */
  preSkip: number;
  packets: Uint8Array[];
  /** Samples at 48 kHz of each packet. */
  durations: number[];
  /** Samples at 48 kHz up to the end of the sound, with those dropped at the beginning. */
  end: number;
}

const HEADER_BYTES = 27;
const CONTINUED = 1;
/** A packet longer than this is no sound. */
const MAX_PACKET = 64 * 1024;

interface Page {
  serial: number;
  isContinued: boolean;
  granule: bigint;
  /** Lengths of its parts, each up to 255; one below 255 ends a packet. */
  lacing: Uint8Array;
  body: Uint8Array;
}

/** Null when it is no Ogg file with Opus in one or two channels. */
export function readOggOpus(file: Uint8Array): OpusStream | null {
  const packets: Uint8Array[] = [];
  let open: Uint8Array[] = [];
  let serial: number | null = null;
  let granule = 0n;
  for (const page of pagesOf(file)) {
    serial ??= page.serial;
    // Another stream in the same file, such as a picture.
    if (page.serial !== serial) continue;
    if (!page.isContinued) open = [];
    let at = 0;
    for (const length of page.lacing) {
      open.push(page.body.subarray(at, at + length));
      at += length;
      if (length === 255) continue;
      const packet = Buffer.concat(open);
      open = [];
      if (packet.length <= MAX_PACKET) packets.push(packet);
    }
    // -1: no packet ends on this page.
    if (page.granule >= 0n && page.granule < 1n << 48n) granule = page.granule;
  }
  const [head, , ...sound] = packets;
  const audio = sound.filter(({ length }) => length > 0);
  if (!head || audio.length === 0 || text(head, 0, 8) !== "OpusHead" || head.length < 19) return null;
  const channels = head[9] ?? 0;
  const mappingFamily = head[18];
  if (mappingFamily !== 0 || (channels !== 1 && channels !== 2)) return null;
  const durations = audio.map(durationOf);
  const total = durations.reduce((sum, one) => sum + one, 0);
  const preSkip = new DataView(head.buffer, head.byteOffset).getUint16(10, true);
  const end = granule > 0n ? Math.min(Number(granule), total) : total;
  return end > preSkip ? { channels, preSkip, packets: audio, durations, end } : null;
}

function* pagesOf(file: Uint8Array): Generator<Page> {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let at = 0;
  while (at + HEADER_BYTES <= file.length && text(file, at, 4) === "OggS") {
    const segments = file[at + 26] ?? 0;
    const start = at + HEADER_BYTES + segments;
    const lacing = file.subarray(at + HEADER_BYTES, start);
    const length = lacing.reduce((sum, one) => sum + one, 0);
    if (start + length > file.length) return;
    yield {
      serial: view.getUint32(at + 14, true),
      isContinued: ((file[at + 5] ?? 0) & CONTINUED) !== 0,
      granule: view.getBigInt64(at + 6, true),
      lacing,
      body: file.subarray(start, start + length),
    };
    at = start + length;
  }
}

const SILK_MS = [10, 20, 40, 60] as const;
const CELT_MS = [2.5, 5, 10, 20] as const;

/** How long a packet sounds, in samples at 48 kHz, by its first byte (RFC 6716, section 3.1). */
function durationOf(packet: Uint8Array): number {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  const frameMs = config < 12 ? (SILK_MS[config & 3] ?? 20) : config < 16 ? (config & 1 ? 20 : 10) : (CELT_MS[config & 3] ?? 20);
  const code = toc & 3;
  const frames = code === 0 ? 1 : code === 3 ? (packet[1] ?? 0) & 63 : 2;
  return frameMs * 48 * frames;
}

const text = (bytes: Uint8Array, from: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(from, from + length));
