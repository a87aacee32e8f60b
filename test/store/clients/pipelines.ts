/** Pipelines, collections and indexes. */
import type { Asking, Loose } from "./asking";

export async function pipelines({ db, cl, c, reset, C, err, same, fields }: Asking): Promise<void> {
  // aggregate
  await reset({ _id: 1, x: 11 }, { _id: 2, x: 22 }, { _id: 3, x: 33 });
  await C("$out", async () => {
    await c.aggregate([{ $sort: { x: 1 } }, { $match: { _id: { $gt: 1 } } }, { $out: "o" }]).toArray();
    return same(await db.collection("o").find().toArray(), [
      { _id: 2, x: 22 },
      { _id: 3, x: 33 },
    ] as never);
  });
  await C("$out replaces keeps indexes", async () => {
    await db.collection("o").createIndex({ x: 1 });
    await c.aggregate([{ $limit: 1 }, { $out: "o" }]).toArray();
    return same(
      [await db.collection("o").countDocuments(), (await db.collection("o").indexes()).map((i) => i.name)],
      [1, ["_id_", "x_1"]],
    );
  });
  await C("$merge", async () => {
    await c.aggregate([{ $addFields: { y: 1 } }, { $merge: { into: "o" } }]).toArray();
    return same(
      await db
        .collection("o")
        .find({}, { sort: { _id: 1 } })
        .toArray(),
      [
        { _id: 1, x: 11, y: 1 },
        { _id: 2, x: 22, y: 1 },
        { _id: 3, x: 33, y: 1 },
      ] as never,
    );
  });
  await C("$merge pipeline", async () => {
    await c
      .aggregate([{ $merge: { into: "o", whenMatched: [{ $set: { z: "$$new.x" } }], whenNotMatched: "discard" } }])
      .toArray();
    return same(await db.collection<Loose>("o").findOne({ _id: 1 }), { _id: 1, x: 11, y: 1, z: 11 });
  });
  await C("$merge fail", () => err(c.aggregate([{ $merge: { into: "o", whenMatched: "fail" } }]).toArray(), 11000));
  await C("$merge no unique", () => err(c.aggregate([{ $merge: { into: "o", on: "x" } }]).toArray(), 51183));
  await C("$out not last", () => err(c.aggregate([{ $out: "o" }, { $limit: 1 }]).toArray(), 40601));
  await C("$out bad readConcern", () =>
    err(c.aggregate([{ $out: "o" }], { readConcern: { level: "!invalid123" } as never }).toArray(), 2),
  );
  await C("agg batch", async () => {
    const r = await db.command({ aggregate: "c", pipeline: [{ $match: {} }], cursor: { batchSize: 2 } });
    return r.cursor.firstBatch.length === 2 && String(r.cursor.id) !== "0";
  });
  await C("agg no cursor", () => err(db.command({ aggregate: "c", pipeline: [] }), 9));
  await C("agg unknown stage", () =>
    err(c.aggregate([{ $nope: 1 }]).toArray(), 40324, "Unrecognized pipeline stage name: '$nope'"),
  );
  await C("agg two fields", () => err(c.aggregate([{ $match: {}, $limit: 1 }]).toArray(), 40323));
  await C("agg unknown option", () => err(db.command({ aggregate: "c", pipeline: [], cursor: {}, foo: 1 }), 40415));
  await C("db agg listLocalSessions", async () =>
    same(
      await db
        .aggregate([
          { $listLocalSessions: {} },
          { $limit: 1 },
          { $addFields: { dummy: "dummy field" } },
          { $project: { _id: 0, dummy: 1 } },
        ])
        .toArray(),
      [{ dummy: "dummy field" }],
    ),
  );
  await C(
    "db agg currentOp",
    async () =>
      (
        await cl
          .db("admin")
          .aggregate([{ $currentOp: {} }, { $limit: 1 }])
          .toArray()
      ).length === 1,
  );
  await C("db agg documents", async () =>
    same(await db.aggregate([{ $documents: [{ a: 1 }, { a: 2 }] }, { $match: { a: 2 } }]).toArray(), [{ a: 2 }]),
  );
  await C("db agg out", async () => {
    await db
      .aggregate([
        { $listLocalSessions: {} },
        { $limit: 1 },
        { $addFields: { _id: 1 } },
        { $project: { _id: 1 } },
        { $out: "coll0" },
      ])
      .toArray();
    return same(await db.collection("coll0").find().toArray(), [{ _id: 1 }] as never);
  });
  await C("collStats stage", async () => same((await c.aggregate([{ $collStats: { count: {} } }]).toArray())[0]?.count, 3));
  await C("indexStats", async () =>
    same(
      (await c.aggregate([{ $indexStats: {} }]).toArray()).map((d) => d.name),
      ["_id_"],
    ),
  );
  await C("searchIndexes", () => err(c.listSearchIndexes().toArray(), 31082, "Atlas"));
  await C("createSearchIndex", () =>
    err(c.createSearchIndex({ name: "a", definition: { mappings: { dynamic: true } } }), 31082, "Atlas"),
  );
  await C("dropSearchIndex", () => err(c.dropSearchIndex("a"), 31082, "Atlas"));
  await C("estimated", async () => same(await c.estimatedDocumentCount({ comment: "x" }), 3));
  await C("estimated none", async () => same(await db.collection("none").estimatedDocumentCount(), 0));
  await C("distinct", async () => same(await c.distinct("x", { _id: { $gt: 1 } }), [22, 33]));
  await C("count limit", async () => same((await db.command({ count: "c", query: {}, limit: -2, skip: 1 })).n, 2));
  // collections
  await C("listCollections filter", async () =>
    same(await db.listCollections({ name: "c" }, { nameOnly: true }).toArray(), [{ name: "c", type: "collection" }]),
  );
  await C("listCollections idIndex", async () =>
    same(
      (await db.listCollections({ name: "c" }).toArray()).map(fields).map((d) => [d.type, d.idIndex.name, d.info.readOnly]),
      [["collection", "_id_", false]],
    ),
  );
  await C(
    "listCollections uuid",
    async () => fields((await db.listCollections({ name: "c" }).toArray())[0]).info.uuid !== undefined,
  );
  await C("create exists", async () => err(db.createCollection("c"), 48).then((r) => r));
  await C("drop none", async () => (await db.collection("none").drop()) === true);
  await C("rename", async () => {
    await db.collection("r1").insertOne({ a: 1 });
    await db.collection("r1").rename("r2");
    return (await db.collection("r2").countDocuments()) === 1;
  });
  await C("rename missing", () => err(db.collection("r1").rename("r3"), 26));
  await C("rename exists", async () => {
    await db.collection("r1").insertOne({ a: 1 });
    return err(db.collection("r1").rename("r2"), 48);
  });
  await C("time series refused", () => err(db.createCollection("ts", { timeseries: { timeField: "t" } }), 238));
  await C("collation refused", () => err(db.createCollection("col", { collation: { locale: "es" } }), 238));
  await C("clustered index", async () => {
    const clusteredIndex = { key: { _id: 1 }, unique: true, name: "by id" } as const;
    await db.createCollection("clustered", { clusteredIndex });
    const [index] = await db.collection("clustered").indexes();
    return same(index, { v: 2, key: { _id: 1 }, name: "by id", unique: true, clustered: true } as never);
  });
  await C("collMod unknown", () => err(db.command({ collMod: "clustered", index: { name: "x", prepareUnique: true } }), 238));
  // indexes
  await C("index same", async () => {
    await c.createIndex({ x: 1 });
    return same(await c.createIndex({ x: 1 }), "x_1");
  });
  await C("index diff opts same name", () => err(c.createIndex({ x: 1 }, { unique: true }), 86).then((r) => r));
  await C("index diff name", () => err(c.createIndex({ x: 1 }, { name: "other" }), 85));
  await C("index name taken", () => err(c.createIndex({ z: 1 }, { name: "x_1" }), 86));
  await C("index commitQuorum", async () => same(await c.createIndex({ q: 1 }, { commitQuorum: "majority" } as never), "q_1"));
  await C("index unknown", () =>
    err(db.command({ createIndexes: "c", indexes: [{ key: { w: 1 }, name: "w_1", nope: 1 }] }), 197),
  );
  await C("index no name", () => err(db.command({ createIndexes: "c", indexes: [{ key: { w: 1 } }] }), 9));
  await C(
    "index v ns",
    async () =>
      (await db.command({ createIndexes: "c", indexes: [{ v: 2, key: { vv: 1 }, name: "vv_1", ns: "t.c", background: true }] }))
        .ok === 1,
  );
  await C("index bad direction", () => err(c.createIndex({ w: 0 } as never), 67));
  await C("index empty", () => err(db.command({ createIndexes: "c", indexes: [] }), 2));
  await C("dropIndex missing", () => err(c.dropIndex("nope"), 27));
  await C("dropIndex _id", () => err(c.dropIndex("_id_"), 72));
  await C("dropIndexes ns", () => err(db.collection("none").dropIndex("x"), 26));
  await C("dropIndexes all", async () => {
    await c.dropIndexes();
    return same((await c.indexes()).length, 1);
  });
  await C("listIndexes none", () => err(db.collection("none").listIndexes().toArray(), 26));
  await C("indexes ttl", async () => {
    await c.createIndex({ t: 1 }, { expireAfterSeconds: 5 });
    return same((await c.indexes()).at(-1), { v: 2, key: { t: 1 }, name: "t_1", expireAfterSeconds: 5 } as never);
  });
  await C("listIndexes cursor", async () => {
    const r = await db.command({ listIndexes: "c", cursor: { batchSize: 1 } });
    return r.cursor.firstBatch.length === 1 && String(r.cursor.id) !== "0";
  });
}
