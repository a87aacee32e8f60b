/**
 * Voice notes for Apple's players: the Opus packets of an Ogg file in a CAF file, byte for byte the same sound. Safari plays Opus in
 * CAF since version 11, in Ogg only since 18.4; all other browsers play the Ogg file itself.
 */
import { type OpusStream, readOggOpus } from "./ogg-opus";

export const VOICE_TYPE = "audio/ogg";
export const CAF_TYPE = "audio/x-caf";
/** Larger than any sound WhatsApp takes; longer recordings come as documents. */
const MAX_BYTES = 20 * 1024 * 1024;

const RATE = 48_000;
/** `kAudioChannelLayoutTag_Mono` and `_Stereo`. */
const LAYOUTS: Readonly<Record<number, number>> = { 1: (100 << 16) | 1, 2: (101 << 16) | 2 };

/** The CAF file of an Ogg file with Opus; null when it is none. */
export async function toCaf(ogg: Blob): Promise<Blob | null> {
  const stream = ogg.size <= MAX_BYTES ? readOggOpus(await ogg.bytes()) : null;
  return stream && new Blob([writeCaf(stream)], { type: CAF_TYPE });
}

function writeCaf({ channels, preSkip, packets, durations, end }: OpusStream): Uint8Array<ArrayBuffer> {
  const [first = 0] = durations;
  // 0: packets differ, and each tells its own length.
  const framesPerPacket = durations.every((one) => one === first) ? first : 0;
  const total = durations.reduce((sum, one) => sum + one, 0);
  const header = new Bytes().text("caff").uint16(1).uint16(0);
  const description = new Bytes()
    .float64(RATE)
    .text("opus")
    .uint32(0)
    .uint32(0)
    .uint32(framesPerPacket)
    .uint32(channels)
    .uint32(0);
  const layout = new Bytes()
    .uint32(LAYOUTS[channels] ?? 0)
    .uint32(0)
    .uint32(0);
  const sound = new Bytes().uint32(0);
  for (const packet of packets) sound.bytes(packet);
  const table = new Bytes()
    .uint64(packets.length)
    .uint64(end - preSkip)
    .uint32(preSkip)
    .uint32(total - end);
  for (const [index, packet] of packets.entries()) {
    table.varint(packet.length);
    if (framesPerPacket === 0) table.varint(durations[index] ?? 0);
  }
  return header.chunk("desc", description).chunk("chan", layout).chunk("data", sound).chunk("pakt", table).join();
}

/** Big-endian, as CAF is. */
class Bytes {
  readonly #parts: Uint8Array[] = [];

  bytes(part: Uint8Array): this {
    this.#parts.push(part);
    return this;
  }
  text = (value: string): this => this.bytes(Buffer.from(value, "latin1"));
  uint16 = (value: number): this => this.#number(2, (view) => view.setUint16(0, value));
  uint32 = (value: number): this => this.#number(4, (view) => view.setUint32(0, value));
  uint64 = (value: number): this => this.#number(8, (view) => view.setBigUint64(0, BigInt(value)));
  float64 = (value: number): this => this.#number(8, (view) => view.setFloat64(0, value));

  /** Seven bits a byte, the highest first; a set top bit says that more follow. */
  varint(value: number): this {
    const digits = [value & 127];
    for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 127) | 128);
    return this.bytes(Uint8Array.from(digits));
  }

  chunk(name: string, content: Bytes): this {
    const bytes = content.join();
    return this.text(name).uint64(bytes.length).bytes(bytes);
  }

  join(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(Buffer.concat(this.#parts));
  }

  #number(size: number, write: (view: DataView) => void): this {
    const part = new Uint8Array(size);
    write(new DataView(part.buffer));
    return this.bytes(part);
  }
}
