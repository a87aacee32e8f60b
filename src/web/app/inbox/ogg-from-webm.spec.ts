import { oggFromWebm, samplesIn } from "./ogg-from-webm";

/** An element of EBML: id, size in one byte, content. */
const element = (id: number[], content: number[]): number[] => [...id, 0x80 | content.length, ...content];
const block = (frame: number[]): number[] => element([0xa3], [0x81, 0, 0, 0x80, ...frame]);
/** 20 ms of CELT, one frame. */
const FRAME = [0xf8, 1, 2, 3];

const webm = new Uint8Array([
  ...element([0x1a, 0x45, 0xdf, 0xa3], [0x42]),
  // A recorder leaves the sizes of what it is still writing open.
  ...[0x18, 0x53, 0x80, 0x67, 0xff],
  ...element([0x16, 0x54, 0xae, 0x6b], element([0xae], element([0x63, 0xa2], [...new TextEncoder().encode("OpusHead"), 1, 1]))),
  ...[0x1f, 0x43, 0xb6, 0x75, 0xff],
  ...block(FRAME),
  ...block(FRAME),
]);

describe("oggFromWebm", () => {
  it("puts the frames into pages that say how long they are", () => {
    const ogg = oggFromWebm(webm);
    const pages = [...(ogg ?? [])].flatMap((_, at) =>
      String.fromCharCode(...(ogg ?? []).slice(at, at + 4)) === "OggS" ? [at] : [],
    );
    expect(pages).toHaveLength(3);
    const text = new TextDecoder("latin1").decode(ogg ?? new Uint8Array());
    expect(text.indexOf("OpusHead")).toBeGreaterThan(0);
    expect(text.indexOf("OpusTags")).toBeGreaterThan(text.indexOf("OpusHead"));
    const last = new DataView((ogg ?? new Uint8Array()).buffer, pages[2]);
    expect(last.getUint8(5)).toBe(4);
    expect(last.getBigUint64(6, true)).toBe(1_920n);
    expect(last.getUint8(26)).toBe(2);
  });

  it.each([
    [[0xf8], 960],
    [[0x08], 960],
    [[0xfb, 3], 2_880],
  ])("knows the length of %s", (frame, samples) => expect(samplesIn(new Uint8Array(frame))).toBe(samples));

  it("answers nothing for what holds no sound", () => {
    expect(oggFromWebm(new Uint8Array())).toBeNull();
    expect(oggFromWebm(new TextEncoder().encode("not a recording at all"))).toBeNull();
  });
});
