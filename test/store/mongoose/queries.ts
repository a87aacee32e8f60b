/** Mongoose cases: queries and cursors. */
import { beforeEach, describe, expect, test } from "bun:test";
import { letters } from "./letters";
import { type Loose, type LooseModel, refused, type World } from "./world";

export function queriesCases(world: World): void {
  let Thing: LooseModel;
  const names = (docs: Loose[]) => docs.map(({ name }) => name);

  beforeEach(async () => {
    Thing = await letters(world);
  });

  describe("queries", () => {
    test("chains of conditions", async () => {
      expect(names(await Thing.where("n").gt(0).lt(4).where("tags").in(["odd"]).sort("-n").exec())).toEqual(["d", "b"]);
      expect(
        names(
          await Thing.find()
            .or([{ n: 0 }, { name: "e" }])
            .sort("n"),
        ),
      ).toEqual(["a", "e"]);
      expect(names(await Thing.find().nor([{ n: { $lt: 3 } }, { name: "e" }]))).toEqual(["d"]);
      expect(
        names(
          await Thing.find()
            .where("parts")
            .elemMatch({ k: "z", v: { $gt: 9 } }),
        ),
      ).toEqual(["a"]);
      expect(names(await Thing.find().where("tags").size(1).sort("n").skip(1).limit(1))).toEqual(["c"]);
      expect(
        names(
          await Thing.find()
            .where("name")
            .regex(/^[ab]$/)
            .sort("n"),
        ),
      ).toEqual(["a", "b"]);
      expect(names(await Thing.find().where("name").ne("a").where("n").nin([1, 2]).exists("deep.x", true).sort("n"))).toEqual([
        "d",
        "e",
      ]);
      expect(names(await Thing.find({ at: { $gte: "1970-01-01T00:00:03Z" } }).sort("n"))).toEqual(["d", "e"]);
      expect(names(await Thing.find({ n: { $not: { $gt: 0 } } }))).toEqual(["a"]);
      expect(names(await Thing.find({ n: { $mod: [2, 1] }, tags: { $all: ["odd", "b"] } }))).toEqual(["b"]);
    });
    test("select: fields, exclusions, slices and elements", async () => {
      expect(await Thing.findOne({ n: 1 }).select("name -_id").lean()).toEqual({ name: "b" });
      expect(Object.keys((await Thing.findOne({ n: 1 }).select({ parts: 0, tags: 0, at: 0 }).lean())!)).toEqual([
        "_id",
        "name",
        "n",
        "deep",
        "__v",
      ]);
      expect((await Thing.findOne({ n: 1 }).slice("parts", -1).lean())!.parts).toMatchObject([{ k: "z" }]);
      expect((await Thing.findOne({ n: 1 }, { parts: { $elemMatch: { k: "z" } } }).lean())!.parts).toMatchObject([{ v: 9 }]);
      expect((await Thing.findOne({ "parts.k": "z", n: 3 }, { "parts.$": 1 }).lean())!.parts.length).toBe(1);
    });
    test("counts, exists, distinct, orFail", async () => {
      expect([await Thing.countDocuments({ n: { $gt: 1 } }), await Thing.estimatedDocumentCount()]).toEqual([3, 5]);
      expect((await Thing.distinct("tags")).sort()).toEqual(["b", "d", "even", "odd"]);
      expect([(await Thing.exists({ n: 4 })) !== null, await Thing.exists({ n: 40 })]).toEqual([true, null]);
      expect((await refused(Thing.findOne({ n: 40 }).orFail().exec())).name).toBe("DocumentNotFoundError");
    });
    test("hint, comment, maxTimeMS, read preference and lean", async () => {
      const query = Thing.find({ n: { $gte: 3 } })
        .hint({ n: 1 })
        .comment("why")
        .maxTimeMS(1000)
        .read("primary")
        .lean()
        .sort("n");
      expect(names(await query)).toEqual(["d", "e"]);
      expect((await refused(Thing.find({ n: 1 }).hint({ nothing: 1 }).exec())).code).toBe(2);
    });
    test("explain tells of the index", async () => {
      expect(JSON.stringify(await Thing.find({ n: 3 }).explain())).toContain("IXSCAN");
      expect(JSON.stringify(await Thing.find({ name: "a" }).explain("queryPlanner"))).toContain("COLLSCAN");
    });
    test("sanitizeFilter and $expr", async () => {
      expect(names(await Thing.find({ $expr: { $gt: ["$deep.x", 3] } }))).toEqual(["e"]);
      expect(
        (
          await refused(
            Thing.find({ name: { $ne: null } })
              .setOptions({ sanitizeFilter: true })
              .exec(),
          )
        ).name,
      ).toBe("CastError");
    });
    test("queries that MongoDB refuses carry its code", async () => {
      expect((await refused(Thing.collection.find({ n: { $foo: 1 } } as Loose).toArray())).code).toBe(2);
      expect((await refused(Thing.collection.updateOne({}, { $foo: { n: 1 } } as Loose))).code).toBe(9);
      expect((await refused(Thing.collection.updateOne({}, { $inc: { name: 1 } } as Loose))).code).toBe(14);
    });
  });

  describe("cursors", () => {
    test("for await, next, eachAsync with parallel work and batches", async () => {
      const seen: string[] = [];
      for await (const doc of Thing.find().sort("n").batchSize(2)) seen.push(doc.name);
      expect(seen).toEqual(["a", "b", "c", "d", "e"]);
      const cursor = Thing.find().sort("-n").cursor({ batchSize: 1 });
      expect([(await cursor.next())!.name, (await cursor.next())!.name]).toEqual(["e", "d"]);
      await cursor.close();
      const sizes: number[] = [];
      await Thing.find()
        .cursor()
        .eachAsync((docs: Loose) => void sizes.push(docs.length), { batchSize: 2 });
      expect(sizes).toEqual([2, 2, 1]);
      let sum = 0;
      await Thing.find()
        .lean()
        .cursor()
        .eachAsync(
          async ({ n }: Loose) => {
            sum += n;
          },
          { parallel: 3 },
        );
      expect(sum).toBe(10);
    });
    test("of an aggregate", async () => {
      const seen: number[] = [];
      for await (const { n } of Thing.aggregate([{ $match: { n: { $gt: 1 } } }, { $sort: { n: 1 } }]).cursor({ batchSize: 1 }))
        seen.push(n);
      expect(seen).toEqual([2, 3, 4]);
    });
  });
}
