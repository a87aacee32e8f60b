/** Copying a whole store: everything arrives, exactly; interrupted copies go on; wrong targets are refused. */
import { describe, expect, test } from "bun:test";
import { mongo } from "mongoose";
import { copyStore } from "../../src/store/copy";
import { checkIntegrity } from "../../src/store/embedded/storage/integrity";
import { openTestStore, type TestStore } from "./embedded-store";

type Row = { _id: unknown; [field: string]: unknown };

async function filled(count: number): Promise<TestStore> {
  const store = await openTestStore();
  const things = store.db.collection<Row>("things");
  await things.createIndex({ n: 1 }, { unique: true, sparse: true });
  await things.createIndex({ at: -1, n: 1 }, { name: "by time", partialFilterExpression: { n: { $gt: 3 } } });
  await things.insertMany(
    Array.from({ length: count }, (_, i) => ({
      _id: i,
      n: i,
      at: new Date(i),
      double: new mongo.Double(i),
      long: mongo.Long.fromNumber(i),
    })),
  );
  await store.db.collection<Row>("odd").insertMany([
    { _id: "text", keys: new Map(Object.entries({ b: 1, "10": 2, "9": 3 })) },
    {
      _id: new mongo.ObjectId(),
      decimal: mongo.Decimal128.fromString("1.20"),
      uuid: new mongo.UUID(),
      zero: new mongo.Double(-0),
    },
    { _id: 5, regex: new mongo.BSONRegExp("^a", "i"), min: new mongo.MinKey(), list: [[], {}, null] },
  ]);
  return store;
}

describe("copying a store", () => {
  test("documents, types, key order and indexes arrive", async () => {
    await using from = await filled(1_200);
    await using to = await openTestStore();
    const seen: number[] = [];
    const report = await copyStore({
      from: from.store.connection,
      to: to.store.connection,
      onProgress: ({ collection, phase, done }) => collection === "things" && phase === "copying" && seen.push(done),
    });
    expect(report?.map(({ name, documents }) => [name, documents])).toEqual([
      ["odd", 3],
      ["things", 1_200],
    ]);
    expect(seen).toEqual([500, 1_000, 1_200]);
    for (const name of ["odd", "things"]) {
      const raw = async (store: TestStore) =>
        (
          await store.db
            .collection(name)
            .find({}, { raw: true, sort: { _id: 1 } })
            .toArray()
        ).map((bytes) => Buffer.from(bytes as unknown as Uint8Array).toString("hex"));
      expect(await raw(to)).toEqual(await raw(from));
      const indexes = async (store: TestStore) => await store.db.collection(name).listIndexes().toArray();
      expect(await indexes(to)).toEqual(await indexes(from));
    }
    expect((await to.db.listCollections().toArray()).map(({ name }) => name).sort()).toEqual(["odd", "things"]);
    expect(checkIntegrity(to.engine.storage)).toEqual([]);
  });

  test("validators, caps and views arrive, and documents that were let in before their validator", async () => {
    await using from = await openTestStore();
    await using to = await openTestStore();
    const { db } = from;
    await db.collection<Row>("people").insertOne({ _id: 1, age: 3 });
    await db.command({ collMod: "people", validator: { age: { $gte: 18 } } });
    await db.createCollection("log", { capped: true, size: 10_000, max: 2 });
    await db.collection<Row>("log").insertMany([1, 2, 3].map((_id) => ({ _id })));
    await db.createCollection("young", { viewOn: "people", pipeline: [{ $match: { age: { $lt: 18 } } }] });
    await copyStore({ from: from.store.connection, to: to.store.connection });
    const about = async (store: TestStore) =>
      (await store.db.listCollections().toArray())
        .map((item) => ({ ...item, info: null }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(await about(to)).toEqual(await about(from));
    expect(await to.db.collection("young").countDocuments({ age: 3 })).toBe(1);
    await expect(to.db.collection<Row>("people").insertOne({ _id: 2, age: 4 })).rejects.toMatchObject({ code: 121 });
  });

  test("an interrupted copy goes on, also when its last batch was not recorded", async () => {
    await using from = await filled(1_200);
    await using to = await openTestStore();
    const interrupted = copyStore({
      from: from.store.connection,
      to: to.store.connection,
      onProgress: ({ collection, done }) => {
        if (collection === "things" && done === 500) throw new Error("interrupted");
      },
    });
    await expect(interrupted).rejects.toThrow("interrupted");
    await to.db
      .collection<Row>("things")
      .insertOne((await from.db.collection<Row>("things").findOne({ _id: 501 } as never, { promoteValues: false })) as never);
    const copied: number[] = [];
    await copyStore({
      from: from.store.connection,
      to: to.store.connection,
      onProgress: ({ collection, phase, done }) => collection === "things" && phase === "copying" && copied.push(done),
    });
    expect(copied).toEqual([1_000, 1_200]);
    expect(await to.db.collection("things").countDocuments({})).toBe(1_200);
  });

  test("a target with documents is refused, and a difference is found", async () => {
    await using from = await filled(10);
    await using to = await openTestStore();
    await to.db.collection<Row>("other").insertOne({ _id: 1 });
    await expect(copyStore({ from: from.store.connection, to: to.store.connection })).rejects.toMatchObject({
      code: "store.copy-refused",
    });
    expect(await to.db.collection("things").countDocuments({})).toBe(0);
    await using disturbed = await openTestStore();
    const spoil = copyStore({
      from: from.store.connection,
      to: disturbed.store.connection,
      onProgress: ({ collection }) => {
        if (collection !== "things") return;
        // A value that the copy would not have made: the hash must notice.
        const { catalog, writer } = disturbed.engine.storage;
        const { table } = catalog.find("chasqui.things")!;
        writer.db.run(`UPDATE ${table} SET d = (SELECT d FROM ${table} WHERE rid = 2) WHERE rid = 1`);
      },
    });
    await expect(spoil).rejects.toMatchObject({ code: "store.copy-refused" });
  });
});
