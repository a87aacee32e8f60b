/** Voice notes for every browser: the Ogg file as it came, and the same packets in CAF for the Safari that plays no Ogg. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { toCaf } from "../../../src/features/media/caf-opus";
import { readOggOpus } from "../../../src/features/media/ogg-opus";
import { until } from "../../helpers/until";
import { createSandboxApp } from "../channels/sandbox-app";

setDefaultTimeout(60_000);

/** Half a second of a tone, mono, in packets of 20 ms. */
const RECORDING = join(import.meta.dir, "../../fixtures/media/half-second.ogg");
const PRE_SKIP = 312;

interface Packet {
  bytes: number[];
  frames: number;
}

/** An Ogg page; lengths of the segments by RFC 3533. */
function page(type: number, granule: number, sequence: number, packets: readonly Uint8Array[], serial = 7): Buffer {
  const lacing = packets.flatMap(({ length }) => [...Array.from({ length: Math.floor(length / 255) }, () => 255), length % 255]);
  const head = Buffer.alloc(27);
  head.write("OggS", 0, "latin1");
  head[5] = type;
  head.writeBigInt64LE(BigInt(granule), 6);
  head.writeUInt32LE(serial, 14);
  head.writeUInt32LE(sequence, 18);
  head[26] = lacing.length;
  return Buffer.concat([head, Buffer.from(lacing), ...packets]);
}

const opusHead = (channels: number, family = 0) => {
  const head = Buffer.alloc(19);
  head.write("OpusHead", 0, "latin1");
  head[8] = 1;
  head[9] = channels;
  head.writeUInt16LE(PRE_SKIP, 10);
  head.writeUInt32LE(16_000, 12);
  head[18] = family;
  return head;
};
const TAGS = Buffer.from("OpusTags\0\0\0\0\0\0\0\0", "latin1");
const oggOf = (sound: readonly Uint8Array[], granule: number, { channels = 1, family = 0 } = {}) =>
  Buffer.concat([page(2, 0, 0, [opusHead(channels, family)]), page(0, 0, 1, [TAGS]), page(4, granule, 2, sound)]);

