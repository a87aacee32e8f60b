/** Collections with rules of their own: validators, caps, and views. */
import { describe, expect, test } from "bun:test";
import type { mongo } from "mongoose";
import { type ContractContext, failure } from "./context";

/** Documents of any shape. */
type Loose = mongo.Document[string];

const SCHEMA = {
  bsonType: "object",
  title: "person",
  required: ["name", "age"],
  properties: {
    name: { bsonType: "string", minLength: 2, description: "what we call them" },
    age: { bsonType: ["int", "long"], minimum: 18, maximum: 120 },
    tags: { bsonType: "array", items: { enum: ["a", "b"] }, uniqueItems: true },
  },
};

export function collectionsContract(context: ContractContext): void {
  describe("collections with a validator", () => {
    const make = async (options: object) => {
      const name = `people${Math.random().toString(36).slice(2)}`;
      await context.store.connection.db!.createCollection(name, options);
      return context.store.connection.db!.collection<Loose>(name);
    };

    test("a document that does not satisfy $jsonSchema is refused with the reasons", async () => {
      const people = await make({ validator: { $jsonSchema: SCHEMA } });
      await people.insertOne({ _id: 1, name: "Ana", age: 30, tags: ["a", "b"] });
      const error = await failure(people.insertOne({ _id: 2, name: "B", tags: ["a", "c"] }));
      expect(error.code).toBe(121);
      expect(error.message).toBe("Document failed validation");
      expect(error.errInfo).toEqual({
        failingDocumentId: 2,
        details: {
          operatorName: "$jsonSchema",
          title: "person",
          schemaRulesNotSatisfied: [
            { operatorName: "required", specifiedAs: { required: ["name", "age"] }, missingProperties: ["age"] },
            {
              operatorName: "properties",
              propertiesNotSatisfied: [
                {
                  propertyName: "name",
                  description: "what we call them",
                  details: [
                    {
                      operatorName: "minLength",
                      specifiedAs: { minLength: 2 },
                      reason: "specified string length was not satisfied",
                      consideredValue: "B",
                    },
                  ],
                },
                {
                  propertyName: "tags",
                  details: [
                    {
                      operatorName: "items",
                      reason: "At least one item did not match the sub-schema",
                      itemIndex: 1,
                      details: [
                        {
                          operatorName: "enum",
                          specifiedAs: { enum: ["a", "b"] },
                          reason: "value was not found in enum",
                          consideredValue: "c",
                        },
                      ],
                    },
                  ],
                },
              ],
            },
          ],
        },
      });
      expect(await people.countDocuments()).toBe(1);
    });

    test("updates, upserts, replacements and findAndModify are held to it too, and leave what was", async () => {
      const people = await make({ validator: { $jsonSchema: SCHEMA } });
      const ana = { _id: 1, name: "Ana", age: 30 };
      await people.insertOne(ana);
      for (const change of [
        () => people.updateOne({ _id: 1 }, { $set: { age: 17 } }),
        () => people.updateOne({ _id: 2 }, { $set: { name: "Bea" } }, { upsert: true }),
        () => people.replaceOne({ _id: 1 }, { name: "Ana" }),
        () => people.findOneAndUpdate({ _id: 1 }, { $unset: { name: "" } }),
        () => people.bulkWrite([{ insertOne: { document: { name: 5 } } }]),
      ])
        expect((await failure(change())).code).toBe(121);
      expect(await people.find().toArray()).toEqual([ana]);
      await people.updateOne({ _id: 1 }, { $set: { age: 17 } }, { bypassDocumentValidation: true });
      expect(await people.findOne({ _id: 1 })).toMatchObject({ age: 17 });
    });

    test("a query is a validator as well", async () => {
      const people = await make({ validator: { age: { $gte: 18 } } });
      const { code, errInfo } = await failure(people.insertOne({ _id: 1, age: 3 }));
      expect([code, errInfo]).toEqual([
        121,
        {
          failingDocumentId: 1,
          details: {
            operatorName: "$gte",
            specifiedAs: { age: { $gte: 18 } },
            reason: "comparison failed",
            consideredValue: 3,
          },
        },
      ]);
    });

    test("warn lets documents in; moderate leaves alone what was wrong before; off asks nothing", async () => {
      const people = await make({ validator: { age: { $gte: 18 } }, validationAction: "warn" });
      await people.insertMany([
        { _id: 1, age: 3 },
        { _id: 2, age: 30 },
      ]);
      const change = (options: object) => context.store.connection.db!.command({ collMod: people.collectionName, ...options });
      await change({ validationAction: "error", validationLevel: "moderate" });
      await people.updateOne({ _id: 1 }, { $set: { age: 4 } });
      expect((await failure(people.updateOne({ _id: 2 }, { $set: { age: 4 } }))).code).toBe(121);
      await change({ validationLevel: "strict" });
      expect((await failure(people.updateOne({ _id: 1 }, { $set: { age: 5 } }))).code).toBe(121);
      await change({ validationLevel: "off" });
      await people.updateOne({ _id: 1 }, { $set: { age: 5 } });
      await change({ validationLevel: "strict", validator: {} });
      await people.insertOne({ age: 1 });
      const [info] = await context.store.connection.db!.listCollections({ name: people.collectionName }).toArray();
      expect(info).toMatchObject({ options: { validator: {}, validationLevel: "strict", validationAction: "error" } });
    });

    test("a schema MongoDB does not take is refused", async () => {
      for (const [schema, code] of [
        [{ properties: 1 }, 14],
        [{ wrong: 1 }, 9],
        [{ $ref: "x" }, 9],
        [{ bsonType: "nothing" }, 2],
        [{ required: [] }, 9],
        [{ type: "string", bsonType: "string" }, 9],
      ] as const)
        expect((await failure(make({ validator: { $jsonSchema: schema } }))).code).toBe(code);
    });

    test("$jsonSchema finds documents", async () => {
      const people = await make({});
      await people.insertMany([
        { _id: 1, n: 3, o: { x: 1 } },
        { _id: 2, n: 4.5, o: { x: 1, y: 2 } },
        { _id: 3, n: "4", l: [1, 2, 2] },
        { _id: 4 },
      ]);
      const ids = async ($jsonSchema: object) =>
        (await people.find({ $jsonSchema }).sort({ _id: 1 }).toArray()).map(({ _id }) => Number(_id));
      expect(await ids({ required: ["n"] })).toEqual([1, 2, 3]);
      expect(await ids({ properties: { n: { type: "number" } } })).toEqual([1, 2, 4]);
      expect(await ids({ properties: { n: { multipleOf: 1.5 } }, required: ["n"] })).toEqual([1, 2, 3]);
      expect(await ids({ properties: { n: { maximum: 4.5, exclusiveMaximum: true } } })).toEqual([1, 3, 4]);
      expect(await ids({ properties: { o: { maxProperties: 1 }, l: { uniqueItems: true } } })).toEqual([1, 4]);
      expect(await ids({ properties: { o: { additionalProperties: false, properties: { x: {} } } } })).toEqual([1, 3, 4]);
      expect(await ids({ anyOf: [{ required: ["l"] }, { required: ["o"] }], not: { properties: { n: { enum: [3] } } } })).toEqual(
        [2, 3],
      );
      expect(await ids({ oneOf: [{ required: ["n"] }, { required: ["l"] }] })).toEqual([1, 2]);
      expect(await ids({ dependencies: { n: ["o"] } })).toEqual([1, 2, 4]);
      expect(await ids({ patternProperties: { "^[no]$": { bsonType: ["int", "object"] } } })).toEqual([1, 4]);
      expect(await ids({ properties: { n: { pattern: "^4" }, l: { items: [{ minimum: 2 }] } } })).toEqual([1, 2, 4]);
    });
  });

  describe("capped collections", () => {
    const capped = async (options: object) => {
      const name = `capped${Math.random().toString(36).slice(2)}`;
      await context.store.connection.db!.createCollection(name, { capped: true, ...options });
      return context.store.connection.db!.collection<Loose>(name);
    };

    test("keep the newest documents, in the order they came", async () => {
      const log = await capped({ size: 100_000, max: 3 });
      for (let i = 5; i > 0; i--) await log.insertOne({ _id: i, i });
      expect((await log.find().toArray()).map(({ i }) => i)).toEqual([3, 2, 1]);
      expect((await log.find().sort({ $natural: -1 }).toArray()).map(({ i }) => i)).toEqual([1, 2, 3]);
      expect(await log.isCapped()).toBe(true);
      await log.insertMany([{ i: 0 }, { i: -1 }]);
      expect((await log.find().toArray()).map(({ i }) => i)).toEqual([1, 0, -1]);
    });

    test("keep within their size", async () => {
      const log = await capped({ size: 4_096 });
      await log.createIndex({ i: 1 });
      for (let i = 0; i < 20; i++) await log.insertOne({ i, text: "x".repeat(1_000) });
      const kept = (await log.find().toArray()).map(({ i }) => i);
      expect(kept).toEqual([17, 18, 19]);
      expect(await log.countDocuments({ i: { $gte: 0 } })).toBe(3);
    });

    test("need a size, and take no part in transactions", async () => {
      expect((await failure(context.store.connection.db!.createCollection("no-size", { capped: true }))).code).toBe(72);
      const log = await capped({ size: 4_096 });
      const session = context.store.connection.getClient().startSession();
      session.startTransaction();
      expect((await failure(log.insertOne({ a: 1 }, { session }))).code).toBe(263);
      await session.abortTransaction().catch(() => {});
      await session.endSession();
    });
  });

  describe("views", () => {
    const name = () => `v${Math.random().toString(36).slice(2)}`;

    test("are read like collections", async () => {
      const [on, view, above] = [name(), name(), name()];
      const db = context.store.connection.db!;
      await db.collection<Loose>(on).insertMany([1, 2, 3, 4, 5].map((n) => ({ _id: n, n, even: n % 2 === 0 })));
      await db.createCollection(view, {
        viewOn: on,
        pipeline: [{ $match: { n: { $gt: 1 } } }, { $set: { double: { $multiply: ["$n", 2] } } }],
      });
      await db.createCollection(above, { viewOn: view, pipeline: [{ $match: { even: true } }] });
      const seen = db.collection<Loose>(view);
      expect(
        await seen.find({ double: { $gte: 6 } }, { sort: { n: -1 }, skip: 1, limit: 1, projection: { double: 1 } }).toArray(),
      ).toEqual([{ _id: 4, double: 8 }]);
      expect(await seen.countDocuments({ even: false })).toBe(2);
      expect(await db.command({ count: view, query: { even: false } })).toMatchObject({ n: 2 });
      expect(await seen.distinct("even")).toEqual([false, true]);
      expect(await seen.aggregate([{ $group: { _id: null, sum: { $sum: "$double" } } }]).toArray()).toEqual([
        { _id: null, sum: 28 },
      ]);
      expect(await db.collection<Loose>(above).find({}, { batchSize: 1 }).toArray()).toEqual([
        { _id: 2, n: 2, even: true, double: 4 },
        { _id: 4, n: 4, even: true, double: 8 },
      ]);
      const joined = await db
        .collection<Loose>(on)
        .aggregate([{ $match: { _id: 4 } }, { $lookup: { from: above, localField: "n", foreignField: "n", as: "found" } }])
        .toArray();
      expect(joined[0]?.found).toEqual([{ _id: 4, n: 4, even: true, double: 8 }]);
      expect(
        await db
          .collection<Loose>(on)
          .aggregate([{ $unionWith: above }, { $count: "n" }])
          .toArray(),
      ).toEqual([{ n: 7 }]);
      await db.command({ collMod: view, viewOn: on, pipeline: [] });
      expect(await seen.countDocuments()).toBe(5);
      const listed = await db.listCollections({ name: view }).toArray();
      expect(listed).toMatchObject([
        { name: view, type: "view", options: { viewOn: on, pipeline: [] }, info: { readOnly: true } },
      ]);
      expect(await seen.drop()).toBe(true);
      expect(await seen.countDocuments()).toBe(0);
    });

    test("are not written to, nor indexed, nor part of themselves", async () => {
      const [on, view] = [name(), name()];
      const db = context.store.connection.db!;
      await db.createCollection(view, { viewOn: on, pipeline: [] });
      const seen = db.collection<Loose>(view);
      for (const refused of [
        () => seen.insertOne({ a: 1 }),
        () => seen.updateOne({}, { $set: { a: 1 } }),
        () => seen.deleteMany({}),
        () => seen.findOneAndDelete({}),
        () => seen.createIndex({ a: 1 }),
        () => seen.indexes(),
        () => seen.rename(name()),
      ])
        expect((await failure(refused())).code).toBe(166);
      expect((await failure(db.createCollection(view))).code).toBe(48);
      expect((await failure(db.createCollection(on, { viewOn: view, pipeline: [] }))).code).toBe(5);
    });
  });
}
