/**
 * What every store must do, in plain Mongoose and driver calls. Run on the embedded engine always, and on a real
 * MongoDB when there is one; nothing here knows which of them it talks to.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type mongoose from "mongoose";
import { mongo, Schema } from "mongoose";
import type { Store } from "../../src/store/connect";
import { syncIndexes } from "../../src/store/indexes";

const { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp } = mongo;

interface Thing extends mongo.Document {
  _id: string;
}

/** The rejection of a promise; fails when there is none. */
async function failure(
  promise: Promise<unknown>,
): Promise<{ code?: number; codeName?: string; message: string; [field: string]: unknown }> {
  try {
    await promise;
  } catch (error) {
    return error as never;
  }
  throw new Error("expected a failure");
}

export function storeContract(name: string, open: () => Promise<{ store: Store; end: () => Promise<void> }>): void {
  describe(`store contract on ${name}`, () => {
    let store: Store;
    let end: () => Promise<void>;
    let things: mongo.Collection<Thing>;

    beforeAll(async () => {
      ({ store, end } = await open());
      console.info(`store contract runs on ${name}`);
    });
    afterAll(() => end());
    beforeEach(async () => {
      things = store.connection.db!.collection<Thing>("things");
      await things.drop();
    });

    const ids = async (filter: mongo.Filter<Thing>, options: mongo.FindOptions = {}) =>
      (await things.find(filter, { sort: { _id: 1 }, ...options }).toArray()).map(({ _id }) => _id);
    const stored = async (id = "a") => (await things.findOne({ _id: id }, { projection: { _id: 0 } })) as Record<string, unknown>;
    const updated = async (before: object, update: object, options: object = {}) => {
      await things.deleteMany({});
      await things.insertOne({ _id: "a", ...before });
      await things.updateOne({ _id: "a" }, update, options);
      return stored();
    };

    describe("documents", () => {
      test("keep every type, exactly", async () => {
        const document = {
          _id: "a",
          int: new Int32(5),
          double: new Double(5),
          negativeZero: new Double(-0),
          long: Long.fromBigInt(9_007_199_254_740_993n),
          decimal: Decimal128.fromString("1.10"),
          date: new Date(-1),
          id: new ObjectId("0123456789abcdef01234567"),
          binary: new Binary(Buffer.from([0, 1, 255]), 0),
          uuid: new mongo.UUID("0f0e0d0c-0b0a-4908-8706-050403020100"),
          regex: new mongo.BSONRegExp("^a.*z", "i"),
          timestamp: new Timestamp({ t: 7, i: 8 }),
          min: new mongo.MinKey(),
          max: new mongo.MaxKey(),
          code: new mongo.Code("return 1"),
          nothing: null,
          list: [new Int32(1), new Double(1), [[]], {}],
          nested: { "10": 1, "9": 2, b: { c: true } },
          text: "ñandú 🦙 \u0000 zero",
        };
        await things.insertOne(document as Thing);
        const raw = await things.findOne({ _id: "a" }, { raw: true });
        expect(Buffer.from(raw as unknown as Uint8Array).equals(Buffer.from(mongo.BSON.serialize(document)))).toBe(true);
      });

      test("keep the types of fields that an update does not touch", async () => {
        await things.insertOne({ _id: "a", double: new Double(5), long: Long.fromNumber(7), uuid: new mongo.UUID(), n: 1 });
        const before = (await things.findOne({ _id: "a" }, { raw: true })) as unknown as Uint8Array;
        await things.updateOne({ _id: "a" }, { $inc: { n: 1 } });
        await things.updateOne({ _id: "a" }, { $inc: { n: -1 } });
        const after = (await things.findOne({ _id: "a" }, { raw: true })) as unknown as Uint8Array;
        expect(Buffer.from(after).equals(Buffer.from(before))).toBe(true);
        expect(await ids({ double: { $type: "double" }, long: { $type: "long" }, uuid: { $type: "binData" } })).toEqual(["a"]);
      });

      test("put _id first and refuse arrays as _id", async () => {
        await things.insertOne({ z: 1, _id: "a" } as Thing);
        expect(Object.keys((await things.findOne({ _id: "a" }))!)).toEqual(["_id", "z"]);
        expect((await failure(things.insertOne({ _id: [1] } as never))).code).toBe(53);
      });

      test("insertMany unordered stores what it can and reports the rest", async () => {
        await things.insertOne({ _id: "b" });
        const error = await failure(things.insertMany([{ _id: "a" }, { _id: "b" }, { _id: "c" }], { ordered: false }));
        expect(error).toMatchObject({ code: 11000, insertedCount: 2 });
        expect((error.writeErrors as { index: number }[]).map(({ index }) => index)).toEqual([1]);
        expect(await ids({})).toEqual(["a", "b", "c"]);
      });

      test("insertMany ordered stops at the first failure", async () => {
        const error = await failure(things.insertMany([{ _id: "a" }, { _id: "a" }, { _id: "c" }]));
        expect(error).toMatchObject({ code: 11000 });
        expect(await ids({})).toEqual(["a"]);
      });
    });

    describe("filters", () => {
      const cases: [string, mongo.Filter<Thing>, string[]][] = [
        ["equality", { n: 1 }, ["a"]],
        ["numbers of other types", { n: Long.fromNumber(2) } as never, ["b"]],
        ["null matches missing", { n: null }, ["d", "e", "f"]],
        ["exists", { n: { $exists: true } }, ["a", "b", "c"]],
        ["does not exist", { n: { $exists: false } }, ["d", "e", "f"]],
        ["range", { n: { $gt: 1, $lte: 2.5 } }, ["b", "c"]],
        ["range of another type", { n: { $gt: "" } }, []],
        ["in", { n: { $in: [1, 2.5, "x"] } }, ["a", "c"]],
        ["not in", { n: { $nin: [1, null] } }, ["b", "c"]],
        ["not equal", { n: { $ne: 1 } }, ["b", "c", "d", "e", "f"]],
        ["an element of an array", { tags: "x" }, ["a", "b"]],
        ["a whole array", { tags: ["x", "y"] }, ["b"]],
        ["all", { tags: { $all: ["x", "y"] } }, ["b"]],
        ["size", { tags: { $size: 1 } }, ["a"]],
        ["an empty array", { tags: [] }, ["c"]],
        ["a field in documents of an array", { "items.sku": "p" }, ["d", "e"]],
        ["an element by number", { "items.0.n": 1 }, ["d"]],
        ["conditions on different elements", { "items.sku": "p", "items.n": 2 }, ["d", "e"]],
        ["elemMatch on one element", { items: { $elemMatch: { sku: "p", n: 2 } } }, ["e"]],
        ["elemMatch on values", { scores: { $elemMatch: { $gt: 4, $lt: 6 } } }, ["f"]],
        ["without elemMatch each bound by any element", { scores: { $gt: 8, $lt: 2 } }, ["f"]],
        ["or", { $or: [{ n: 1 }, { tags: [] }] }, ["a", "c"]],
        ["nor", { $nor: [{ n: 1 }, { n: null }] }, ["b", "c"]],
        ["and", { $and: [{ n: { $gt: 1 } }, { n: { $lt: 2.2 } }] }, ["b"]],
        ["not", { n: { $not: { $gt: 1 } } }, ["a", "d", "e", "f"]],
        ["regular expression", { name: /^an/ }, ["a"]],
        ["regular expression, i", { name: { $regex: "^AN", $options: "i" } }, ["a"]],
        ["type", { n: { $type: "double" } }, ["c"]],
        ["type number", { n: { $type: "number" } }, ["a", "b", "c"]],
        ["type array", { tags: { $type: "array" } }, ["a", "b", "c"]],
        ["mod", { n: { $mod: [2, 0] } }, ["b", "c"]],
        ["bits", { n: { $bitsAllSet: 1 } }, ["a"]],
        ["expr", { $expr: { $gt: ["$n", { $literal: 1 }] } }, ["b", "c"]],
        ["embedded document, same order", { sub: { x: 1, y: 2 } }, ["a"]],
        ["embedded document, other order", { sub: { y: 2, x: 1 } }, []],
        ["dates", { at: { $gte: new Date(1000) } }, ["b"]],
      ];

      beforeEach(async () => {
        await things.insertMany([
          { _id: "a", n: 1, tags: ["x"], name: "ana", sub: { x: 1, y: 2 }, at: new Date(0) },
          { _id: "b", n: 2, tags: ["x", "y"], name: "beto", at: new Date(1000) },
          { _id: "c", n: 2.5, tags: [] },
          {
            _id: "d",
            items: [
              { sku: "p", n: 1 },
              { sku: "q", n: 2 },
            ],
          },
          { _id: "e", items: [{ sku: "p", n: 2 }] },
          { _id: "f", scores: [1, 5, 9] },
        ]);
      });

      for (const [what, filter, expected] of cases) {
        test(what, async () => {
          expect(await ids(filter)).toEqual(expected);
        });
      }

      test("the same answers with indexes on every field", async () => {
        for (const key of ["n", "tags", "items.sku", "items.n", "scores", "name", "sub", "at"])
          await things.createIndex({ [key]: -1 });
        await things.createIndex({ "items.sku": 1, "items.n": 1 });
        for (const [what, filter, expected] of cases) expect([what, await ids(filter)]).toEqual([what, expected]);
        for (const [what, filter, expected] of cases)
          expect([what, await things.countDocuments(filter)]).toEqual([what, expected.length]);
      });

      test("unknown operators fail", async () => {
        expect(await failure(things.findOne({ n: { $foo: 1 } } as never))).toMatchObject({ code: 2, codeName: "BadValue" });
        expect(await failure(things.findOne({ $foo: 1 } as never))).toMatchObject({ code: 2 });
        expect(await failure(things.findOne({ $or: [] }))).toMatchObject({ code: 2 });
      });
    });

    describe("sort, skip, limit, projection, cursors", () => {
      beforeEach(async () => {
        await things.insertMany(
          Array.from({ length: 300 }, (_, i) => ({
            _id: String(i).padStart(3, "0"),
            n: i % 7,
            m: i,
            sub: { a: i, b: -i },
            list: [1, 2, 3],
          })),
        );
      });

      test("sorts by several fields, pages and limits", async () => {
        const page = await things.find({ n: { $in: [1, 3] } }, { sort: { n: -1, m: 1 }, skip: 41, limit: 4 }).toArray();
        expect(page.map(({ n, m }) => [n, m])).toEqual([
          [3, 290],
          [3, 297],
          [1, 1],
          [1, 8],
        ]);
      });

      test("merges the ranges of $in in the order of the index", async () => {
        await things.createIndex({ n: 1, m: -1 });
        const page = await things.find({ n: { $in: [1, 3, 5] } }, { sort: { m: -1 }, limit: 5 }).toArray();
        expect(page.map(({ m }) => m)).toEqual([299, 297, 295, 292, 290]);
        const back = await things.find({ n: { $in: [1, 3, 5] } }, { sort: { m: 1 }, limit: 4 }).toArray();
        expect(back.map(({ m }) => m)).toEqual([1, 3, 5, 8]);
      });

      test("sorts mixed types in BSON order and arrays by their extreme element", async () => {
        await things.deleteMany({});
        const values = [
          true,
          "s",
          5,
          null,
          new Date(0),
          [9, -3],
          { a: 1 },
          new ObjectId(),
          Long.fromNumber(6),
          Decimal128.fromString("5.5"),
        ];
        await things.insertMany([...values.map((v, i) => ({ _id: `v${i}`, v })), { _id: "missing" }]);
        const up = (await things.find({}, { sort: { v: 1, _id: 1 } }).toArray()).map(({ _id }) => _id);
        expect(up).toEqual(["missing", "v3", "v5", "v2", "v9", "v8", "v1", "v6", "v7", "v0", "v4"]);
        await things.createIndex({ v: -1 });
        const down = (await things.find({}, { sort: { v: -1 } }).toArray()).map(({ _id }) => _id);
        expect(down.slice(0, 5)).toEqual(["v4", "v0", "v7", "v6", "v1"]);
      });

      test("projects fields in and out", async () => {
        const one = (projection: object) => things.findOne({ _id: "005" }, { projection });
        expect(await one({ n: 1 })).toEqual({ _id: "005", n: 5 });
        expect((await one({ _id: 0, "sub.a": 1 })) as object).toEqual({ sub: { a: 5 } });
        expect(await one({ n: 0, m: 0, list: 0 })).toEqual({ _id: "005", sub: { a: 5, b: -5 } });
        expect(await one({ _id: 1, list: { $slice: -2 } })).toMatchObject({ _id: "005", list: [2, 3] });
        expect(await one({ list: { $elemMatch: { $gt: 1 } } })).toEqual({ _id: "005", list: [2] });
        expect((await one({ _id: 0, twice: { $multiply: ["$m", 2] } })) as object).toEqual({ twice: 10 });
        expect((await failure(one({ n: 1, m: 0 }))).code).toBe(31254);
      });

      test("cursors give everything in batches", async () => {
        const seen: string[] = [];
        for await (const { _id } of things.find({}, { batchSize: 7, sort: { _id: 1 } })) seen.push(_id);
        expect(seen).toHaveLength(300);
        expect(new Set(seen).size).toBe(300);
        expect(
          (await failure(store.connection.db!.command({ getMore: Long.fromNumber(123456), collection: "things" }))).code,
        ).toBe(43);
      });

      test("counts and lists distinct values", async () => {
        expect(await things.countDocuments({ n: 3 })).toBe(43);
        expect(await things.countDocuments({ n: 3 }, { skip: 40, limit: 2 })).toBe(2);
        expect(await things.estimatedDocumentCount()).toBe(300);
        expect(await things.distinct("n", { m: { $lt: 4 } })).toEqual([0, 1, 2, 3]);
        expect(await things.distinct("list")).toEqual([1, 2, 3]);
      });
    });

    describe("updates", () => {
      const list = (field: string, value: unknown) => ({ [field]: value });
      const cases: [string, object, object, object, object?][] = [
        ["$set and nested paths", { a: 1 }, { $set: { "b.c.d": 2, a: "x" } }, { a: "x", b: { c: { d: 2 } } }],
        ["$set behind the end of an array", { l: [1] }, { $set: { "l.3": 9 } }, { l: [1, null, null, 9] }],
        [
          "$unset",
          { a: 1, b: { c: 1, d: 2 }, l: [1, 2] },
          { $unset: { a: "", "b.c": "", "l.0": "" } },
          { b: { d: 2 }, l: [null, 2] },
        ],
        ["$inc, $mul on present and missing", { a: 2 }, { $inc: { a: 3, b: 1 }, $mul: { c: 5 } }, { a: 5, b: 1, c: 0 }],
        ["$min, $max", { a: 5, b: 5 }, { $min: { a: 3 }, $max: { b: 3, c: 1 } }, { a: 3, b: 5, c: 1 }],
        ["$rename", { a: 1, x: 2 }, { $rename: { a: "b.c" } }, { x: 2, b: { c: 1 } }],
        ["$push", { l: [1] }, { $push: list("l", 2) }, { l: [1, 2] }],
        ["$push with everything", { l: [5, 1] }, { $push: { l: { $each: [3, 9], $sort: -1, $slice: 3 } } }, { l: [9, 5, 3] }],
        ["$push at a position", { l: [1, 4] }, { $push: { l: { $each: [2, 3], $position: 1 } } }, { l: [1, 2, 3, 4] }],
        [
          "$push, documents sorted",
          { l: [{ n: 2 }] },
          { $push: { l: { $each: [{ n: 1 }], $sort: { n: 1 } } } },
          { l: [{ n: 1 }, { n: 2 }] },
        ],
        ["$addToSet", { l: [1] }, { $addToSet: { l: { $each: [1, 2, 2] } } }, { l: [1, 2] }],
        ["$pop", { l: [1, 2, 3], m: [1, 2] }, { $pop: { l: 1, m: -1 } }, { l: [1, 2], m: [2] }],
        [
          "$pull by value and condition",
          { l: [1, 2, 3, 2], m: [1, 5, 9] },
          { $pull: { l: 2, m: { $gte: 5 } } },
          { l: [1, 3], m: [1] },
        ],
        ["$pull documents", { l: [{ n: 1, k: 1 }, { n: 2 }] }, { $pull: { l: { n: 1 } } }, { l: [{ n: 2 }] }],
        [
          "$pull with $or",
          { l: [{ n: 1 }, { n: 2 }, { n: 3 }] },
          { $pull: { l: { $or: [{ n: 1 }, { n: 3 }] } } },
          { l: [{ n: 2 }] },
        ],
        ["$pullAll", { l: [1, 2, 3, 2] }, { $pullAll: { l: [2, 3] } }, { l: [1] }],
        ["$bit", { a: 12 }, { $bit: { a: { and: 10 } } }, { a: 8 }],
        ["$[]", { l: [1, 2] }, { $inc: { "l.$[]": 10 } }, { l: [11, 12] }],
        [
          "$[name]",
          { l: [{ n: 1 }, { n: 5 }] },
          { $set: { "l.$[big].hit": true } },
          { l: [{ n: 1 }, { n: 5, hit: true }] },
          { arrayFilters: [{ "big.n": { $gt: 2 } }] },
        ],
        [
          "nested $[name]",
          { l: [{ m: [1, 9] }, { m: [9] }] },
          { $set: { "l.$[].m.$[x]": 0 } },
          { l: [{ m: [1, 0] }, { m: [0] }] },
          { arrayFilters: [{ x: { $gt: 5 } }] },
        ],
        ["a pipeline", { a: 2, b: 3 }, [{ $set: { c: { $add: ["$a", "$b"] } } }, { $unset: "a" }], { b: 3, c: 5 }],
        ["new fields come in the order of their names", {}, { $set: { z: 1, b: 2, a: 3 } }, { a: 3, b: 2, z: 1 }],
      ];

      for (const [what, before, update, after, options] of cases) {
        test(what, async () => {
          const result = await updated(before, update, options);
          expect(result).toEqual(after as never);
          expect(JSON.stringify(result)).toBe(JSON.stringify(after));
        });
      }

      test("the positional operator changes the element that matched", async () => {
        await things.insertOne({ _id: "a", l: [{ n: 1 }, { n: 2 }, { n: 2 }] });
        await things.updateOne({ _id: "a", "l.n": 2 }, { $set: { "l.$.hit": 1 } });
        expect(await stored()).toEqual({ l: [{ n: 1 }, { n: 2, hit: 1 }, { n: 2 }] });
        await things.updateOne({ _id: "a", l: { $elemMatch: { n: 2, hit: { $exists: false } } } }, { $set: { "l.$.n": 7 } });
        expect((await stored()).l).toEqual([{ n: 1 }, { n: 2, hit: 1 }, { n: 7 }]);
        expect((await failure(things.updateOne({ _id: "a" }, { $set: { "l.$.x": 1 } }))).code).toBe(2);
      });

      const refused: [string, object, object, number][] = [
        ["$inc on text", { a: "x" }, { $inc: { a: 1 } }, 14],
        ["$inc by text", { a: 1 }, { $inc: { a: "x" } }, 14],
        ["$inc over int64", { a: Long.MAX_VALUE }, { $inc: { a: 1 } }, 2],
        ["$push on a number", { a: 1 }, { $push: { a: 1 } }, 2],
        ["$set through a number", { a: 1 }, { $set: { "a.b": 1 } }, 28],
        ["two operators on one path", {}, { $set: { a: 1 }, $inc: { a: 1 } }, 40],
        ["two operators on parent and child", {}, { $set: { a: {} }, $inc: { "a.b": 1 } }, 40],
        ["another _id", {}, { $set: { _id: "b" } }, 66],
        ["an unknown operator", {}, { $foo: { a: 1 } }, 9],
        ["$pop by 2", { a: [1] }, { $pop: { a: 2 } }, 9],
        ["$addToSet on a number", { a: 1 }, { $addToSet: { a: 1 } }, 2],
        ["a name without array filter", { a: [1] }, { $set: { "a.$[x]": 1 } }, 2],
        ["an empty path part", {}, { $set: { "a..b": 1 } }, 56],
      ];
      for (const [what, before, update, code] of refused) {
        test(`refused: ${what}`, async () => {
          await things.insertOne({ _id: "a", ...before });
          const bytes = (await things.findOne({ _id: "a" }, { raw: true })) as unknown as Uint8Array;
          expect((await failure(things.updateOne({ _id: "a" }, update))).code).toBe(code);
          expect(
            Buffer.from((await things.findOne({ _id: "a" }, { raw: true })) as unknown as Uint8Array).equals(Buffer.from(bytes)),
          ).toBe(true);
        });
      }

      test("replaces, and counts what changed", async () => {
        await things.insertMany([
          { _id: "a", n: 1 },
          { _id: "b", n: 1 },
        ]);
        expect(await things.replaceOne({ _id: "a" }, { m: 2 } as never)).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
        expect(await stored()).toEqual({ m: 2 });
        expect(await things.updateMany({}, { $set: { n: 1 } })).toMatchObject({ matchedCount: 2, modifiedCount: 1 });
        expect(await things.deleteMany({ n: 1 })).toEqual({ acknowledged: true, deletedCount: 2 });
      });

      test("upserts from filter and update", async () => {
        const result = await things.updateOne(
          { _id: "a", kind: "k", n: { $gt: 3 }, "deep.x": { $eq: 1 } },
          { $setOnInsert: { made: true }, $set: { seen: 1 } },
          { upsert: true },
        );
        expect(result).toMatchObject({ upsertedId: "a", upsertedCount: 1, matchedCount: 0 });
        expect(await stored()).toEqual({ kind: "k", deep: { x: 1 }, made: true, seen: 1 });
        await things.updateOne({ _id: "a" }, { $setOnInsert: { made: false }, $inc: { seen: 1 } }, { upsert: true });
        expect(await stored()).toMatchObject({ made: true, seen: 2 });
      });

      test("findOneAndUpdate gives before or after, removes, projects and sorts", async () => {
        await things.insertMany([
          { _id: "a", n: 2 },
          { _id: "b", n: 1 },
        ]);
        expect(await things.findOneAndUpdate({}, { $inc: { n: 10 } }, { sort: { n: 1 } })).toEqual({ _id: "b", n: 1 });
        expect(
          (await things.findOneAndUpdate(
            { _id: "b" },
            { $inc: { n: 1 } },
            { returnDocument: "after", projection: { _id: 0 } },
          )) as unknown,
        ).toEqual({ n: 12 });
        expect(await things.findOneAndUpdate({ _id: "x" }, { $set: { n: 1 } })).toBeNull();
        expect(
          await things.findOneAndUpdate({ _id: "x" }, { $set: { n: 1 } }, { upsert: true, returnDocument: "after" }),
        ).toEqual({ _id: "x", n: 1 });
        expect(await things.findOneAndDelete({}, { sort: { n: -1 } })).toEqual({ _id: "b", n: 12 });
        expect(await ids({})).toEqual(["a", "x"]);
      });

      test("of thirty claims at once each gets another document", async () => {
        await things.createIndex({ state: 1, at: 1 });
        await things.insertMany(Array.from({ length: 10 }, (_, i) => ({ _id: String(i), state: "ready", at: i })));
        const claims = await Promise.all(
          Array.from({ length: 30 }, (_, i) =>
            things.findOneAndUpdate({ state: "ready" }, { $set: { state: "taken", owner: i } }, { sort: { at: 1 } }),
          ),
        );
        const taken = claims.filter((claim) => claim !== null).map(({ _id }) => _id);
        expect(taken.sort()).toEqual(Array.from({ length: 10 }, (_, i) => String(i)));
      });

      test("bulkWrite mixes operations", async () => {
        const result = await things.bulkWrite([
          { insertOne: { document: { _id: "a", n: 1 } } },
          { updateOne: { filter: { _id: "a" }, update: { $inc: { n: 1 } } } },
          { updateOne: { filter: { _id: "b" }, update: { $set: { n: 5 } }, upsert: true } },
          { replaceOne: { filter: { _id: "b" }, replacement: { m: 1 } as never } },
          { deleteOne: { filter: { _id: "a" } } },
        ]);
        expect(result).toMatchObject({ insertedCount: 1, matchedCount: 2, modifiedCount: 2, upsertedCount: 1, deletedCount: 1 });
        expect(await things.find().toArray()).toEqual([{ _id: "b", m: 1 }]);
      });
    });

    describe("indexes", () => {
      test("unique: a duplicate is refused with key pattern and value, and leaves nothing behind", async () => {
        await things.createIndex({ a: 1, b: -1 }, { unique: true });
        await things.createIndex({ c: 1 });
        await things.insertOne({ _id: "x", a: 1, b: 2, c: 1 });
        expect(await failure(things.insertOne({ _id: "y", a: 1, b: 2, c: 2 }))).toMatchObject({
          code: 11000,
          keyPattern: { a: 1, b: -1 },
          keyValue: { a: 1, b: 2 },
        });
        expect(await things.countDocuments({ c: 2 })).toBe(0);
        await things.insertOne({ _id: "z", a: 1, b: 3, c: 3 });
        expect((await failure(things.updateOne({ _id: "z" }, { $set: { b: 2, c: 9 } }))).code).toBe(11000);
        expect(await things.findOne({ c: 3 })).toEqual({ _id: "z", a: 1, b: 3, c: 3 });
        expect(await things.countDocuments({ c: 9 })).toBe(0);
      });

      test("unique partial: only documents of the filter count", async () => {
        await things.createIndex({ contact: 1 }, { unique: true, partialFilterExpression: { isOpen: true } });
        await things.insertMany([
          { _id: "a", contact: 1, isOpen: true },
          { _id: "b", contact: 1, isOpen: false },
        ]);
        expect((await failure(things.updateOne({ _id: "b" }, { $set: { isOpen: true } }))).code).toBe(11000);
        await things.updateOne({ _id: "a" }, { $set: { isOpen: false } });
        await things.updateOne({ _id: "b" }, { $set: { isOpen: true } });
        expect(await ids({ contact: 1, isOpen: true })).toEqual(["b"]);
        expect(await ids({ contact: 1 })).toEqual(["a", "b"]);
      });

      test("unique sparse: missing fields do not collide", async () => {
        await things.createIndex({ mail: 1 }, { unique: true, sparse: true });
        await things.insertMany([{ _id: "a" }, { _id: "b" }, { _id: "c", mail: "m" }]);
        expect((await failure(things.insertOne({ _id: "d", mail: "m" }))).code).toBe(11000);
        expect(await ids({ mail: null })).toEqual(["a", "b"]);
        expect((await things.find({}, { sort: { mail: 1 } }).toArray()).length).toBe(3);
      });

      test("unique multikey: elements collide between documents, not within one", async () => {
        await things.createIndex({ keys: 1 }, { unique: true });
        await things.insertOne({ _id: "a", keys: ["x", "y", "x"] });
        expect((await failure(things.insertOne({ _id: "b", keys: ["z", "y"] }))).code).toBe(11000);
        expect(await things.countDocuments({ keys: "z" })).toBe(0);
      });

      test("parallel arrays are refused", async () => {
        await things.createIndex({ a: 1, b: 1 });
        expect((await failure(things.insertOne({ _id: "a", a: [1], b: [2] }))).code).toBe(171);
        expect(await things.countDocuments({})).toBe(0);
      });

      test("building fails on stored duplicates and leaves no index", async () => {
        await things.insertMany([
          { _id: "a", n: 1 },
          { _id: "b", n: 1 },
        ]);
        expect((await failure(things.createIndex({ n: 1 }, { unique: true }))).code).toBe(11000);
        expect((await things.listIndexes().toArray()).map(({ name }) => name)).toEqual(["_id_"]);
      });

      test("the same index again is fine, a contradiction is not", async () => {
        await things.createIndex({ n: 1 });
        expect(await things.createIndex({ n: 1 })).toBe("n_1");
        expect([85, 86]).toContain((await failure(things.createIndex({ n: 1 }, { unique: true }))).code!);
        expect([85, 86]).toContain((await failure(things.createIndex({ m: 1 }, { name: "n_1" }))).code!);
        await things.dropIndex("n_1");
        expect((await things.listIndexes().toArray()).map(({ name }) => name)).toEqual(["_id_"]);
        expect((await failure(things.dropIndex("n_1"))).code).toBe(27);
      });

      test("explain tells IXSCAN from COLLSCAN", async () => {
        await things.insertMany([
          { _id: "a", n: 1, m: 1 },
          { _id: "b", n: 2 },
        ]);
        await things.createIndex({ n: 1 });
        const plan = async (filter: object) =>
          JSON.stringify((await things.find(filter).explain("queryPlanner")).queryPlanner.winningPlan);
        expect(await plan({ n: 1 })).toContain("IXSCAN");
        expect(await plan({ m: 1 })).toContain("COLLSCAN");
        expect(await plan({ m: 1 })).not.toContain("IXSCAN");
      });
    });

    describe("aggregation", () => {
      const run = (pipeline: object[]) => things.aggregate(pipeline).toArray();

      beforeEach(async () => {
        await things.insertMany([
          { _id: "a", team: "x", n: 1, at: new Date("2026-03-01T02:00:00Z"), tags: ["p", "q"], ref: "b" },
          { _id: "b", team: "x", n: 2, at: new Date("2026-03-01T12:00:00Z"), tags: ["q"], ref: "c" },
          { _id: "c", team: "y", n: 5, at: new Date("2026-03-02T01:00:00Z"), tags: [] },
        ]);
      });

      const cases: [string, object[], unknown[]][] = [
        [
          "match, sort, limit, project",
          [
            { $match: { n: { $gt: 1 } } },
            { $sort: { n: -1 } },
            { $limit: 1 },
            { $project: { n: 1, twice: { $multiply: ["$n", 2] } } },
          ],
          [{ _id: "c", n: 5, twice: 10 }],
        ],
        [
          "group",
          [
            {
              $group: {
                _id: "$team",
                sum: { $sum: "$n" },
                avg: { $avg: "$n" },
                max: { $max: "$n" },
                first: { $first: "$_id" },
                all: { $push: "$n" },
                c: { $count: {} },
              },
            },
            { $sort: { _id: 1 } },
          ],
          [
            { _id: "x", sum: 3, avg: 1.5, max: 2, first: "a", all: [1, 2], c: 2 },
            { _id: "y", sum: 5, avg: 5, max: 5, first: "c", all: [5], c: 1 },
          ],
        ],
        [
          "unwind and sortByCount",
          [{ $unwind: "$tags" }, { $sortByCount: "$tags" }],
          [
            { _id: "q", count: 2 },
            { _id: "p", count: 1 },
          ],
        ],
        [
          "unwind keeping empty",
          [
            { $unwind: { path: "$tags", preserveNullAndEmptyArrays: true, includeArrayIndex: "i" } },
            { $match: { _id: "c" } },
            { $project: { i: 1, tags: 1 } },
          ],
          [{ _id: "c", i: null }],
        ],
        [
          "lookup",
          [
            { $match: { _id: "a" } },
            { $lookup: { from: "things", localField: "ref", foreignField: "_id", as: "to" } },
            { $project: { "to.n": 1 } },
          ],
          [{ _id: "a", to: [{ n: 2 }] }],
        ],
        [
          "lookup with pipeline and let",
          [
            { $match: { _id: "b" } },
            {
              $lookup: {
                from: "things",
                let: { mine: "$n" },
                pipeline: [{ $match: { $expr: { $gt: ["$n", "$$mine"] } } }, { $project: { _id: 1 } }],
                as: "more",
              },
            },
            { $project: { more: 1 } },
          ],
          [{ _id: "b", more: [{ _id: "c" }] }],
        ],
        [
          "facet",
          [{ $facet: { n: [{ $count: "c" }], top: [{ $sort: { n: -1 } }, { $limit: 1 }, { $project: { _id: 1 } }] } }],
          [{ n: [{ c: 3 }], top: [{ _id: "c" }] }],
        ],
        [
          "bucket",
          [{ $bucket: { groupBy: "$n", boundaries: [0, 2, 4], default: "more" } }],
          [
            { _id: 0, count: 1 },
            { _id: 2, count: 1 },
            { _id: "more", count: 1 },
          ],
        ],
        ["count", [{ $match: { team: "x" } }, { $count: "c" }], [{ c: 2 }]],
        [
          "addFields, unset, replaceRoot",
          [{ $match: { _id: "a" } }, { $addFields: { "sub.n": "$n", k: "$$REMOVE" } }, { $replaceRoot: { newRoot: "$sub" } }],
          [{ n: 1 }],
        ],
        [
          "unionWith",
          [
            { $match: { _id: "a" } },
            { $unionWith: { coll: "things", pipeline: [{ $match: { _id: "c" } }] } },
            { $project: { n: 1 } },
          ],
          [
            { _id: "a", n: 1 },
            { _id: "c", n: 5 },
          ],
        ],
        [
          "days in a time zone",
          [
            { $group: { _id: { $dateToString: { date: "$at", format: "%Y-%m-%d", timezone: "America/Lima" } }, c: { $sum: 1 } } },
            { $sort: { _id: 1 } },
          ],
          [
            { _id: "2026-02-28", c: 1 },
            { _id: "2026-03-01", c: 2 },
          ],
        ],
        [
          "dateTrunc",
          [{ $group: { _id: { $dateTrunc: { date: "$at", unit: "day" } }, c: { $sum: 1 } } }, { $sort: { _id: 1 } }],
          [
            { _id: new Date("2026-03-01"), c: 2 },
            { _id: new Date("2026-03-02"), c: 1 },
          ],
        ],
        [
          "expressions",
          [
            { $match: { _id: "a" } },
            {
              $project: {
                _id: 0,
                cond: { $cond: [{ $gt: ["$n", 0] }, "yes", "no"] },
                none: { $ifNull: ["$missing", "none"] },
                text: { $concat: ["$team", "-", { $toString: "$n" }] },
                map: { $map: { input: "$tags", as: "t", in: { $toUpper: "$$t" } } },
                filter: { $filter: { input: "$tags", cond: { $eq: ["$$this", "q"] } } },
                reduce: { $reduce: { input: [1, 2, 3], initialValue: 0, in: { $add: ["$$value", "$$this"] } } },
                size: { $size: "$tags" },
                has: { $in: ["q", "$tags"] },
                year: { $year: "$at" },
                diff: { $dateDiff: { startDate: "$at", endDate: new Date("2026-03-05"), unit: "day" } },
              },
            },
          ],
          [
            {
              cond: "yes",
              none: "none",
              text: "x-1",
              map: ["P", "Q"],
              filter: ["q"],
              reduce: 6,
              size: 2,
              has: true,
              year: 2026,
              diff: 4,
            },
          ],
        ],
      ];
      for (const [what, pipeline, expected] of cases) {
        test(what, async () => {
          expect(await run(pipeline)).toEqual(expected as never);
        });
      }

      test("$sample gives different documents", async () => {
        expect(new Set((await run([{ $sample: { size: 2 } }])).map(({ _id }) => _id)).size).toBe(2);
      });

      test("unknown stages and operators fail", async () => {
        expect((await failure(run([{ $nope: 1 }]))).code).toBe(40324);
        expect((await failure(run([{ $project: { x: { $nope: 1 } } }]))).code).toBeGreaterThan(0);
      });
    });

    describe("transactions", () => {
      test("commit together", async () => {
        const result = await store.transaction(async (session) => {
          await things.insertOne({ _id: "a", n: 1 }, { session });
          await things.updateOne({ _id: "a" }, { $inc: { n: 1 } }, { session });
          return (await things.findOne({ _id: "a" }, { session }))!.n;
        });
        expect(result).toBe(2);
        expect(await stored()).toEqual({ n: 2 });
      });

      test("take everything back when the function throws", async () => {
        await things.insertOne({ _id: "a", n: 1 });
        const error = await failure(
          store.transaction(async (session) => {
            await things.updateOne({ _id: "a" }, { $set: { n: 9 } }, { session });
            await things.insertOne({ _id: "b" }, { session });
            throw new Error("no");
          }),
        );
        expect(error.message).toBe("no");
        expect(await things.find().toArray()).toEqual([{ _id: "a", n: 1 }]);
      });

      test("readers outside see the state before", async () => {
        await things.insertOne({ _id: "a", n: 1 });
        await store.transaction(async (session) => {
          await things.updateOne({ _id: "a" }, { $set: { n: 2 } }, { session });
          await things.insertOne({ _id: "b" }, { session });
          expect(await stored()).toEqual({ n: 1 });
          expect(await things.countDocuments({})).toBe(1);
          expect((await things.find({}, { session }).toArray()).length).toBe(2);
        });
        expect(await things.countDocuments({})).toBe(2);
      });

      test("many at once do not lose updates", async () => {
        await things.insertOne({ _id: "a", n: 0 });
        await Promise.all(
          Array.from({ length: 12 }, () =>
            store.transaction(async (session) => {
              const n = (await things.findOne({ _id: "a" }, { session }))!.n as number;
              await things.updateOne({ _id: "a" }, { $set: { n: n + 1 } }, { session });
            }),
          ),
        );
        expect(await stored()).toEqual({ n: 12 });
      });

      test("a failed command ends the transaction", async () => {
        await things.insertOne({ _id: "a" });
        const error = await failure(
          store.transaction(async (session) => {
            await things.insertOne({ _id: "b" }, { session });
            await things.insertOne({ _id: "a" }, { session });
          }),
        );
        expect(error.code).toBe(11000);
        expect(await ids({})).toEqual(["a"]);
      });

      test("a session whose transaction is gone gets the transient label", async () => {
        const session = await store.connection.startSession();
        session.startTransaction();
        await things.insertOne({ _id: "a" }, { session });
        await session.abortTransaction();
        expect(await ids({})).toEqual([]);
        await session.endSession();
      });
    });

    describe("Mongoose", () => {
      const schema = new Schema(
        {
          _id: String,
          name: { type: String, required: true },
          n: { type: Number, default: 0 },
          tags: [String],
          attributes: { type: Map, of: String },
          friend: { type: String, ref: "Person" },
        },
        { timestamps: true, optimisticConcurrency: true },
      );
      schema.index({ name: 1 }, { unique: true });
      const people = () =>
        (store.connection.models.Person as mongoose.Model<mongoose.InferSchemaType<typeof schema>>) ??
        store.connection.model("Person", schema);

      beforeEach(async () => {
        await people().collection.drop();
        await syncIndexes(store.connection);
      });

      test("creates, validates, populates, saves", async () => {
        const Person = people();
        await Person.create({ _id: "1", name: "Ana", attributes: new Map([["city", "Cusco"]]) });
        await Person.create({ _id: "2", name: "Beto", friend: "1" });
        const beto = await Person.findById("2").populate<{ friend: { name: string; attributes: Map<string, string> } }>("friend");
        expect(beto!.friend.name).toBe("Ana");
        expect(beto!.friend.attributes.get("city")).toBe("Cusco");
        const ana = (await Person.findById("1"))!;
        ana.tags.push("x", "y");
        await ana.save();
        expect((await Person.findById("1").lean())!.tags).toEqual(["x", "y"]);
        expect((await failure(Person.create({ _id: "3" }))).message).toContain("required");
        expect((await failure(Person.create({ _id: "3", name: "Ana" }))).code).toBe(11000);
      });

      test("notices that somebody else saved first", async () => {
        const Person = people();
        await Person.create({ _id: "1", name: "Ana" });
        const [one, two] = [(await Person.findById("1"))!, (await Person.findById("1"))!];
        one.n = 1;
        await one.save();
        two.n = 2;
        expect((await failure(two.save())).name).toBe("VersionError");
      });

      test("syncIndexes reports, repeats quietly, and fails on contradictions", async () => {
        const Person = people();
        expect(await syncIndexes(store.connection)).toMatchObject({ created: [] });
        await Person.collection.dropIndexes();
        await Person.collection.createIndex({ other: 1 });
        const report = await syncIndexes(store.connection);
        expect(report.created).toContain("people.name_1");
        expect(report.undeclared).toContain("people.other_1");
        await Person.collection.dropIndexes();
        await Person.collection.createIndex({ name: 1 });
        expect((await failure(syncIndexes(store.connection))).code as unknown).toBe("store.index-conflict");
        await Person.collection.dropIndexes();
      });
    });
  });
}
