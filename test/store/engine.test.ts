/** The embedded engine beyond the contract: expiry, explain, hints, scan guard, slow log, backup, integrity, the file itself. */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../src/core/clock";
import { createLog, silentLog } from "../../src/core/log";
import { openStore } from "../../src/store/connect";
import { Engine } from "../../src/store/embedded/engine";
import { checkBackup } from "../../src/store/embedded/storage/backup";
import { Watch } from "../../src/store/embedded/watch";
import { tempDir } from "../helpers/temp-dir";
import { failure } from "./contract/context";
import { openTestStore } from "./embedded-store";

type Row = { _id: number; [field: string]: unknown };

describe("expiry", () => {
  test("removes what has passed, nothing else, and follows collMod", async () => {
    let now = 1_000_000_000_000;
    await using test = await openTestStore({ clock: { ...systemClock, now: () => now } });
    const things = test.db.collection<Row>("things");
    await things.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
    await things.createIndex({ back: -1 }, { expireAfterSeconds: 0, name: "back" });
    await things.insertMany([
      { _id: 1, at: new Date(now - 61_000) },
      { _id: 2, at: new Date(now - 59_000) },
      { _id: 3, at: "text never expires" },
      { _id: 4 },
      { _id: 5, at: [new Date(now + 1e6), new Date(now - 70_000)] },
      { _id: 6, back: new Date(now - 1) },
      { _id: 7, back: new Date(now + 1_000) },
    ]);
    const left = async () => (await things.find({}, { sort: { _id: 1 } }).toArray()).map(({ _id }) => _id);
    expect(await test.engine.expire()).toBe(3);
    expect(await left()).toEqual([2, 3, 4, 7]);
    now += 2_000;
    expect(await test.engine.expire()).toBe(2);
    await things.insertOne({ _id: 8, at: new Date(now - 20_000) });
    await test.db.command({ collMod: "things", index: { name: "at_1", expireAfterSeconds: 10 } });
    expect(await test.engine.expire()).toBe(1);
    expect(await left()).toEqual([3, 4]);
    expect(await test.engine.check()).toEqual([]);
  });
});

test("updates take documents into partial indexes and out of them, whichever field they change", async () => {
  await using test = await openTestStore();
  const things = test.db.collection<Row>("things");
  await things.createIndex({ held: 1, at: -1 }, { partialFilterExpression: { held: { $type: "string" } } });
  await things.createIndex({ at: 1 }, { partialFilterExpression: { mark: { $exists: true } }, unique: true });
  await things.createIndex({ at: -1 }, { name: "whole" });
  await things.insertMany(Array.from({ length: 12 }, (_, _id) => ({ _id, at: _id, held: _id % 3 === 0 ? "me" : null })));
  const changes: [object, object][] = [
    [{ _id: 1 }, { $set: { at: 100 } }],
    [{ _id: 0 }, { $set: { at: 101 } }],
    [{ _id: 1 }, { $set: { held: "you" } }],
    [{ _id: 0 }, { $set: { held: null, at: 102 } }],
    [{ _id: 2 }, { $set: { mark: 1 } }],
    [{ _id: 2 }, { $inc: { at: 200 } }],
    [{ _id: 2 }, { $unset: { mark: 1 } }],
    [{ held: "me" }, { $set: { mark: true, at: 300 } }],
    [{ _id: 4 }, [{ $set: { held: "you", at: 5 } }]],
  ];
  for (const [filter, change] of changes) {
    await things.updateOne(filter, change as never);
    expect({ change, wrong: await test.engine.check() }).toEqual({ change, wrong: [] });
  }
  expect(await things.countDocuments({ held: { $in: ["me", "you"] } })).toBe(5);
  expect((await failure(things.updateOne({ _id: 7 }, { $set: { mark: 1, at: 300 } }))).code).toBe(11000);
  expect(await test.engine.check()).toEqual([]);
});

