/** Changing some fields of a document where it lies gives the bytes that decoding, changing and encoding all of it gives. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { mongo } from "mongoose";
import { decode } from "../../src/store/embedded/bson/decode";
import { encode } from "../../src/store/embedded/bson/encode";
import { DocumentPart } from "../../src/store/embedded/bson/part";
import { Doc } from "../../src/store/embedded/bson/value";
import { compileUpdate } from "../../src/store/embedded/update/updater";
import { updates, values } from "./arbitrary";

const compiler = { expression: () => () => true, pipeline: () => (doc: Doc) => doc };
const context = { isInsert: false, now: 1, position: () => 0 };

const field = fc.tuple(fc.constantFrom("a", "b", "c", "y", "z"), values);
const documents = fc
  .uniqueArray(field, { maxLength: 5, selector: ([name]) => name })
  .map((fields) => mongo.BSON.serialize(new Map<string, unknown>([["_id", 1], ...fields]) as never));

const outcome = (work: () => Uint8Array): string => {
  try {
    return Buffer.from(work()).toString("hex");
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
};

test("every update operator, on documents of all types", () => {
  const renames = fc.constantFrom<Record<string, Record<string, unknown>>>({ $rename: { a: "b" } }, { $rename: { a: "new" } });
  fc.assert(
    fc.property(documents, fc.oneof({ weight: 5, arbitrary: updates }, renames), (bytes, update) => {
      const compiled = () => compileUpdate(decode(mongo.BSON.serialize(update)), undefined, compiler);
      const inPart = outcome(() => {
        const updater = compiled();
        const part = new DocumentPart(bytes, new Set([...updater.touches!, "_id"]));
        return part.with(updater.apply(part.doc, context));
      });
      expect(inPart).toBe(outcome(() => encode(compiled().apply(decode(bytes), context))));
    }),
    { numRuns: 3000 },
  );
});

test("fields of the same name after the first, as damaged clients write them, stay where they are", () => {
  const bytes = encode(new Doc(["_id", "a", "b", "a", "c"], [1, "first", 2, "second", 3]));
  const part = new DocumentPart(bytes, new Set(["a", "c", "d"]));
  expect(part.doc).toEqual(new Doc(["a", "c"], ["first", 3]));
  part.doc.set("a", "other");
  part.doc.delete("c");
  part.doc.set("d", 4);
  expect(decode(part.with(part.doc))).toEqual(new Doc(["_id", "a", "b", "a", "d"], [1, "other", 2, "second", 4]));
});
