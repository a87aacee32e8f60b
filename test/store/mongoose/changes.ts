/** Mongoose cases: updates, find-and-change, bulk writes and aggregates. */
import { beforeEach, describe, expect, test } from "bun:test";
import { letters } from "./letters";
import { type Loose, type LooseModel, refused, type World } from "./world";

export function changesCases(world: World): void {
  let Thing: LooseModel;
  const names = (docs: Loose[]) => docs.map(({ name }) => name);

  beforeEach(async () => {
    Thing = await letters(world);
  });

  describe("changes", () => {
    test("updateOne and updateMany tell what they did", async () => {
      expect(await Thing.updateOne({ n: 1 }, { name: "B" })).toMatchObject({
        matchedCount: 1,
        modifiedCount: 1,
        upsertedCount: 0,
      });
      expect(await Thing.updateOne({ n: 1 }, { name: "B" })).toMatchObject({ matchedCount: 1, modifiedCount: 0 });
      expect(await Thing.updateMany({ n: { $gt: 1 } }, { $inc: { n: 10 }, $addToSet: { tags: "far" } })).toMatchObject({
        modifiedCount: 3,
      });
      const { upsertedId, upsertedCount } = await Thing.updateOne({ name: "new" }, { $setOnInsert: { n: 99 } }, { upsert: true });
      expect([upsertedCount, (await Thing.findById(upsertedId))!.n]).toEqual([1, 99]);
      expect(await Thing.replaceOne({ n: 99 }, { name: "only" })).toMatchObject({ modifiedCount: 1 });
      expect(await Thing.findOne({ name: "only" }).lean()).not.toHaveProperty("n");
    });
    test("array operators and filters", async () => {
      await Thing.updateOne({ n: 1 }, { $push: { parts: { $each: [{ k: "y", v: 1 }], $position: 0, $slice: 2 } } });
      expect((await Thing.findOne({ n: 1 }))!.parts.map(({ k }: Loose) => k)).toEqual(["y", "b"]);
      await Thing.updateMany({}, { $set: { "parts.$[z].v": 0 } }, { arrayFilters: [{ "z.k": "z" }] });
      expect(await Thing.countDocuments({ parts: { $elemMatch: { k: "z", v: 0 } } })).toBe(4);
      await Thing.updateOne({ n: 2, "parts.k": "c" }, { $set: { "parts.$.v": 77 } });
      expect((await Thing.findOne({ n: 2 }))!.parts[0].v).toBe(77);
      await Thing.updateOne({ n: 2 }, { $pull: { parts: { k: "c" } }, $pop: { tags: 1 } });
      expect(await Thing.findOne({ n: 2 }).lean()).toMatchObject({ parts: [{ k: "z" }], tags: [] });
    });
    test("pipelines as updates", async () => {
      await Thing.updateMany({ n: { $lt: 2 } }, [{ $set: { n: { $add: ["$n", "$deep.x", 100] } } }], {
        updatePipeline: true,
      } as Loose);
      expect(names(await Thing.find({ n: { $in: [100, 102] } }).sort("n"))).toEqual(["a", "b"]);
    });
    test("findOneAndUpdate: before, after, upsert, sort, fields, metadata", async () => {
      expect((await Thing.findOneAndUpdate({ n: 1 }, { n: 50 }))!.n).toBe(1);
      expect((await Thing.findOneAndUpdate({ n: 50 }, { $inc: { n: 1 } }, { returnDocument: "after" }))!.n).toBe(51);
      const fields = { sort: { n: -1 }, returnDocument: "after", projection: "name" } as const;
      expect(Object.keys((await Thing.findOneAndUpdate({}, { name: "last" }, fields).lean())!)).toEqual(["_id", "name"]);
      expect(await Thing.findOneAndUpdate({ n: 1000 }, { name: "x" })).toBeNull();
      const raw = (await Thing.findOneAndUpdate(
        { n: 1000 },
        { name: "x" },
        { upsert: true, returnDocument: "after", includeResultMetadata: true },
      )) as Loose;
      expect([raw.lastErrorObject.updatedExisting, raw.value.name, raw.lastErrorObject.upserted.equals(raw.value._id)]).toEqual([
        false,
        "x",
        true,
      ]);
      expect((await Thing.findOneAndReplace({ n: 1000 }, { n: 1001 }, { returnDocument: "after" }).lean())!).not.toHaveProperty(
        "name",
      );
      expect((await Thing.findOneAndDelete({ n: 1001 }))!.n).toBe(1001);
      expect((await Thing.findByIdAndDelete((await Thing.findOne({ n: 0 }))!._id))!.name).toBe("a");
    });
    test("deletes", async () => {
      expect(await Thing.deleteOne({ tags: "even" })).toMatchObject({ deletedCount: 1 });
      expect(await Thing.deleteMany({ n: { $gte: 2 } })).toMatchObject({ deletedCount: 3 });
      expect(await Thing.deleteMany({ n: 100 })).toMatchObject({ deletedCount: 0 });
    });
    test("bulkWrite of every kind, and what failed in it", async () => {
      const result = await Thing.bulkWrite([
        { insertOne: { document: { name: "f", n: "5" } } },
        { updateOne: { filter: { n: 0 }, update: { name: "A" } } },
        { updateMany: { filter: { n: { $in: [1, 2] } }, update: { $set: { tags: [] } } } },
        { replaceOne: { filter: { n: 3 }, replacement: { name: "D" } } },
        { deleteOne: { filter: { n: 4 } } },
        { deleteMany: { filter: { n: 400 } } },
        { updateOne: { filter: { n: 6 }, update: { name: "g" }, upsert: true } },
      ] as Loose[]);
      expect(result).toMatchObject({ insertedCount: 1, matchedCount: 4, modifiedCount: 4, deletedCount: 1, upsertedCount: 1 });
      const [{ _id }] = (await Thing.find().limit(1)) as [Loose];
      const error = await refused(
        Thing.bulkWrite([{ insertOne: { document: { _id } } }, { insertOne: { document: { name: "never" } } }] as Loose[]),
      );
      expect([error.code, error.writeErrors[0].index, await Thing.countDocuments({ name: "never" })]).toEqual([11000, 0, 0]);
      const unordered = await refused(
        Thing.bulkWrite([{ insertOne: { document: { _id } } }, { insertOne: { document: { name: "also" } } }] as Loose[], {
          ordered: false,
        }),
      );
      expect([unordered.result.insertedCount, await Thing.countDocuments({ name: "also" })]).toEqual([1, 1]);
    });
    test("insertMany: invalid and duplicate documents among good ones", async () => {
      const id = (await Thing.findOne())!._id;
      const error = await refused(Thing.insertMany([{ name: "x" }, { _id: id }, { name: "y" }], { ordered: false }));
      expect([error.code, error.writeErrors.length, await Thing.countDocuments({ name: { $in: ["x", "y"] } })]).toEqual([
        11000, 1, 2,
      ]);
      const raw = (await Thing.insertMany([{ n: "bad" }, { n: 77 }], { ordered: false, rawResult: true })) as Loose;
      expect([raw.insertedCount, raw.mongoose.validationErrors.length]).toEqual([1, 1]);
      expect((await Thing.insertMany([{ n: 78 }], { lean: true })).length).toBe(1);
    });
    test("bulkSave writes what has changed", async () => {
      const docs = await Thing.find().sort("n");
      docs[0]!.name = "A";
      docs[1]!.parts.push({ k: "q", v: 1 });
      await Thing.bulkSave([...docs, new Thing({ name: "fresh" })]);
      expect(await Thing.countDocuments({ $or: [{ name: { $in: ["A", "fresh"] } }, { "parts.k": "q" }] })).toBe(3);
    });
  });

  describe("aggregates", () => {
    test("built by methods", async () => {
      const found = await Thing.aggregate()
        .match({ n: { $gte: 1 } })
        .unwind("tags")
        .group({ _id: "$tags", n: { $sum: "$n" }, who: { $push: "$name" } })
        .sort("_id")
        .project({ n: 1, who: 1 });
      expect(found).toEqual([
        { _id: "b", n: 1, who: ["b"] },
        { _id: "d", n: 3, who: ["d"] },
        { _id: "even", n: 6, who: ["c", "e"] },
        { _id: "odd", n: 4, who: ["b", "d"] },
      ]);
    });
    test("lookup, facet, bucket, sample, count, replaceRoot, unionWith, sortByCount", async () => {
      const from = Thing.collection.collectionName;
      const [joined] = await Thing.aggregate([
        { $match: { n: 1 } },
        { $lookup: { from, localField: "n", foreignField: "deep.x", as: "same" } },
      ]);
      expect(names(joined.same)).toEqual(["b"]);
      const [sub] = await Thing.aggregate([
        { $match: { n: 2 } },
        {
          $lookup: {
            from,
            let: { n: "$n" },
            pipeline: [{ $match: { $expr: { $lt: ["$n", "$$n"] } } }, { $count: "below" }],
            as: "found",
          },
        },
      ]);
      expect(sub.found).toEqual([{ below: 2 }]);
      const [facets] = await Thing.aggregate().facet({
        top: [{ $sort: { n: -1 } }, { $limit: 1 }, { $project: { _id: 0, n: 1 } }],
        all: [{ $count: "n" }],
      });
      expect(facets).toEqual({ top: [{ n: 4 }], all: [{ n: 5 }] });
      expect(
        await Thing.aggregate([
          { $bucket: { groupBy: "$n", boundaries: [0, 2, 4], default: "more", output: { c: { $sum: 1 } } } },
        ]),
      ).toEqual([
        { _id: 0, c: 2 },
        { _id: 2, c: 2 },
        { _id: "more", c: 1 },
      ]);
      expect((await Thing.aggregate().sample(3)).length).toBe(3);
      expect(await Thing.aggregate([{ $match: { n: 3 } }, { $replaceRoot: { newRoot: "$deep" } }])).toEqual([{ x: 3 }]);
      expect((await Thing.aggregate([{ $unionWith: from }, { $count: "n" }]))[0]).toEqual({ n: 10 });
      expect((await Thing.aggregate([{ $unwind: "$tags" }, { $sortByCount: "$tags" }]))[0]).toEqual({ _id: "even", count: 3 });
    });
    test("values are not cast, and $out and $merge store", async () => {
      expect(await Thing.aggregate([{ $match: { n: "1" } }])).toEqual([]);
      await Thing.aggregate([{ $match: { n: { $lt: 2 } } }, { $out: "case_out" }]);
      await Thing.aggregate([{ $match: { n: 2 } }, { $merge: { into: "case_out" } }]);
      expect(await world.connection.db!.collection("case_out").countDocuments()).toBe(3);
    });
  });
}
