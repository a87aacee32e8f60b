/** Contract: documents. */
import { describe, expect, test } from "bun:test";
import { mongo } from "mongoose";
import { type ContractContext, failure, type Thing } from "./context";

const { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp } = mongo;

export function documentsContract(context: ContractContext): void {
  const { ids } = context;
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
      await context.things.insertOne(document as Thing);
      const raw = await context.things.findOne({ _id: "a" }, { raw: true });
      expect(Buffer.from(raw as unknown as Uint8Array).equals(Buffer.from(mongo.BSON.serialize(document)))).toBe(true);
    });

    test("keep the types of fields that an update does not touch", async () => {
      await context.things.insertOne({ _id: "a", double: new Double(5), long: Long.fromNumber(7), uuid: new mongo.UUID(), n: 1 });
      const before = (await context.things.findOne({ _id: "a" }, { raw: true })) as unknown as Uint8Array;
      await context.things.updateOne({ _id: "a" }, { $inc: { n: 1 } });
      await context.things.updateOne({ _id: "a" }, { $inc: { n: -1 } });
      const after = (await context.things.findOne({ _id: "a" }, { raw: true })) as unknown as Uint8Array;
      expect(Buffer.from(after).equals(Buffer.from(before))).toBe(true);
      expect(await ids({ double: { $type: "double" }, long: { $type: "long" }, uuid: { $type: "binData" } })).toEqual(["a"]);
    });

    test("keep every type that an update brings", async () => {
      const values = {
        double: new Double(5),
        long: Long.fromNumber(7),
        decimal: Decimal128.fromString("1.10"),
        timestamp: new Timestamp({ t: 7, i: 8 }),
        regex: new mongo.BSONRegExp("^a", "i"),
        min: new mongo.MinKey(),
      };
      await context.things.insertOne({ _id: "a" });
      await context.things.updateOne({ _id: "a" }, { $set: values });
      const raw = (await context.things.findOne({ _id: "a" }, { raw: true })) as unknown as Uint8Array;
      // The server puts new fields into the order of their names.
      const sorted = Object.fromEntries(Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1)));
      expect(Buffer.from(raw).equals(Buffer.from(mongo.BSON.serialize({ _id: "a", ...sorted })))).toBe(true);
      expect(await ids({ timestamp: new Timestamp({ t: 7, i: 8 }) })).toEqual(["a"]);
    });

    test("put _id first and refuse arrays as _id", async () => {
      await context.things.insertOne({ z: 1, _id: "a" } as Thing);
      expect(Object.keys((await context.things.findOne({ _id: "a" }))!)).toEqual(["_id", "z"]);
      expect((await failure(context.things.insertOne({ _id: [1] } as never))).code).toBe(53);
    });

    test("insertMany unordered stores what it can and reports the rest", async () => {
      await context.things.insertOne({ _id: "b" });
      const error = await failure(context.things.insertMany([{ _id: "a" }, { _id: "b" }, { _id: "c" }], { ordered: false }));
      expect(error).toMatchObject({ code: 11000, insertedCount: 2 });
      expect((error.writeErrors as { index: number }[]).map(({ index }) => index)).toEqual([1]);
      expect(await ids({})).toEqual(["a", "b", "c"]);
    });

    test("insertMany ordered stops at the first failure", async () => {
      const error = await failure(context.things.insertMany([{ _id: "a" }, { _id: "a" }, { _id: "c" }]));
      expect(error).toMatchObject({ code: 11000 });
      expect(await ids({})).toEqual(["a"]);
    });
  });
}
