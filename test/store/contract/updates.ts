/** Contract: updates. */
import { describe, expect, test } from "bun:test";
import { mongo } from "mongoose";
import { type ContractContext, failure } from "./context";

const { Long } = mongo;

export function updatesContract(context: ContractContext): void {
  const { ids, stored, updated } = context;
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
      await context.things.insertOne({ _id: "a", l: [{ n: 1 }, { n: 2 }, { n: 2 }] });
      await context.things.updateOne({ _id: "a", "l.n": 2 }, { $set: { "l.$.hit": 1 } });
      expect(await stored()).toEqual({ l: [{ n: 1 }, { n: 2, hit: 1 }, { n: 2 }] });
      await context.things.updateOne(
        { _id: "a", l: { $elemMatch: { n: 2, hit: { $exists: false } } } },
        { $set: { "l.$.n": 7 } },
      );
      expect((await stored()).l).toEqual([{ n: 1 }, { n: 2, hit: 1 }, { n: 7 }]);
      expect((await failure(context.things.updateOne({ _id: "a" }, { $set: { "l.$.x": 1 } }))).code).toBe(2);
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
        await context.things.insertOne({ _id: "a", ...before });
        const bytes = (await context.things.findOne({ _id: "a" }, { raw: true })) as unknown as Uint8Array;
        expect((await failure(context.things.updateOne({ _id: "a" }, update))).code).toBe(code);
        expect(
          Buffer.from((await context.things.findOne({ _id: "a" }, { raw: true })) as unknown as Uint8Array).equals(
            Buffer.from(bytes),
          ),
        ).toBe(true);
      });
    }

    test("replaces, and counts what changed", async () => {
      await context.things.insertMany([
        { _id: "a", n: 1 },
        { _id: "b", n: 1 },
      ]);
      expect(await context.things.replaceOne({ _id: "a" }, { m: 2 } as never)).toMatchObject({
        matchedCount: 1,
        modifiedCount: 1,
      });
      expect(await stored()).toEqual({ m: 2 });
      expect(await context.things.updateMany({}, { $set: { n: 1 } })).toMatchObject({ matchedCount: 2, modifiedCount: 1 });
      expect(await context.things.deleteMany({ n: 1 })).toEqual({ acknowledged: true, deletedCount: 2 });
    });

    test("upserts from filter and update", async () => {
      const result = await context.things.updateOne(
        { _id: "a", kind: "k", n: { $gt: 3 }, "deep.x": { $eq: 1 } },
        { $setOnInsert: { made: true }, $set: { seen: 1 } },
        { upsert: true },
      );
      expect(result).toMatchObject({ upsertedId: "a", upsertedCount: 1, matchedCount: 0 });
      expect(await stored()).toEqual({ kind: "k", deep: { x: 1 }, made: true, seen: 1 });
      await context.things.updateOne({ _id: "a" }, { $setOnInsert: { made: false }, $inc: { seen: 1 } }, { upsert: true });
      expect(await stored()).toMatchObject({ made: true, seen: 2 });
    });

    test("findOneAndUpdate gives before or after, removes, projects and sorts", async () => {
      await context.things.insertMany([
        { _id: "a", n: 2 },
        { _id: "b", n: 1 },
      ]);
      expect(await context.things.findOneAndUpdate({}, { $inc: { n: 10 } }, { sort: { n: 1 } })).toEqual({ _id: "b", n: 1 });
      expect(
        (await context.things.findOneAndUpdate(
          { _id: "b" },
          { $inc: { n: 1 } },
          { returnDocument: "after", projection: { _id: 0 } },
        )) as unknown,
      ).toEqual({ n: 12 });
      expect(await context.things.findOneAndUpdate({ _id: "x" }, { $set: { n: 1 } })).toBeNull();
      expect(
        await context.things.findOneAndUpdate({ _id: "x" }, { $set: { n: 1 } }, { upsert: true, returnDocument: "after" }),
      ).toEqual({ _id: "x", n: 1 });
      expect(await context.things.findOneAndDelete({}, { sort: { n: -1 } })).toEqual({ _id: "b", n: 12 });
      expect(await ids({})).toEqual(["a", "x"]);
    });

    test("of thirty claims at once each gets another document", async () => {
      await context.things.createIndex({ state: 1, at: 1 });
      await context.things.insertMany(Array.from({ length: 10 }, (_, i) => ({ _id: String(i), state: "ready", at: i })));
      const claims = await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          context.things.findOneAndUpdate({ state: "ready" }, { $set: { state: "taken", owner: i } }, { sort: { at: 1 } }),
        ),
      );
      const taken = claims.filter((claim) => claim !== null).map(({ _id }) => _id);
      expect(taken.sort()).toEqual(Array.from({ length: 10 }, (_, i) => String(i)));
    });

    test("bulkWrite mixes operations", async () => {
      const result = await context.things.bulkWrite([
        { insertOne: { document: { _id: "a", n: 1 } } },
        { updateOne: { filter: { _id: "a" }, update: { $inc: { n: 1 } } } },
        { updateOne: { filter: { _id: "b" }, update: { $set: { n: 5 } }, upsert: true } },
        { replaceOne: { filter: { _id: "b" }, replacement: { m: 1 } as never } },
        { deleteOne: { filter: { _id: "a" } } },
      ]);
      expect(result).toMatchObject({ insertedCount: 1, matchedCount: 2, modifiedCount: 2, upsertedCount: 1, deletedCount: 1 });
      expect(await context.things.find().toArray()).toEqual([{ _id: "b", m: 1 }]);
    });
  });
}