/** Reads a CAF file by Apple's description of it, knowing nothing of how ours is written. */
function readCaf(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const name = (at: number) => Buffer.from(file.subarray(at, at + 4)).toString("latin1");
  expect([name(0), view.getUint16(4), view.getUint16(6)]).toEqual(["caff", 1, 0]);
  const chunks = new Map<string, number>();
  for (let at = 8; at < file.length; at += 12 + Number(view.getBigInt64(at + 4))) chunks.set(name(at), at + 12);
  const [desc, chan, data, pakt] = ["desc", "chan", "data", "pakt"].map((one) => chunks.get(one) ?? 0) as [
    number,
    number,
    number,
    number,
  ];
  const framesPerPacket = view.getUint32(desc + 20);
  let at = pakt + 24;
  const varint = () => {
    let value = 0;
    for (;;) {
      const byte = file[at++] ?? 0;
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
  };
  const packets: Packet[] = [];
  let from = data + 4;
  for (let left = Number(view.getBigInt64(pakt)); left > 0; left--) {
    const size = varint();
    packets.push({ bytes: [...file.subarray(from, from + size)], frames: framesPerPacket || varint() });
    from += size;
  }
  return {
    rate: view.getFloat64(desc),
    codec: name(desc + 8),
    framesPerPacket,
    channels: view.getUint32(desc + 24),
    layout: view.getUint32(chan),
    validFrames: Number(view.getBigInt64(pakt + 8)),
    priming: view.getInt32(pakt + 16),
    remainder: view.getInt32(pakt + 20),
    packets,
    isReadToTheEnd: at === file.length,
  };
}
const cafOf = async (ogg: Uint8Array) => {
  const caf = await toCaf(new Blob([new Uint8Array(ogg)]));
  return caf && readCaf(await caf.bytes());
};

describe("the same sound in another container", () => {
  test("a recording keeps every packet, its length and its beginning", async () => {
    const ogg = await Bun.file(RECORDING).bytes();
    const stream = readOggOpus(ogg);
    const caf = await cafOf(ogg);
    expect(stream?.packets.length).toBeGreaterThan(20);
    expect(caf).toMatchObject({
      rate: 48_000,
      codec: "opus",
      framesPerPacket: 960,
      channels: 1,
      layout: (100 << 16) | 1,
      priming: PRE_SKIP,
      isReadToTheEnd: true,
    });
    expect(caf?.packets.map(({ bytes }) => bytes)).toEqual(stream?.packets.map((packet) => [...packet]));
    expect(caf?.validFrames).toBe(24_000);
    const total = (caf?.packets.length ?? 0) * 960;
    expect((caf?.validFrames ?? 0) + (caf?.priming ?? 0) + (caf?.remainder ?? 0)).toBe(total);
  });

  test("packets of different lengths each tell their own; long ones run over several segments", async () => {
    // By RFC 6716: 20 ms SILK, 60 ms SILK, 2.5 ms CELT twice, 3 frames of 10 ms hybrid.
    const sound = [
      Uint8Array.of(0b00001_0_00, 1, 2),
      Uint8Array.from({ length: 700 }, (_, at) => (at === 0 ? 0b00011_0_00 : at & 255)),
      Uint8Array.of(0b10000_0_01, 3),
      Uint8Array.of(0b01100_0_11, 3, 9),
    ];
    const caf = await cafOf(oggOf(sound, 5_000, { channels: 2 }));
    expect(caf).toMatchObject({ framesPerPacket: 0, channels: 2, layout: (101 << 16) | 2, validFrames: 5_000 - PRE_SKIP });
    expect(caf?.packets).toEqual([960, 2_880, 240, 1_440].map((frames, at) => ({ bytes: [...(sound[at] ?? [])], frames })));
    expect(caf?.remainder).toBe(5_520 - 5_000);
  });

  test.each([
    ["no Ogg at all", Buffer.from("hola")],
    ["nothing", Buffer.alloc(0)],
    ["another codec", Buffer.concat([page(2, 0, 0, [Buffer.from("\x01vorbis")]), page(4, 9, 1, [TAGS, TAGS])])],
    ["more than two channels", oggOf([Uint8Array.of(8, 1)], 960, { channels: 6, family: 1 })],
    ["heads without sound", oggOf([], 0)],
    ["a page that claims more than there is", oggOf([Uint8Array.of(8, 1)], 960).subarray(0, -2)],
  ])("%s gives nothing", async (_, file) => {
    expect(await cafOf(file)).toBeNull();
  });

  test("for any damage: never an exception", async () => {
    const whole = await Bun.file(RECORDING).bytes();
    for (let seed = 0; seed < 500; seed++) {
      const damaged = new Uint8Array(whole);
      for (let hit = 0; hit < 5; hit++) damaged[(seed * 7_919 + hit * 104_729) % damaged.length] = (seed * 31 + hit) & 255;
      readOggOpus(damaged.subarray(0, damaged.length - (seed % 300)));
    }
  });
});

test("a voice note is offered in both forms, by ticket and by session, whole and in ranges", async () => {
  await using app = await createSandboxApp();
  const data = Buffer.from(await Bun.file(RECORDING).bytes());
  await app.plays({ type: "audio", voice: true, mimeType: "audio/ogg; codecs=opus", data: data.toString("base64") });
  const media = await until(async () => {
    const [message] = await app.messages();
    const file = message?.attachments[0];
    return file?.url ? file.media : null;
  });
  const ticket = await app.api.post<{ url: string; sources: { src: string; type: string }[] }>(`/media/${media}/ticket`);
  const { sources } = ticket.body.data;
  expect(sources.map(({ type }) => type)).toEqual(["audio/ogg; codecs=opus", "audio/x-caf; codecs=opus"]);
  const [ogg, caf] = await Promise.all(sources.map(({ src }) => fetch(app.url + src)));
  expect([ogg?.status, ogg?.headers.get("content-type")]).toEqual([200, "audio/ogg"]);
  expect([caf?.status, caf?.headers.get("content-type")]).toEqual([200, "audio/x-caf"]);
  expect(caf?.headers.get("x-content-type-options")).toBe("nosniff");
  expect(caf?.headers.get("etag")).not.toBe(ogg?.headers.get("etag") ?? "");
  const whole = await (caf as Response).bytes();
  expect(readCaf(whole).validFrames).toBe(24_000);
  const part = await fetch(`${app.url}/api/v2/media/${media}?format=caf`, {
    headers: { authorization: `Bearer ${app.api.token}`, range: "bytes=0-1" },
  });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 0-1/${whole.length}`]);
  expect(await part.text()).toBe("ca");
  expect((await app.api.get(`/media/${media}?format=mp3`)).status).toBe(422);
});

test("what is no voice note has no such form", async () => {
  await using app = await createSandboxApp();
  await app.plays({ type: "image" });
  const media = await until(async () => (await app.messages())[0]?.attachments.find(({ url }) => url)?.media);
  const answer = await app.api.get(`/media/${media}?format=caf`);
  expect([answer.status, answer.body.code]).toEqual([406, "media.no-format"]);
});
