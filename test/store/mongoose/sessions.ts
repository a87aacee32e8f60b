/** Mongoose cases: sessions, transactions, indexes and collections. */
import { describe, expect, test } from "bun:test";
import { Schema } from "mongoose";
import { type Loose, refused, type World } from "./world";

export function sessionsCases(world: World): void {
  describe("sessions", () => {
    const Account = () => world.model(new Schema({ name: String, sum: Number }), "Account");

    test("withTransaction commits, and takes everything back after an error", async () => {
      const model = await Account();
      await model.create([
        { name: "a", sum: 10 },
        { name: "b", sum: 0 },
      ]);
      const session = await model.startSession();
      const move = (sum: number) =>
        session.withTransaction(async () => {
          await model.updateOne({ name: "a" }, { $inc: { sum: -sum } }, { session });
          await model.updateOne({ name: "b" }, { $inc: { sum } }, { session });
          if ((await model.findOne({ name: "a" }).session(session))!.sum < 0) throw new Error("too little");
        });
      await move(4);
      expect((await refused(move(40))).message).toBe("too little");
      await session.endSession();
      expect((await model.find().sort("name")).map(({ sum }: Loose) => sum)).toEqual([6, 4]);
    });
    test("connection.transaction gives documents their state back", async () => {
      const model = await Account();
      const doc = new model({ name: "new", sum: 1 });
      await refused(
        world.connection.transaction(async (session) => {
          await doc.save({ session });
          throw new Error("no");
        }),
      );
      expect([doc.isNew, await model.countDocuments()]).toEqual([true, 0]);
      await world.connection.transaction((session) => doc.save({ session }));
      expect([doc.isNew, await model.countDocuments()]).toEqual([false, 1]);
    });
    test("create, insertMany, bulkWrite, aggregate, cursors and populate inside", async () => {
      const model = await Account();
      const session = await model.startSession();
      session.startTransaction();
      await model.create([{ name: "a", sum: 1 }], { session });
      await model.insertMany(
        [
          { name: "b", sum: 2 },
          { name: "c", sum: 3 },
        ],
        { session },
      );
      await model.bulkWrite([{ updateOne: { filter: { name: "c" }, update: { sum: 30 } } }], { session });
      expect((await model.aggregate([{ $group: { _id: null, sum: { $sum: "$sum" } } }]).session(session))[0].sum).toBe(33);
      const seen: string[] = [];
      for await (const { name } of model.find().sort("name").session(session).cursor({ batchSize: 1 })) seen.push(name);
      expect([seen, await model.countDocuments(), await model.countDocuments().session(session)]).toEqual([
        ["a", "b", "c"],
        0,
        3,
      ]);
      const doc = (await model.findOne({ name: "a" }).session(session))!;
      expect(doc.$session()).toBe(session);
      doc.sum = 100;
      await doc.save();
      await session.abortTransaction();
      expect(await model.countDocuments()).toBe(0);
      await session.endSession();
    });
    test("two at once: the second to change a document fails with a transient error", async () => {
      const model = await Account();
      await model.create([
        { name: "a", sum: 1 },
        { name: "b", sum: 1 },
      ]);
      const [one, two] = [await model.startSession(), await model.startSession()];
      for (const session of [one, two]) session.startTransaction();
      await model.updateOne({ name: "a" }, { sum: 2 }, { session: one });
      expect((await model.findOne({ name: "a" }).session(two))!.sum).toBe(1);
      await model.updateOne({ name: "b" }, { sum: 2 }, { session: two });
      const error = await refused(model.updateOne({ name: "a" }, { sum: 3 }, { session: two }).exec());
      expect([error.code, error.hasErrorLabel("TransientTransactionError")]).toEqual([112, true]);
      await two.abortTransaction();
      await one.commitTransaction();
      for (const session of [one, two]) await session.endSession();
      expect((await model.find().sort("name")).map(({ sum }: Loose) => sum)).toEqual([2, 1]);
    });
  });

  describe("indexes", () => {
    test("are made from the schema: unique, sparse, compound, partial, TTL", async () => {
      const schema = new Schema({
        mail: { type: String, unique: true, sparse: true },
        a: Number,
        b: Number,
        at: { type: Date, expires: 60 },
      });
      schema.index({ a: 1, b: -1 }, { name: "both" });
      schema.index({ b: 1 }, { unique: true, partialFilterExpression: { a: { $gt: 5 } } });
      const Thing = await world.model(schema);
      const byName = Object.fromEntries((await Thing.collection.indexes()).map((index: Loose) => [index.name, index]));
      expect(byName).toMatchObject({
        mail_1: { unique: true, sparse: true },
        both: { key: { a: 1, b: -1 } },
        b_1: { unique: true, partialFilterExpression: { a: { $gt: 5 } } },
        at_1: { expireAfterSeconds: 60 },
      });
      await Thing.create([
        { a: 1, b: 1 },
        { a: 2, b: 1 },
        { a: 6, b: 1 },
      ]);
      const error = await refused(Thing.create({ a: 7, b: 1 }));
      expect([error.code, error.keyPattern, error.keyValue]).toEqual([11000, { b: 1 }, { b: 1 }]);
      await Thing.create({ mail: "x", b: 2 });
      expect((await refused(Thing.create({ mail: "x", b: 3 }))).keyValue).toEqual({ mail: "x" });
    });
    test("diffIndexes, syncIndexes and cleanIndexes", async () => {
      const schema = new Schema({ a: Number, b: Number });
      schema.index({ a: 1 });
      const Thing = await world.model(schema);
      await Thing.collection.createIndex({ b: 1 });
      await Thing.collection.dropIndex("a_1");
      expect(await Thing.diffIndexes()).toEqual({ toDrop: ["b_1"], toCreate: [{ a: 1 }] } as Loose);
      expect(await Thing.syncIndexes()).toEqual(["b_1"]);
      expect((await Thing.listIndexes()).map(({ name }: Loose) => name)).toEqual(["_id_", "a_1"]);
      expect((await refused(Thing.collection.createIndex({ a: 1 }, { unique: true }))).code).toBe(86);
    });
    test("createCollection with a validator, capped collections, and dropping", async () => {
      const Thing = await world.model(new Schema({ a: Number }, { capped: { size: 4096, max: 2 } }));
      await Thing.create([{ a: 1 }], { ordered: true });
      await Thing.create({ a: 2 });
      await Thing.create({ a: 3 });
      expect((await Thing.find().sort({ $natural: 1 } as Loose)).map(({ a }: Loose) => a)).toEqual([2, 3]);
      const db = world.connection.db!;
      await db.dropCollection("case_checked").catch(() => {});
      await db.createCollection("case_checked", { validator: { $jsonSchema: { required: ["a"] } } });
      expect((await refused(db.collection("case_checked").insertOne({ b: 1 }))).code).toBe(121);
      expect(await db.dropCollection("case_checked")).toBe(true);
    });
  });
}