test("reIndex makes the entries of all indexes anew", async () => {
  await using test = await openTestStore();
  const things = test.db.collection<Row>("things");
  await things.createIndex({ a: 1 }, { unique: true });
  await things.createIndex({ b: -1 });
  await things.insertMany([
    { _id: 1, a: 1, b: 2 },
    { _id: 2, a: 2, b: 1 },
  ]);
  const { db } = test.engine.storage.writer;
  const [table] = db.query("SELECT 'x' || id AS name FROM _idx ORDER BY id").all() as { name: string }[];
  db.run(`DELETE FROM ${table!.name}`);
  expect(await test.engine.check()).not.toEqual([]);
  const answer = await test.db.command({ reIndex: "things" });
  expect(answer).toMatchObject({ nIndexesWas: 3, nIndexes: 3, indexes: [{ name: "_id_" }, { name: "a_1" }, { name: "b_-1" }] });
  expect(await test.engine.check()).toEqual([]);
  expect((await failure(things.insertOne({ _id: 3, a: 2 }))).code).toBe(11000);
  expect((await failure(test.db.command({ reIndex: "nothing" }))).code).toBe(26);
});

describe("plans", () => {
  const planOf = async (
    things: { find(filter: object, options?: object): { explain(verbosity: "queryPlanner"): Promise<unknown> } },
    filter: object,
    options: object = {},
  ) =>
    JSON.stringify(
      ((await things.find(filter, options).explain("queryPlanner")) as { queryPlanner: { winningPlan: unknown } }).queryPlanner
        .winningPlan,
    );

  test("the best index is chosen, sorts come from it, $or is a union, hints are obeyed", async () => {
    await using test = await openTestStore();
    const things = test.db.collection<Row>("things");
    await things.createIndex({ status: 1, at: -1 }, { name: "inbox" });
    await things.createIndex({ assignee: 1, status: 1, at: -1 }, { name: "mine" });
    await things.createIndex({ phone: 1 }, { name: "phone", sparse: true });
    await things.createIndex({ key: 1 }, { name: "open", partialFilterExpression: { isOpen: true } });
    await things.insertMany(
      Array.from({ length: 20 }, (_, i) => ({
        _id: i,
        status: i % 2 ? "open" : "done",
        at: i,
        assignee: i % 3,
        phone: String(i),
        key: i,
        isOpen: i > 5,
      })),
    );
    expect(await planOf(things, { status: "open" }, { sort: { at: -1 } })).toMatch(/inbox/);
    expect(await planOf(things, { status: "open" }, { sort: { at: -1 } })).not.toMatch(/"SORT"/);
    expect(await planOf(things, { status: { $in: ["open", "done"] } }, { sort: { at: -1 } })).toMatch(/SORT_MERGE.*inbox/);
    expect(await planOf(things, { status: "open", assignee: 1 }, { sort: { at: 1 } })).toMatch(/mine.*backward/);
    expect(await planOf(things, { status: "open" }, { sort: { phone: 1 } })).toMatch(/"SORT".*inbox/);
    // Reading all of the _id index in order would be the longer way.
    expect(await planOf(things, { at: { $gt: 3 }, phone: { $gt: "3", $lt: "5" } }, { sort: { _id: 1 } })).toMatch(
      /"SORT".*phone/,
    );
    expect(await planOf(things, { $or: [{ phone: "1" }, { status: "open", at: 3 }] })).toMatch(/"OR".*phone.*inbox/);
    expect(await planOf(things, { $or: [{ phone: "1" }, { nothing: 3 }] })).toMatch(/COLLSCAN/);
    expect(await planOf(things, { phone: null })).toMatch(/COLLSCAN/);
    expect(await planOf(things, { key: 3 })).toMatch(/COLLSCAN/);
    expect(await planOf(things, { key: 3, isOpen: true })).toMatch(/"open"/);
    expect(await planOf(things, { phone: /^1/ })).toMatch(/phone/);
    expect(await planOf(things, { status: "open" }, { hint: { $natural: 1 } })).toMatch(/COLLSCAN/);
    expect(await planOf(things, { status: "open", assignee: 1 }, { hint: "inbox" })).toMatch(/inbox/);
    await expect(things.findOne({ status: "x" }, { hint: "nope" })).rejects.toThrow("hint provided does not correspond");
  });

  test("executionStats count what was looked at", async () => {
    await using test = await openTestStore();
    const things = test.db.collection<Row>("things");
    await things.createIndex({ n: 1 });
    await things.insertMany(Array.from({ length: 30 }, (_, i) => ({ _id: i, n: i % 3, m: i })));
    const stats = async (filter: object) =>
      ((await things.find(filter).explain("executionStats")) as { executionStats: object }).executionStats;
    expect(await stats({ n: 1 })).toMatchObject({ nReturned: 10, totalKeysExamined: 10, totalDocsExamined: 10 });
    expect(await stats({ n: 1, m: 4 })).toMatchObject({ nReturned: 1, totalDocsExamined: 10 });
    expect(await stats({ m: 4 })).toMatchObject({ nReturned: 1, totalKeysExamined: 0, totalDocsExamined: 30 });
  });

  test("scans over the limit fail when told to, index searches never", async () => {
    await using test = await openTestStore({ failScansOver: 100 });
    const things = test.db.collection<Row>("things");
    await things.insertMany(Array.from({ length: 150 }, (_, i) => ({ _id: i, n: 1 })));
    await expect(things.find({ n: 1 }).toArray()).rejects.toThrow("COLLSCAN of chasqui.things");
    expect(await things.findOne({ n: 1 })).toMatchObject({ _id: 0 });
    await things.createIndex({ n: 1 });
    expect(await things.find({ n: 1 }).toArray()).toHaveLength(150);
  });

  test("a scan is told from its parts too: small batches, joins, branches, transactions, writes, the worker", async () => {
    await using test = await openTestStore({ failScansOver: 100 });
    const [things, few] = [test.db.collection<Row>("things"), test.db.collection<Row>("few")];
    await things.insertMany(Array.from({ length: 150 }, (_, i) => ({ _id: i, n: i })));
    await few.insertOne({ _id: 1, n: 1 });
    const through = async (cursor: AsyncIterable<unknown>) => {
      for await (const _ of cursor);
    };
    for (const scan of [
      () => through(things.find({ n: { $gt: -1 } }, { batchSize: 7 })),
      () => through(things.find({}, { batchSize: 7 })),
      () => through(things.aggregate([{ $match: { n: 1 } }], { batchSize: 1 })),
      () => few.aggregate([{ $lookup: { from: "things", localField: "n", foreignField: "n", as: "found" } }]).toArray(),
      () => things.find({ $or: [{ _id: 1 }, { n: 200 }] }).toArray(),
      () => test.store.transaction((session) => through(things.find({ n: 200 }, { batchSize: 7, session }))),
      () => things.updateMany({ n: 200 }, { $set: { m: 1 } }),
      () => things.findOneAndDelete({ n: 200 }),
      () => things.distinct("n", {}, { comment: "report" }),
    ])
      await expect(scan()).rejects.toThrow("COLLSCAN of chasqui.things went over 100 documents");
  });

  test("slow commands are logged with their plan, quick ones are not", () => {
    const lines: string[] = [];
    let now = 0;
    const log = createLog({ level: "warn", write: (line) => void lines.push(line) });
    const watch = new Watch({ clock: { ...systemClock, monotonic: () => now }, log });
    watch.run({ command: "find", namespace: () => "db.quick" }, () => {
      now += 49;
    });
    expect(lines).toEqual([]);
    watch.run({ command: "find", namespace: () => "db.slow" }, () => {
      now += 51;
    });
    expect(JSON.parse(lines[0]!)).toMatchObject({
      message: "slow store command",
      command: "find",
      namespace: "db.slow",
      tookMs: 51,
    });
  });
});

