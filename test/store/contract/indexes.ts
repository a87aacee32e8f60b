/** Contract: indexes. */
import { describe, expect, test } from "bun:test";
import { type ContractContext, failure } from "./context";

export function indexesContract(context: ContractContext): void {
  const { ids } = context;
  describe("indexes", () => {
    test("unique: a duplicate is refused with key pattern and value, and leaves nothing behind", async () => {
      await context.things.createIndex({ a: 1, b: -1 }, { unique: true });
      await context.things.createIndex({ c: 1 });
      await context.things.insertOne({ _id: "x", a: 1, b: 2, c: 1 });
      expect(await failure(context.things.insertOne({ _id: "y", a: 1, b: 2, c: 2 }))).toMatchObject({
        code: 11000,
        keyPattern: { a: 1, b: -1 },
        keyValue: { a: 1, b: 2 },
      });
      expect(await context.things.countDocuments({ c: 2 })).toBe(0);
      await context.things.insertOne({ _id: "z", a: 1, b: 3, c: 3 });
      expect((await failure(context.things.updateOne({ _id: "z" }, { $set: { b: 2, c: 9 } }))).code).toBe(11000);
      expect(await context.things.findOne({ c: 3 })).toEqual({ _id: "z", a: 1, b: 3, c: 3 });
      expect(await context.things.countDocuments({ c: 9 })).toBe(0);
    });

    test("unique partial: only documents of the filter count", async () => {
      await context.things.createIndex({ contact: 1 }, { unique: true, partialFilterExpression: { isOpen: true } });
      await context.things.insertMany([
        { _id: "a", contact: 1, isOpen: true },
        { _id: "b", contact: 1, isOpen: false },
      ]);
      expect((await failure(context.things.updateOne({ _id: "b" }, { $set: { isOpen: true } }))).code).toBe(11000);
      await context.things.updateOne({ _id: "a" }, { $set: { isOpen: false } });
      await context.things.updateOne({ _id: "b" }, { $set: { isOpen: true } });
      expect(await ids({ contact: 1, isOpen: true })).toEqual(["b"]);
      expect(await ids({ contact: 1 })).toEqual(["a", "b"]);
    });

    test("unique sparse: missing fields do not collide", async () => {
      await context.things.createIndex({ mail: 1 }, { unique: true, sparse: true });
      await context.things.insertMany([{ _id: "a" }, { _id: "b" }, { _id: "c", mail: "m" }]);
      expect((await failure(context.things.insertOne({ _id: "d", mail: "m" }))).code).toBe(11000);
      expect(await ids({ mail: null })).toEqual(["a", "b"]);
      expect((await context.things.find({}, { sort: { mail: 1 } }).toArray()).length).toBe(3);
    });

    test("unique multikey: elements collide between documents, not within one", async () => {
      await context.things.createIndex({ keys: 1 }, { unique: true });
      await context.things.insertOne({ _id: "a", keys: ["x", "y", "x"] });
      expect((await failure(context.things.insertOne({ _id: "b", keys: ["z", "y"] }))).code).toBe(11000);
      expect(await context.things.countDocuments({ keys: "z" })).toBe(0);
    });

    test("parallel arrays are refused", async () => {
      await context.things.createIndex({ a: 1, b: 1 });
      expect((await failure(context.things.insertOne({ _id: "a", a: [1], b: [2] }))).code).toBe(171);
      expect(await context.things.countDocuments({})).toBe(0);
    });

    test("building fails on stored duplicates and leaves no index", async () => {
      await context.things.insertMany([
        { _id: "a", n: 1 },
        { _id: "b", n: 1 },
      ]);
      expect((await failure(context.things.createIndex({ n: 1 }, { unique: true }))).code).toBe(11000);
      expect((await context.things.listIndexes().toArray()).map(({ name }) => name)).toEqual(["_id_"]);
    });

    test("the same index again is fine, a contradiction is not", async () => {
      await context.things.createIndex({ n: 1 });
      expect(await context.things.createIndex({ n: 1 })).toBe("n_1");
      expect([85, 86]).toContain((await failure(context.things.createIndex({ n: 1 }, { unique: true }))).code!);
      expect([85, 86]).toContain((await failure(context.things.createIndex({ m: 1 }, { name: "n_1" }))).code!);
      await context.things.dropIndex("n_1");
      expect((await context.things.listIndexes().toArray()).map(({ name }) => name)).toEqual(["_id_"]);
      expect((await failure(context.things.dropIndex("n_1"))).code).toBe(27);
    });

    test("an $or inside other conditions finds all of its branches, indexed or not", async () => {
      await context.things.insertMany([
        { _id: "a", n: 1 },
        { _id: "b", n: 2 },
        { _id: "c", m: 1 },
      ]);
      await context.things.createIndex({ n: 1 });
      const branches = [{ $or: [{ n: 1 }, { n: 2 }] }, { m: 1 }];
      expect(await context.ids({ $or: branches })).toEqual(["a", "b", "c"]);
      expect(await context.ids({ $and: [{ $or: branches }, { $or: [{ m: 1 }, { n: { $gt: 1 } }] }] })).toEqual(["b", "c"]);
      expect(await context.ids({ $and: [{ $or: [{ m: 1 }, {}] }, { n: 1 }] })).toEqual(["a"]);
      expect(await context.ids({ $and: [{ $or: [{}] }, { $and: [{ $or: [{ m: 1 }, { x: 1 }] }] }] })).toEqual(["c"]);
    });

    test("an index on an element finds what the path finds without it", async () => {
      await context.things.insertMany([
        { _id: "a", list: [{}] },
        { _id: "b" },
        { _id: "c", list: [{ 0: 5 }] },
        { _id: "d", list: [5] },
      ]);
      const answers = async () => [await context.ids({ "list.0": null }), await context.ids({ "list.0": 5 })];
      const before = await answers();
      expect(before).toEqual([
        ["a", "b"],
        ["c", "d"],
      ]);
      await context.things.createIndex({ "list.0": 1 });
      expect(await answers()).toEqual(before);
    });

    test("explain tells IXSCAN from COLLSCAN", async () => {
      await context.things.insertMany([
        { _id: "a", n: 1, m: 1 },
        { _id: "b", n: 2 },
      ]);
      await context.things.createIndex({ n: 1 });
      const plan = async (filter: object) =>
        JSON.stringify((await context.things.find(filter).explain("queryPlanner")).queryPlanner.winningPlan);
      expect(await plan({ n: 1 })).toContain("IXSCAN");
      expect(await plan({ m: 1 })).toContain("COLLSCAN");
      expect(await plan({ m: 1 })).not.toContain("IXSCAN");
    });
  });
}
