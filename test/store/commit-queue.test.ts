/** Group commit and transactions at their edges: failures of the disk, long transactions, writers that wait. */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import type { mongo } from "mongoose";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { isStoreUnavailable } from "../../src/store/connect";
import { Engine } from "../../src/store/embedded/engine";
import { checkIntegrity } from "../../src/store/embedded/storage/integrity";
import { ManualClock } from "../helpers/manual-clock";
import { until } from "../helpers/until";
import { openTestStore } from "./embedded-store";

const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("expected a failure");
    },
    (error: Error & { code?: number; hasErrorLabel?: (label: string) => boolean }) => error,
  );

/** A real error of SQLite; which one does not matter. */
function diskError(): unknown {
  try {
    new Database(":memory:").run("SELECT * FROM nowhere");
  } catch (error) {
    return error;
  }
  throw new Error("unreachable");
}

describe("a full disk", () => {
  test("fails every writer of the group, keeps nothing of it, and heals by itself", async () => {
    await using test = await openTestStore();
    const things = test.db.collection<{ _id: string; text?: string }>("things");
    await things.createIndex({ text: 1 });
    await things.insertOne({ _id: "before" });
    const { db } = test.engine.storage.writer;
    const pages = db.query<{ page_count: number }, []>("PRAGMA page_count").get()!.page_count;
    db.run(`PRAGMA max_page_count = ${pages}`);
    const answers = await Promise.allSettled([
      things.insertOne({ _id: "small" }),
      things.insertOne({ _id: "large", text: "x".repeat(1_000_000) }),
    ]);
    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(refused.length).toBeGreaterThanOrEqual(1);
    for (const { reason } of refused) {
      expect(isStoreUnavailable(reason)).toBe(true);
      expect(reason.code).toBe(14031);
    }
    const kept = (await things.find().toArray()).map(({ _id }) => _id);
    expect(kept).toEqual(answers[0].status === "fulfilled" ? ["before", "small"] : ["before"]);
    db.run("PRAGMA max_page_count = 1073741823");
    await things.insertOne({ _id: "large", text: "x".repeat(1_000_000) });
    expect(await things.countDocuments({ _id: "large" })).toBe(1);
    expect(checkIntegrity(test.engine.storage)).toEqual([]);
  });

  test("a commit that fails is not acknowledged, now or when the client asks again", async () => {
    await using test = await openTestStore();
    const things = test.db.collection<{ _id: string }>("things");
    await things.insertOne({ _id: "before" });
    const { writer } = test.engine.storage;
    const statement = writer.statement.bind(writer);
    const broken = () => {
      throw diskError();
    };
    writer.statement = (sql) =>
      sql === "COMMIT" ? Object.assign(Object.create(statement(sql)), { run: broken }) : statement(sql);
    const write = caught(things.insertOne({ _id: "write" }));
    expect(isStoreUnavailable(await write)).toBe(true);
    const session = await test.store.connection.startSession();
    session.startTransaction();
    await things.insertOne({ _id: "transaction" }, { session });
    expect(isStoreUnavailable(await caught(session.commitTransaction()))).toBe(true);
    expect((await caught(session.commitTransaction())).code).toBe(251);
    await session.endSession();
    writer.statement = statement;
    await things.insertOne({ _id: "after" });
    expect((await things.find().toArray()).map(({ _id }) => _id)).toEqual(["before", "after"]);
  });

  test("a caller's own mistake is not a failure of the store", async () => {
    await using test = await openTestStore();
    const things = test.db.collection<{ _id: string }>("things");
    await things.insertOne({ _id: "a" });
    expect(isStoreUnavailable(await caught(things.insertOne({ _id: "a" })))).toBe(false);
    expect(isStoreUnavailable(new Error("x"))).toBe(false);
  });
});

type Rows = mongo.Collection<{ _id: string }>;

