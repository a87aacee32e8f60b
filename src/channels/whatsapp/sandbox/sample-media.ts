/** Small real files for fake phones whose owner did not choose one: a picture, a sticker, a silent voice note, a text document. */
import { deflateSync } from "node:zlib";

export type MediaKind = "image" | "video" | "audio" | "document" | "sticker";

export interface SampleFile {
  mimeType: string;
  filename: string;
  bytes: Uint8Array;
}

export function sampleFile(kind: MediaKind): SampleFile {
  switch (kind) {
    case "image":
      return { mimeType: "image/png", filename: "foto.png", bytes: picture() };
    case "sticker":
      return { mimeType: "image/webp", filename: "sticker.webp", bytes: Buffer.from(ONE_PIXEL_WEBP, "base64") };
    case "audio":
      return { mimeType: "audio/ogg; codecs=opus", filename: "nota.ogg", bytes: silentVoice() };
    case "document":
      return {
        mimeType: "text/plain",
        filename: "pedido.txt",
        bytes: Buffer.from("Pedido de prueba\n2 x zapatillas talla 42\n"),
      };
    case "video":
      // A container without a track: enough to travel, nothing to see.
      return { mimeType: "video/mp4", filename: "video.mp4", bytes: emptyMp4() };
  }
}

const ONE_PIXEL_WEBP = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==";

function picture(size = 96): Uint8Array {
  const rows = Buffer.alloc(size * (1 + size * 3));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = y * (1 + size * 3) + 1 + x * 3;
      rows[at] = 60 + x;
      rows[at + 1] = 120 + Math.floor(y / 2);
      rows[at + 2] = 200 - y;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    pngChunk("IHDR", head),
    pngChunk("IDAT", deflateSync(rows)),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(Bun.hash.crc32(body) >>> 0, 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** One second of OPUS in OGG: a header page, a comment page, and fifty frames of silence. */
function silentVoice(): Uint8Array {
  const head = Buffer.from("OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00", "latin1");
  const tags = Buffer.concat([Buffer.from("OpusTags"), Buffer.from([7, 0, 0, 0]), Buffer.from("sandbox"), Buffer.alloc(4)]);
  const silence = Array.from({ length: 50 }, () => Buffer.from([0xf8, 0xff, 0xfe]));
  return Buffer.concat([oggPage([head], 2, 0, 0), oggPage([tags], 0, 1, 0), oggPage(silence, 4, 2, 50 * 960)]);
}

function oggPage(packets: readonly Uint8Array[], flags: number, sequence: number, samples: number): Buffer {
  const header = Buffer.alloc(27 + packets.length);
  header.write("OggS", 0, "latin1");
  header[5] = flags;
  header.writeBigUInt64LE(BigInt(samples), 6);
  header.writeUInt32LE(0x5a5d, 14);
  header.writeUInt32LE(sequence, 18);
  header[26] = packets.length;
  for (const [index, packet] of packets.entries()) header[27 + index] = packet.length;
  const page = Buffer.concat([header, ...packets]);
  page.writeUInt32LE(oggChecksum(page), 22);
  return page;
}

/** OGG's CRC-32: polynomial 04c11db7, not reflected, start 0. */
function oggChecksum(page: Uint8Array): number {
  let crc = 0;
  for (const byte of page) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

function emptyMp4(): Uint8Array {
  const ftyp = Buffer.from("\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "latin1");
  const free = Buffer.from("\0\0\0\x08free", "latin1");
  return Buffer.concat([ftyp, free]);
}
