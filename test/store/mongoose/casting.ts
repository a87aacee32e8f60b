/** Mongoose cases: what schemas make of values, and what comes back from the store. */
import { describe, expect, test } from "bun:test";
import mongoose, { mongo, Schema } from "mongoose";
import { type Loose, refused, type World } from "./world";

const { Decimal128, ObjectId } = mongoose.Types;

export function typesCases(world: World): void {
  /** Saves the value in a field of the type; what the store holds, and what Mongoose makes of it. */
  const round = async (type: unknown, value: unknown) => {
    const Thing = await world.model(new Schema({ v: type } as Loose));
    const { _id } = await Thing.create({ v: value });
    const [stored] = await Thing.collection.find({ _id }, { promoteValues: false, promoteBuffers: false }).toArray();
    const found = await Thing.findOne({ v: value } as Loose);
    return { stored: stored!.v, back: (await Thing.findById(_id))!.v, found: found?._id.equals(_id) ?? false };
  };

  describe("types", () => {
    test("Decimal128 is stored exactly and found by its text", async () => {
      const { stored, back, found } = await round(Schema.Types.Decimal128, "0.10");
      expect([stored._bsontype, stored.toString(), back instanceof Decimal128, back.toString(), found]).toEqual([
        "Decimal128",
        "0.10",
        true,
        "0.10",
        true,
      ]);
    });
    test("UUID", async () => {
      const text = "09190f70-3d30-11e5-8814-0f4df9a59c41";
      const { stored, back, found } = await round(Schema.Types.UUID, text);
      expect([stored.sub_type, String(back), found]).toEqual([4, text, true]);
    });
    test("Buffer keeps its bytes and subtype", async () => {
      const { stored, back, found } = await round(Buffer, Buffer.from([0, 255, 7]));
      expect([stored.sub_type, [...back], found]).toEqual([0, [0, 255, 7], true]);
    });
    test("BigInt is a Long", async () => {
      const { stored, back, found } = await round(BigInt, 2n ** 53n + 1n);
      expect([stored._bsontype, back, found]).toEqual(["Long", 2n ** 53n + 1n, true]);
    });
    test("Int32 and Double keep their types", async () => {
      expect((await round(Schema.Types.Int32, "7")).stored._bsontype).toBe("Int32");
      const { stored, found } = await round(Schema.Types.Double, 7);
      expect([stored._bsontype, Number(stored), found]).toEqual(["Double", 7, true]);
    });
    test("numbers, booleans, strings and dates are cast", async () => {
      expect((await round(Number, "12.5")).back).toBe(12.5);
      expect((await round(Boolean, "yes")).back).toBe(true);
      expect((await round(String, 12)).back).toBe("12");
      expect((await round(Date, "2020-02-03T04:05:06.007Z")).back).toEqual(new Date("2020-02-03T04:05:06.007Z"));
    });
    test("ObjectId from text", async () => {
      const id = new ObjectId();
      const { back, found } = await round(Schema.Types.ObjectId, id.toHexString());
      expect([back.equals(id), found]).toEqual([true, true]);
    });
    test("Mixed keeps the order of its fields, and arrays in arrays", async () => {
      const { back } = await round(Schema.Types.Mixed, { z: 1, a: [[1, [2]], { y: null }], m: new Date(5) });
      expect(Object.keys(back)).toEqual(["z", "a", "m"]);
      expect(back).toEqual({ z: 1, a: [[1, [2]], { y: null }], m: new Date(5) });
    });
    test("Map of numbers, changed one key at a time", async () => {
      const Thing = await world.model(new Schema({ m: { type: Map, of: Number } }));
      const doc = await Thing.create({ m: { a: 1, b: "2" } });
      doc.m.set("c", 3);
      doc.m.delete("a");
      await doc.save();
      expect(await Thing.findById(doc._id).lean()).toMatchObject({ m: { b: 2, c: 3 } });
      expect([...(await Thing.findById(doc._id))!.m.keys()]).toEqual(["b", "c"]);
      expect(await Thing.countDocuments({ "m.c": { $gt: 2 } })).toBe(1);
    });
    test("Map of subdocuments", async () => {
      const Thing = await world.model(new Schema({ m: { type: Map, of: new Schema({ n: Number }, { _id: false }) } }));
      const doc = await Thing.create({ m: { a: { n: "4" } } });
      doc.m.get("a").n = 5;
      await doc.save();
      expect((await Thing.findById(doc._id).lean())!.m).toEqual({ a: { n: 5 } });
    });
    test("null and undefined", async () => {
      const Thing = await world.model(new Schema({ a: String, b: String, c: String }));
      const { _id } = await Thing.create({ a: null, b: undefined, c: "x" });
      expect(Object.keys((await Thing.collection.findOne({ _id }))!)).toEqual(["_id", "a", "c", "__v"]);
      await Thing.updateOne({ _id }, { c: undefined, b: "y" });
      expect(await Thing.findById(_id).lean()).toMatchObject({ a: null, b: "y", c: "x" });
    });
    test("a value that cannot be cast is refused before it is sent", async () => {
      const Thing = await world.model(new Schema({ n: Number, id: Schema.Types.ObjectId }));
      expect((await refused(Thing.create({ n: "many" }))).errors.n.name).toBe("CastError");
      expect((await refused(Thing.findOne({ id: "short" }).exec())).name).toBe("CastError");
      expect((await refused(Thing.updateOne({}, { n: "many" }).exec())).name).toBe("CastError");
    });
    test("Long, Timestamp, MinKey, regular expressions and code live in Mixed", async () => {
      const Thing = await world.model(new Schema({ v: Schema.Types.Mixed }));
      const values = [new mongo.Timestamp({ t: 3, i: 4 }), new mongo.MinKey(), new mongo.MaxKey(), /ab+c/i, new mongo.Code("x")];
      await Thing.insertMany(values.map((v) => ({ v })));
      const back = (await Thing.find().sort({ _id: 1 }).lean()).map(({ v }: Loose) => v?._bsontype ?? v);
      expect(back).toEqual(["Timestamp", "MinKey", "MaxKey", /ab+c/i, "Code"]);
    });
    test("arrays of numbers, of dates and of subdocuments", async () => {
      const Thing = await world.model(new Schema({ n: [Number], d: [Date], s: [{ k: String, v: Number }] }));
      const doc = await Thing.create({ n: ["1", 2], d: [0], s: [{ k: "a", v: "1" }] });
      expect(doc.s[0]._id).toBeInstanceOf(ObjectId);
      const back = (await Thing.findById(doc._id))!;
      expect([back.n.toObject(), back.d[0], back.s.id(doc.s[0]._id).v]).toEqual([[1, 2], new Date(0), 1]);
    });
  });
}