describe("what is not supported fails loudly", () => {
  const cases: [string, (test: Awaited<ReturnType<typeof openTestStore>>) => Promise<unknown>][] = [
    ["$where", ({ db }) => db.collection("x").findOne({ $where: "true" })],
    ["$text", ({ db }) => db.collection("x").findOne({ $text: { $search: "x" } })],
    ["collation", ({ db }) => db.collection("x").findOne({}, { collation: { locale: "es" } })],
    ["text indexes", ({ db }) => db.collection("x").createIndex({ a: "text" })],
    ["geo indexes", ({ db }) => db.collection("x").createIndex({ a: "2dsphere" })],
    [
      "$graphLookup",
      ({ db }) =>
        db
          .collection("x")
          .aggregate([{ $graphLookup: { from: "y" } }])
          .toArray(),
    ],
    ["time series collections", ({ db }) => db.createCollection("c", { timeseries: { timeField: "at" } })],
    ["tailable cursors", ({ db }) => db.collection("x").find({}, { tailable: true }).toArray()],
    ["unknown commands", ({ db }) => db.command({ frobnicate: 1 })],
  ];
  for (const [what, work] of cases) {
    test(what, async () => {
      await using test = await openTestStore();
      await test.db.collection<Row>("x").insertOne({ _id: 1 });
      const error = await work(test).then(
        () => null,
        (caught: { code: number; codeName: string }) => caught,
      );
      expect([238, 59]).toContain(error?.code as number);
    });
  }
});

