/** What broke: a document that made the encoder's buffer grow while a field was written lost that field's type byte. */
import { expect, test } from "bun:test";
import { decode } from "../../src/store/embedded/bson/decode";
import { encode } from "../../src/store/embedded/bson/encode";
import { Doc } from "../../src/store/embedded/bson/value";

test("documents of every size survive, each of them larger than any before", () => {
  for (let size = 1_000; size < 6_000_000; size = Math.ceil(size * 1.7)) {
    // Leaves letters behind where the next document has its type bytes.
    const filler = new Doc();
    filler.push("f", "z".repeat(200));
    encode(filler);
    const doc = new Doc();
    doc.push("before", 1);
    doc.push("text", "ñ".repeat(size));
    doc.push("after", true);
    const read = decode(encode(doc));
    expect(read.get("text")).toBe("ñ".repeat(size));
    expect(read.get("after")).toBe(true);
  }
});
