/** Documents reach the driver as the driver's own reader would give them, whatever the options and whatever the bytes. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { CursorResponse, MongoDBResponse } from "mongodb/lib/cmap/wire_protocol/responses";
import { mongo } from "mongoose";
import { type Batch, replyBytes } from "../../src/store/embedded/command/reply";
import { wrapReply } from "../../src/store/embedded/front/response";
import { values } from "./arbitrary";

type Options = Record<string, unknown>;

const names = fc.oneof(
  fc.constantFrom("_id", "a", "b", "$ref", "$id", "$db", "__proto__", "0", "ñandú", "x".repeat(60)),
  fc.string({ maxLength: 6 }).filter((name) => !name.includes("\0")),
);
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => mongo.Long.fromBigInt(n));
const border = fc
  .constantFrom(-1n, 0n, 1n)
  .chain((by) => fc.constantFrom(2n ** 53n + by, -(2n ** 53n) + by))
  .map((n) => mongo.Long.fromBigInt(n));
const rare = fc.constantFrom<unknown>(
  new mongo.UUID("0123456789abcdef0123456789abcdef"),
  new mongo.Binary(new Uint8Array([1, 2, 3]), 0),
  new mongo.Binary(new Uint8Array([1, 2, 3]), 2),
  new mongo.BSONSymbol("s"),
  /^a/i,
  "\ufffd",
  new Date(Number.NaN),
  new Date(8.64e15),
  { $ref: "c", $id: new mongo.ObjectId("0123456789abcdef01234567") },
  new Uint8Array([9]),
);
const documents = fc
  .array(fc.tuple(names, fc.oneof({ weight: 6, arbitrary: values }, long, border, rare)), { maxLength: 8 })
  .map((fields) => mongo.BSON.serialize(new Map(fields) as never));

const flag = fc.option(fc.boolean(), { nil: undefined });
const options: fc.Arbitrary<Options> = fc.record(
  {
    promoteValues: flag,
    promoteLongs: flag,
    promoteBuffers: flag,
    useBigInt64: flag,
    bsonRegExp: flag,
    raw: flag,
    fieldsAsRaw: fc.constantFrom({}, { a: true }),
    enableUtf8Validation: flag,
    validation: fc.constantFrom({ utf8: true }, { utf8: false }),
  },
  { requiredKeys: [] },
);

const asked = { ns: { db: "d", collection: "c" }, SERVER_COMMAND_RESPONSE_TYPE: CursorResponse as typeof MongoDBResponse };
const batchOf = (documents: readonly Uint8Array[]): Batch => ({ namespace: "d.c", cursor: 0n, field: "firstBatch", documents });
const ours = (batch: Batch) => wrapReply(batch, asked) as CursorResponse;
const theirs = (batch: Batch) => new CursorResponse(replyBytes(batch), 0, false);

/** What a response gives for its first document: the value, or how it failed. */
function outcome(response: CursorResponse, how: Options | undefined): unknown {
  try {
    const value = response.shift(how);
    return how?.raw === true ? Buffer.from(value as Uint8Array).toString("hex") : value;
  } catch (error) {
    return `failed: ${error instanceof Error ? error.name : ""}`;
  }
}

function expectSame(document: Uint8Array, how: Options | undefined): void {
  const batch = batchOf([document]);
  expect(outcome(ours(batch), how)).toStrictEqual(outcome(theirs(batch), how));
}

describe("a document of a cursor", () => {
  test("is what the driver reads, with every combination of options", () => {
    fc.assert(
      fc.property(documents, options, (document, how) => expectSame(document, how)),
      { numRuns: 3000 },
    );
  });

  test("is what the driver reads by default, key order and prototypes included", () => {
    fc.assert(
      fc.property(documents, (document) => {
        const [mine, driver] = [ours(batchOf([document])).shift({}), theirs(batchOf([document])).shift({})] as [object, object];
        expect(mine).toStrictEqual(driver);
        expect(Object.keys(mine)).toEqual(Object.keys(driver));
        expect(Object.getPrototypeOf(mine)).toBe(Object.getPrototypeOf(driver));
      }),
      { numRuns: 2000 },
    );
  });

  test("with damaged bytes gives what the driver makes of them, or fails as it does, and never hangs", () => {
    const alone = (document: Uint8Array): unknown => {
      try {
        return new MongoDBResponse(document, 0, false).toObject({});
      } catch {
        return "failed";
      }
    };
    const mine = (document: Uint8Array): unknown => {
      try {
        return ours(batchOf([document])).shift({});
      } catch {
        return "failed";
      }
    };
    const damage = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(documents, damage, (document, [at, byte]) => {
        const broken = Uint8Array.from(document);
        broken[at % broken.length] = byte;
        // As text: two dates that are none are not equal.
        expect(Bun.inspect(mine(broken), { depth: 20 })).toBe(Bun.inspect(alone(broken), { depth: 20 }));
      }),
      { numRuns: 3000 },
    );
  });
});

test("a batch tells its size, hands out each document once and then nothing", () => {
  const response = ours(batchOf([1, 2].map((a) => mongo.BSON.serialize({ a }))));
  expect([response.batchSize, response.shift(), response.shift({}), response.shift()]).toEqual([2, { a: 1 }, { a: 2 }, null]);
  expect(response.ok).toBe(1);
  expect(String(response.id)).toBe("0");
});

test("a batch of another namespace names it, and the message can still be had", () => {
  const response = ours({ ...batchOf([]), namespace: "d.other", cursor: 77n });
  expect([String(response.ns), String(response.id), ours(batchOf([])).ns]).toEqual(["d.other", "77", null]);
  const message = wrapReply(batchOf([mongo.BSON.serialize({ a: 1 })]), { ns: { db: "d" } });
  expect(message.toObject()).toEqual({ cursor: { firstBatch: [{ a: 1 }], id: 0, ns: "d.c" }, ok: 1 });
});
