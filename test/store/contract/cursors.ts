/** Contract: sort, skip, limit, projection, cursors. */
import { beforeEach, describe, expect, test } from "bun:test";
import { mongo } from "mongoose";
import { type ContractContext, failure } from "./context";

const { Decimal128, Long, ObjectId } = mongo;

export function cursorsContract(context: ContractContext): void {
  describe("sort, skip, limit, projection, cursors", () => {
    beforeEach(async () => {
      await context.things.insertMany(
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
      const page = await context.things.find({ n: { $in: [1, 3] } }, { sort: { n: -1, m: 1 }, skip: 41, limit: 4 }).toArray();
      expect(page.map(({ n, m }) => [n, m])).toEqual([
        [3, 290],
        [3, 297],
        [1, 1],
        [1, 8],
      ]);
    });

    test("merges the ranges of $in in the order of the index", async () => {
      await context.things.createIndex({ n: 1, m: -1 });
      const page = await context.things.find({ n: { $in: [1, 3, 5] } }, { sort: { m: -1 }, limit: 5 }).toArray();
      expect(page.map(({ m }) => m)).toEqual([299, 297, 295, 292, 290]);
      const back = await context.things.find({ n: { $in: [1, 3, 5] } }, { sort: { m: 1 }, limit: 4 }).toArray();
      expect(back.map(({ m }) => m)).toEqual([1, 3, 5, 8]);
    });

    test("sorts mixed types in BSON order and arrays by their extreme element", async () => {
      await context.things.deleteMany({});
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
      await context.things.insertMany([...values.map((v, i) => ({ _id: `v${i}`, v })), { _id: "missing" }]);
      const up = (await context.things.find({}, { sort: { v: 1, _id: 1 } }).toArray()).map(({ _id }) => _id);
      expect(up).toEqual(["missing", "v3", "v5", "v2", "v9", "v8", "v1", "v6", "v7", "v0", "v4"]);
      await context.things.createIndex({ v: -1 });
      const down = (await context.things.find({}, { sort: { v: -1 } }).toArray()).map(({ _id }) => _id);
      expect(down.slice(0, 5)).toEqual(["v4", "v0", "v7", "v6", "v1"]);
    });

    test("projects fields in and out", async () => {
      const one = (projection: object) => context.things.findOne({ _id: "005" }, { projection });
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
      for await (const { _id } of context.things.find({}, { batchSize: 7, sort: { _id: 1 } })) seen.push(_id);
      expect(seen).toHaveLength(300);
      expect(new Set(seen).size).toBe(300);
      expect(
        (await failure(context.store.connection.db!.command({ getMore: Long.fromNumber(123456), collection: "things" }))).code,
      ).toBe(43);
    });

    test("counts and lists distinct values", async () => {
      expect(await context.things.countDocuments({ n: 3 })).toBe(43);
      expect(await context.things.countDocuments({ n: 3 }, { skip: 40, limit: 2 })).toBe(2);
      expect(await context.things.estimatedDocumentCount()).toBe(300);
      expect(await context.things.distinct("n", { m: { $lt: 4 } })).toEqual([0, 1, 2, 3]);
      expect(await context.things.distinct("list")).toEqual([1, 2, 3]);
    });
  });
}