describe("transactions", () => {
  test("writers wait for the open one and then share its commit", async () => {
    await using test = await openTestStore();
    const things = test.db.collection<{ _id: string; n?: number }>("things");
    await things.insertOne({ _id: "a", n: 0 });
    const session = await test.store.connection.startSession();
    session.startTransaction();
    await things.updateOne({ _id: "a" }, { $set: { n: 1 } }, { session });
    const order: string[] = [];
    const before = test.engine.queue.commits;
    const waiting = Promise.all(["b", "c"].map((_id) => things.insertOne({ _id }).then(() => order.push(_id))));
    expect(await things.countDocuments({})).toBe(1);
    expect(order).toEqual([]);
    await session.commitTransaction();
    await waiting;
    expect(test.engine.queue.commits - before).toBe(1);
    expect(await things.countDocuments({})).toBe(3);
    await session.endSession();
  });

  test("a write of the same document, awaited inside without its session, fails instead of hanging", async () => {
    const clock = new ManualClock();
    await using test = await openTestStore({ clock });
    const things = test.db.collection<{ _id: string; n?: number }>("things");
    await things.insertOne({ _id: "first" });
    const transaction = test.store.transaction(async (session) => {
      await things.updateOne({ _id: "first" }, { $set: { n: 1 } }, { session });
      let refused: Error | undefined;
      things.updateOne({ _id: "first" }, { $set: { n: 2 } }).catch((error: Error) => {
        refused = error;
      });
      await until(() => {
        clock.advance(1_000);
        return refused;
      });
      throw refused;
    });
    const error = await caught(transaction);
    expect(error.code).toBe(112);
    expect(error.message).toContain("without its session");
    expect(await things.find().toArray()).toEqual([{ _id: "first" }]);
  });

  test("one that is left open is aborted after a minute", async () => {
    const clock = new ManualClock();
    await using test = await openTestStore({ clock });
    const things = test.db.collection<{ _id: string }>("things");
    const session = await test.store.connection.startSession();
    session.startTransaction();
    await things.insertOne({ _id: "a" }, { session });
    clock.advance(61_000);
    const error = await caught(things.insertOne({ _id: "b" }, { session }));
    expect(error.code).toBe(251);
    expect(error.hasErrorLabel!("TransientTransactionError")).toBe(true);
    await session.abortTransaction();
    await session.endSession();
    await things.insertOne({ _id: "c" });
    expect((await things.find().toArray()).map(({ _id }) => _id)).toEqual(["c"]);
  });

  test("one that keeps a finished member waiting stands aside and goes on", async () => {
    const clock = new ManualClock();
    await using test = await openTestStore({ clock });
    const things = test.db.collection<{ _id: string }>("things");
    await things.insertOne({ _id: "first" });
    const [one, two] = [await test.store.connection.startSession(), await test.store.connection.startSession()];
    one.startTransaction();
    two.startTransaction();
    await things.insertOne({ _id: "one" }, { session: one });
    const second = things.insertOne({ _id: "two" }, { session: two });
    const commit = one.commitTransaction();
    await second;
    clock.advance(300);
    await commit;
    expect((await things.find().toArray()).map(({ _id }) => _id)).toEqual(["first", "one"]);
    await things.insertOne({ _id: "two b" }, { session: two });
    await two.commitTransaction();
    expect((await things.find().toArray()).map(({ _id }) => _id)).toEqual(["first", "one", "two", "two b"]);
    await Promise.all([one.endSession(), two.endSession()]);
  });

  test("one that cannot stand aside is sent back when it keeps a finished member waiting; its retry keeps the writer", async () => {
    const clock = new ManualClock();
    await using test = await openTestStore({ clock });
    const [things, made] = ["things", "made"].map((name) => test.db.collection<{ _id: string }>(name)) as [Rows, Rows];
    await things.insertOne({ _id: "first" });
    const [one, two] = [await test.store.connection.startSession(), await test.store.connection.startSession()];
    one.startTransaction();
    two.startTransaction();
    await things.insertOne({ _id: "one" }, { session: one });
    const second = made.insertOne({ _id: "two" }, { session: two });
    const commit = one.commitTransaction();
    await second;
    const waiting = until(async () => {
      clock.advance(100);
      return (await things.countDocuments({})) === 2;
    });
    await Promise.all([commit, waiting]);
    expect((await caught(made.insertOne({ _id: "b" }, { session: two }))).hasErrorLabel!("TransientTransactionError")).toBe(true);
    await two.abortTransaction();
    two.startTransaction();
    await made.insertOne({ _id: "two" }, { session: two });
    const late = things.insertOne({ _id: "late" });
    clock.advance(300);
    await new Promise(setImmediate);
    await made.insertOne({ _id: "two b" }, { session: two });
    await two.commitTransaction();
    await late;
    expect((await made.find().toArray()).map(({ _id }) => _id)).toEqual(["two", "two b"]);
    await Promise.all([one.endSession(), two.endSession()]);
  });

  test("a collection made inside is invisible outside, and gone after the abort", async () => {
    await using test = await openTestStore();
    const fresh = test.db.collection<{ _id: string }>("fresh");
    const session = await test.store.connection.startSession();
    session.startTransaction();
    await fresh.insertOne({ _id: "a" }, { session });
    expect(await fresh.find().toArray()).toEqual([]);
    expect((await test.db.listCollections().toArray()).map(({ name }) => name)).not.toContain("fresh");
    await session.abortTransaction();
    await session.endSession();
    await fresh.insertOne({ _id: "b" });
    expect(await fresh.find().toArray()).toEqual([{ _id: "b" }]);
    expect(checkIntegrity(test.engine.storage)).toEqual([]);
  });

  test("closing answers what is pending and takes back what is open", async () => {
    const test = await openTestStore();
    const things = test.db.collection<{ _id: string }>("things");
    await things.insertOne({ _id: "first" });
    const session = await test.store.connection.startSession();
    session.startTransaction();
    await things.insertOne({ _id: "open" }, { session });
    const pending = test.engine.queue.write(() => "answer");
    await test.store.close();
    expect(await pending).toBe("answer");
    const again = new Engine({ file: test.engine.storage.file, clock: systemClock, log: silentLog });
    expect(again.storage.catalog.find("chasqui.things")!.count(again.storage.writer)).toBe(1);
    await again.close();
  });

  test("forty at once all commit, in few commits", async () => {
    await using test = await openTestStore({ clock: systemClock });
    const things = test.db.collection<{ _id: string; n: number }>("things");
    await things.insertOne({ _id: "sum", n: 0 });
    const before = test.engine.queue.commits;
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        test.store.transaction(async (session) => {
          await things.insertOne({ _id: String(i), n: i }, { session });
          await things.updateOne({ _id: "sum" }, { $inc: { n: i } }, { session });
        }),
      ),
    );
    expect((await things.findOne({ _id: "sum" }))!.n).toBe(780);
    await until(() => test.engine.queue.isOpen === false);
    expect(test.engine.queue.commits - before).toBeLessThan(40);
  });
});
