/** Snapshots outside of transactions end: they would keep the write-ahead log from being written back. */
import { expect, test } from "bun:test";
import type { mongo } from "mongoose";
import { ManualClock } from "../helpers/manual-clock";
import { failure } from "./contract/context";
import { openTestStore, type TestStore } from "./embedded-store";

type Thing = { _id: number };

/** Reads a snapshot of its own, or the one of that time; tells its time. */
async function readAt({ db }: TestStore, atClusterTime?: unknown): Promise<mongo.Timestamp> {
  const { cursor } = await db.command({
    find: "things",
    readConcern: { level: "snapshot", ...(atClusterTime ? { atClusterTime } : {}) },
  });
  return cursor.atClusterTime;
}

const codeAt = async (store: TestStore, time: mongo.Timestamp): Promise<number | undefined> =>
  (await failure(readAt(store, time))).code;

test("a snapshot ends when nobody has read it for a minute, and after five minutes in any case", async () => {
  const clock = new ManualClock();
  await using store = await openTestStore({ clock });
  const [used, idle] = [await readAt(store), await readAt(store)];
  expect(used.equals(idle)).toBe(false);
  for (let second = 0; second < 240; second += 40) {
    clock.advance(40_000);
    await readAt(store, used);
  }
  expect(await codeAt(store, idle)).toBe(246);
  clock.advance(40_000);
  await readAt(store, used);
  clock.advance(59_000);
  expect(await codeAt(store, used)).toBe(246);
});

test("of too many, the one used longest ago ends, and with it its cursors", async () => {
  await using store = await openTestStore();
  await store.db.collection<Thing>("things").insertMany(Array.from({ length: 300 }, (_, i) => ({ _id: i })));
  const first = await store.db.command({ find: "things", batchSize: 1, readConcern: { level: "snapshot" } });
  const second = await readAt(store);
  for (let i = 0; i < 18; i++) await readAt(store);
  const more = (batchSize: number) => store.db.command({ getMore: first.cursor.id, collection: "things", batchSize });
  expect((await more(1)).cursor.nextBatch).toEqual([{ _id: 1 }]);
  await readAt(store, first.cursor.atClusterTime);
  await readAt(store);
  expect(await codeAt(store, second)).toBe(246);
  for (let i = 0; i < 19; i++) await readAt(store);
  expect((await failure(more(250))).code).toBe(246);
});

test("an index or a collection that came later is not in the snapshot", async () => {
  await using store = await openTestStore();
  await store.db.collection<Thing>("things").insertOne({ _id: 1 });
  const time = await readAt(store);
  await store.db.collection<Thing>("others").insertOne({ _id: 1 });
  await store.db.collection<Thing>("things").createIndex({ later: 1 });
  const others = await store.db.command({ find: "others", readConcern: { level: "snapshot", atClusterTime: time } });
  expect(others.cursor.firstBatch).toEqual([]);
  await store.db.collection("things").drop();
  const things = await store.db.command({ find: "things", readConcern: { level: "snapshot", atClusterTime: time } });
  expect(things.cursor.firstBatch).toEqual([{ _id: 1 }]);
});
