/** Contract: filters. */
import { beforeEach, describe, expect, test } from "bun:test";
import { mongo } from "mongoose";
import { type ContractContext, failure, type Thing } from "./context";

const { Long } = mongo;

export function filtersContract(context: ContractContext): void {
  const { ids } = context;
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
      await context.things.insertMany([
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
        await context.things.createIndex({ [key]: -1 });
      await context.things.createIndex({ "items.sku": 1, "items.n": 1 });
      for (const [what, filter, expected] of cases) expect([what, await ids(filter)]).toEqual([what, expected]);
      for (const [what, filter, expected] of cases)
        expect([what, await context.things.countDocuments(filter)]).toEqual([what, expected.length]);
    });

    test("unknown operators fail", async () => {
      expect(await failure(context.things.findOne({ n: { $foo: 1 } } as never))).toMatchObject({ code: 2, codeName: "BadValue" });
      expect(await failure(context.things.findOne({ $foo: 1 } as never))).toMatchObject({ code: 2 });
      expect(await failure(context.things.findOne({ $or: [] }))).toMatchObject({ code: 2 });
    });
  });
}
