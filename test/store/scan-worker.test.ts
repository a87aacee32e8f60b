/** Reads that look at many documents run in the scan worker: same answers, and the event loop goes on meanwhile. */
import { describe, expect, test } from "bun:test";
import { createLog } from "../../src/core/log";
import { WORKER_CURSOR } from "../../src/store/embedded/scan-message";
import { until } from "../helpers/until";
import { failure } from "./contract/context";
import { openTestStore, type TestStore, type TestStoreOptions } from "./embedded-store";

interface Row {
  _id: number;
  n: number;
  text: string;
}

const MANY = 12_000;

async function filled(options: TestStoreOptions = {}, count = MANY): Promise<TestStore & { things: ReturnType<typeof rows> }> {
  const store = await openTestStore(options);
  const things = rows(store);
  for (let from = 0; from < count; from += 4_000) {
    const size = Math.min(4_000, count - from);
    await things.insertMany(
      Array.from({ length: size }, (_, i) => ({ _id: from + i, n: (from + i) % 7, text: `text ${from + i}` })),
    );
  }
  return { ...store, things, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}
const rows = (store: TestStore) => store.db.collection<Row>("things");

describe("the scan worker", () => {
  test("answers large searches as the engine would, small ones never reach it", async () => {
    await using test = await filled();
    expect(await test.things.findOne({ _id: 5 })).toMatchObject({ n: 5 });
    expect(await test.things.find({ n: 3 }, { limit: 5 }).toArray()).toHaveLength(5);
    expect(test.engine.scanning).toBe(false);

    expect(await test.things.countDocuments({ n: 3 })).toBe(1_714);
    expect(test.engine.scanning).toBe(true);
    expect(await test.things.distinct("n", { text: /^text/ })).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const groups = await test.things.aggregate([{ $group: { _id: "$n", count: { $sum: 1 } } }, { $sort: { _id: 1 } }]).toArray();
    expect(groups.map(({ count }) => count)).toEqual([1_715, 1_715, 1_714, 1_714, 1_714, 1_714, 1_714]);
    const found = await test.things.find({ n: 6 }, { sort: { text: 1 } }).toArray();
    expect(found).toHaveLength(1_714);
    expect(found.map(({ text }) => text)).toEqual(found.map(({ text }) => text).toSorted());
    expect(await test.db.command({ validate: "things" })).toMatchObject({ valid: true, nrecords: MANY });
    expect(await test.db.command({ collStats: "things" })).toMatchObject({ count: MANY });
  });

  test("the event loop goes on while it works", async () => {
    await using test = await filled({}, 40_000);
    await test.db.command({ collStats: "things" });
    let turns = 0;
    const beat = setInterval(() => turns++, 1);
    await test.things.aggregate([{ $group: { _id: "$text", n: { $sum: "$n" } } }, { $count: "groups" }]).toArray();
    clearInterval(beat);
    expect(turns).toBeGreaterThan(10);
  });

  test("cursors stay in the worker, are continued and killed there", async () => {
    await using test = await filled();
    const { cursor } = await test.db.command({
      find: "things",
      filter: { n: { $gte: 0 } },
      batchSize: 10,
      comment: "report: all",
    });
    expect(BigInt(String(cursor.id)) & WORKER_CURSOR).toBe(WORKER_CURSOR);
    const { cursor: next } = await test.db.command({ getMore: cursor.id, collection: "things", batchSize: 5 });
    expect(next.nextBatch.map(({ _id }: Row) => _id)).toEqual([10, 11, 12, 13, 14]);
    expect((await test.db.command({ killCursors: "things", cursors: [cursor.id] })).cursorsKilled).toHaveLength(1);
    expect((await failure(test.db.command({ getMore: cursor.id, collection: "things" }))).code).toBe(43);

    const seen = new Set<number>();
    for await (const { _id } of test.things.find({ text: /^text/ }, { comment: "report", batchSize: 700 })) seen.add(_id);
    expect(seen.size).toBe(MANY);
  });

  test("sees each acknowledged write, new collections and new indexes, and nothing that is not committed", async () => {
    await using test = await filled();
    const report = { comment: "report" };
    expect(await test.things.countDocuments({ n: 100 }, report)).toBe(0);
    await test.things.insertOne({ _id: -1, n: 100, text: "new" });
    expect(await test.things.countDocuments({ n: 100 }, report)).toBe(1);
    await test.things.createIndex({ n: 1 });
    expect(await test.things.countDocuments({ n: 100 }, { ...report, hint: "n_1" })).toBe(1);
    await test.db.collection<Row>("fresh").insertOne({ _id: 1, n: 1, text: "" });
    expect(await test.db.collection("fresh").countDocuments({ n: 1 }, report)).toBe(1);
    await test.store.transaction(async (session) => {
      await test.things.insertOne({ _id: -2, n: 100, text: "uncommitted" }, { session });
      expect(await test.things.countDocuments({ n: 100 }, report)).toBe(1);
      // Inside, everything is read on the connection of the transaction.
      expect(await test.things.countDocuments({ text: { $ne: "" } }, { session })).toBe(MANY + 2);
    });
    expect(await test.things.countDocuments({ n: 100 }, report)).toBe(2);
    await test.things.drop();
    expect(await test.things.countDocuments({ n: 100 }, report)).toBe(0);
  });

  test("errors come back as errors, and time limits hold", async () => {
    await using test = await filled();
    const report = { comment: "report" };
    expect((await failure(test.things.find({ $nope: 1 } as never, report).toArray())).code).toBe(2);
    expect((await failure(test.things.find({ n: 1 }, { ...report, hint: "none" }).toArray())).code).toBe(2);
    const slow = test.things.aggregate([{ $group: { _id: "$text", all: { $push: "$$ROOT" } } }], { maxTimeMS: 1 }).toArray();
    expect(await failure(slow)).toMatchObject({ code: 50, codeName: "MaxTimeMSExpired" });
  });

  test("what it does slowly is logged by the process with its plan", async () => {
    const lines: string[] = [];
    await using test = await filled({ log: createLog({ level: "warn", write: (line) => void lines.push(line) }) }, 40_000);
    await test.things.aggregate([{ $group: { _id: "$text", all: { $push: "$$ROOT" } } }, { $count: "n" }]).toArray();
    const line = await until(() => lines.map((text) => JSON.parse(text)).find(({ worker }) => worker));
    expect(line).toMatchObject({ command: "aggregate", plans: ["COLLSCAN chasqui.things"], examined: 40_000 });
  });

  test("closing the store ends it, and whoever waits is told", async () => {
    const test = await filled();
    const asked = test.things.aggregate([{ $group: { _id: "$text", n: { $sum: 1 } } }, { $count: "n" }]).toArray();
    const outcome = asked.catch((error: unknown) => error);
    await test[Symbol.asyncDispose]();
    const told = await outcome;
    if (!Array.isArray(told)) expect(told).toMatchObject({ code: 91 });
    expect(test.engine.scanning).toBe(false);
  });
});

test("an index keeps knowing of arrays after a transaction that brought the first one was taken back", async () => {
  await using test = await openTestStore();
  const things = test.db.collection<{ _id: number; tags: unknown }>("things");
  await things.createIndex({ tags: 1 });
  const session = await test.store.connection.startSession();
  session.startTransaction();
  await things.insertOne({ _id: 1, tags: ["a", "b"] }, { session });
  await session.abortTransaction();
  await session.endSession();
  await things.insertOne({ _id: 2, tags: ["a", "b"] });
  expect(test.engine.storage.writer.number("SELECT multikey AS n FROM _idx")).toBe(1);
  expect(await test.engine.check()).toEqual([]);
});