describe("the file", () => {
  test("a backup of a running store is complete, sound, and opens", async () => {
    await using test = await openTestStore();
    const things = test.db.collection<Row>("things");
    await things.createIndex({ n: 1 }, { unique: true });
    await things.insertMany(Array.from({ length: 500 }, (_, i) => ({ _id: i, n: i })));
    const target = join(test.dir, "backup.db");
    await test.engine.backup(target);
    await things.insertOne({ _id: 999, n: 999 });
    expect(checkBackup(target)).toEqual([]);
    const copy = new Engine({ file: target, clock: systemClock, log: silentLog });
    expect(copy.storage.catalog.find("chasqui.things")!.count(copy.storage.writer)).toBe(500);
    expect(await copy.check()).toEqual([]);
    await copy.close();
    expect((await failure(test.engine.backup(target))).message).toContain("exists already");
  });

  test("the integrity check finds a missing and a surplus index entry", async () => {
    await using test = await openTestStore();
    const things = test.db.collection<Row>("things");
    await things.createIndex({ n: 1 });
    await things.insertMany([
      { _id: 1, n: 1 },
      { _id: 2, n: 2 },
    ]);
    expect(await test.engine.check()).toEqual([]);
    const index = test.engine.storage.catalog.find("chasqui.things")!.indexes[0]!;
    test.engine.storage.writer.db.run(`DELETE FROM ${index.table} WHERE rid = 1`);
    expect((await test.engine.check()).join()).toContain("lacks the entry");
    test.engine.storage.writer.db.run(`INSERT INTO ${index.table}(k, rid) VALUES(x'01', 77), (x'02', 78)`);
    expect((await test.engine.check()).join()).toContain("3 entries instead of 2");
    expect(await test.db.command({ validate: "things" })).toMatchObject({ valid: false });
  });

  test("survives closing and opening, indexes and multikey flags included", async () => {
    using dir = tempDir();
    for (const round of [0, 1]) {
      const store = await openStore({ dataDir: dir.path, log: silentLog, clock: systemClock });
      const things = store.connection.db!.collection<Row>("things");
      await things.createIndex({ tags: 1 }, { unique: true });
      if (round === 0) await things.insertOne({ _id: 1, tags: ["a", "b"] });
      else expect(await things.find({ tags: { $gt: "a", $lt: "c" } }).toArray()).toHaveLength(1);
      await expect(things.insertOne({ _id: 2, tags: "b" })).rejects.toThrow("E11000");
      expect(await things.countDocuments({ tags: { $in: ["a", "b"] } })).toBe(1);
      await store.close();
    }
  });

  test("a file of a newer format or of another program is refused with a clear sentence", async () => {
    using dir = tempDir();
    const file = join(dir.path, "chasqui.db");
    const engine = new Engine({ file, clock: systemClock, log: silentLog });
    await engine.close();
    const db = new Database(file);
    db.run("PRAGMA user_version = 99");
    db.close();
    const open = () => openStore({ dataDir: dir.path, log: silentLog, clock: systemClock });
    const error = await open().catch((caught: Error & { code: string }) => caught);
    expect(error).toMatchObject({ code: "store.unavailable" });
    expect((error as Error).message).toContain("newer version");
    using other = tempDir();
    const foreign = new Database(join(other.path, "chasqui.db"));
    foreign.run("CREATE TABLE x(y)");
    foreign.close();
    await expect(openStore({ dataDir: other.path, log: silentLog, clock: systemClock })).rejects.toThrow("another program");
  });

  test("statistics", async () => {
    await using test = await openTestStore();
    const things = test.db.collection<Row>("things");
    await things.insertMany([{ _id: 1 }, { _id: 2 }]);
    expect(await test.db.command({ collStats: "things" })).toMatchObject({ count: 2, nindexes: 1 });
    expect(await test.db.command({ dbStats: 1 })).toMatchObject({ collections: 1, objects: 2 });
    expect((await test.db.admin().listDatabases()).databases.map(({ name }) => name)).toEqual(["chasqui"]);
    await test.store.ping();
  });
});
