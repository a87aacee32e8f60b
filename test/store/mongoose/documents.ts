/** Mongoose cases: documents that live on: saving changes, versions, hooks, sessions and transactions, indexes. */
import { describe, expect, test } from "bun:test";
import { Schema } from "mongoose";
import { type Loose, refused, type World } from "./world";

export function documentsCases(world: World): void {
  describe("saving", () => {
    test("sends only what has changed", async () => {
      const Thing = await world.model(new Schema({ a: Number, b: Number, deep: { x: Number, y: Number } }));
      const doc = await Thing.create({ a: 1, b: 1, deep: { x: 1, y: 1 } });
      await Thing.collection.updateOne({ _id: doc._id }, { $set: { b: 9, "deep.y": 9 } });
      doc.a = 2;
      doc.deep.x = 2;
      expect(doc.modifiedPaths().sort()).toEqual(["a", "deep", "deep.x"]);
      await doc.save();
      expect(await Thing.findById(doc._id).lean()).toMatchObject({ a: 2, b: 9, deep: { x: 2, y: 9 } });
      doc.set("deep.x", undefined);
      await doc.save();
      expect((await Thing.findById(doc._id).lean())!.deep).toEqual({ y: 9 });
    });
    test("arrays are changed in place, and the version grows where positions matter", async () => {
      const Thing = await world.model(new Schema({ list: [Number], parts: [{ k: String }] }));
      const doc = await Thing.create({ list: [1, 2, 3], parts: [{ k: "a" }, { k: "b" }] });
      doc.list.push(4, 5);
      doc.list.pull(1);
      await doc.save().catch(() => {});
      const fresh = (await Thing.findById(doc._id))!;
      fresh.list.push(6);
      await fresh.save();
      fresh.parts.pull(fresh.parts[0]._id);
      await fresh.save();
      fresh.parts[0].k = "B";
      fresh.list.set(0, 20);
      await fresh.save();
      fresh.list.splice(1, 1);
      await fresh.save();
      const stored = (await Thing.findById(doc._id).lean())!;
      expect([stored.parts.map(({ k }: Loose) => k), stored.list[0], stored.__v > 1]).toEqual([["B"], 20, true]);
      expect(stored.list).toEqual(fresh.list.toObject());
    });
    test("two who change the same array: the second gets a VersionError", async () => {
      const Thing = await world.model(new Schema({ parts: [{ k: String }] }));
      const { _id } = await Thing.create({ parts: [{ k: "a" }, { k: "b" }] });
      const [one, two] = [(await Thing.findById(_id))!, (await Thing.findById(_id))!];
      one.parts.splice(0, 1);
      await one.save();
      two.parts[1].k = "B";
      expect((await refused(two.save())).name).toBe("VersionError");
    });
    test("optimisticConcurrency, also for some fields only, and increment()", async () => {
      const Thing = await world.model(new Schema({ a: Number, b: Number }, { optimisticConcurrency: ["a"] } as Loose));
      const { _id } = await Thing.create({ a: 1, b: 1 });
      const [one, two] = [(await Thing.findById(_id))!, (await Thing.findById(_id))!];
      one.a = 2;
      await one.save();
      two.b = 2;
      await two.save();
      two.a = 3;
      expect((await refused(two.save())).name).toBe("VersionError");
      const three = (await Thing.findById(_id))!;
      three.increment();
      await three.save();
      expect((await Thing.findById(_id))!.__v).toBe(three.__v);
    });
    test("another name for the version, and none", async () => {
      const [named, none] = [
        await world.model(new Schema({ l: [Number] }, { versionKey: "ver" })),
        await world.model(new Schema({ l: [Number] }, { versionKey: false })),
      ] as const;
      const { _id } = await named.create({ l: [1] });
      expect(Object.keys((await named.findById(_id).lean())!)).toEqual(["_id", "l", "ver"]);
      expect(Object.keys((await none.create({ l: [1] }).then((doc: Loose) => none.findById(doc._id).lean()))!)).toEqual([
        "_id",
        "l",
      ]);
    });
    test("Mixed needs markModified", async () => {
      const Thing = await world.model(new Schema({ m: Schema.Types.Mixed }));
      const doc = await Thing.create({ m: { a: [1] } });
      doc.m.a.push(2);
      await doc.save();
      expect((await Thing.findById(doc._id))!.m.a).toEqual([1]);
      doc.markModified("m");
      await doc.save();
      expect((await Thing.findById(doc._id))!.m.a).toEqual([1, 2]);
    });
    test("a document that is gone, one that is removed, and one saved twice at once", async () => {
      const Thing = await world.model(new Schema({ a: Number }));
      const doc = await Thing.create({ a: 1 });
      doc.a = 2;
      const both = await Promise.allSettled([doc.save(), doc.save()]);
      expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      await doc.deleteOne();
      doc.a = 3;
      expect((await refused(doc.save())).name).toBe("DocumentNotFoundError");
      expect(await Thing.countDocuments()).toBe(0);
    });
    test("hooks run in order around save, validate, update, delete, find, insertMany and aggregate", async () => {
      const calls: string[] = [];
      const schema = new Schema({ a: Number });
      for (const name of [
        "validate",
        "save",
        "updateOne",
        "deleteOne",
        "find",
        "findOneAndUpdate",
        "insertMany",
        "aggregate",
        "countDocuments",
      ] as const) {
        schema.pre(name as "save", () => void calls.push(`pre ${name}`));
        schema.post(name as "save", () => void calls.push(`post ${name}`));
      }
      const Thing = await world.model(schema);
      const heard = async (work: () => PromiseLike<unknown>) => {
        calls.length = 0;
        await work();
        return calls.join(", ");
      };
      expect(await heard(() => Thing.create({ a: 1 }))).toBe("pre validate, post validate, pre save, post save");
      expect(await heard(() => Thing.updateOne({}, { a: 2 }))).toBe("pre updateOne, post updateOne");
      expect(await heard(() => Thing.findOneAndUpdate({}, { a: 3 }))).toBe("pre findOneAndUpdate, post findOneAndUpdate");
      expect(await heard(() => Thing.find())).toBe("pre find, post find");
      expect(await heard(() => Thing.countDocuments())).toBe("pre countDocuments, post countDocuments");
      expect(await heard(() => Thing.aggregate([{ $match: {} }]))).toBe("pre aggregate, post aggregate");
      expect(await heard(() => Thing.insertMany([{ a: 1 }]))).toContain("post insertMany");
      expect(await heard(() => Thing.deleteOne({}))).toBe("pre deleteOne, post deleteOne");
      schema.post("save", (error: Loose, _doc: Loose, next: Loose) => next(error.code === 11000 ? new Error("taken") : error));
      const Again = await world.model(schema);
      const doc = await Again.create({ a: 1 });
      expect((await refused(Again.create({ _id: doc._id }))).message).toBe("taken");
    });
    test("hydrate, init, toObject and toJSON", async () => {
      const Thing = await world.model(new Schema({ a: Number, at: Date }));
      const { _id } = await Thing.create({ a: 1, at: 0 });
      const doc = Thing.hydrate((await Thing.findById(_id).lean())!);
      doc.a = 5;
      await doc.save();
      expect(JSON.parse(JSON.stringify(await Thing.findById(_id)))).toEqual({
        _id: String(_id),
        a: 5,
        at: "1970-01-01T00:00:00.000Z",
        __v: 0,
      });
    });
  });
}
