/** Operations that bring no session share one that is never ended; sessions that are asked for stay the driver's own. */
import { expect, test } from "bun:test";
import type { mongo } from "mongoose";
import { openTestStore } from "./embedded-store";

const clientOf = (db: mongo.Db) =>
  db.client as unknown as { s: { activeSessions: Set<unknown> }; startSession(): mongo.ClientSession };

test("whatever ends its session, the next operation works and none is left open", async () => {
  await using opened = await openTestStore();
  const { db } = opened;
  const things = db.collection<{ _id: number; n?: number }>("things");
  await things.insertMany([1, 2, 3].map((_id) => ({ _id })));
  const cursor = things.find({}, { batchSize: 1 });
  expect(await cursor.next()).toEqual({ _id: 1 });
  cursor.rewind();
  expect(await cursor.toArray()).toHaveLength(3);
  const abandoned = things.find({}, { batchSize: 1 });
  await abandoned.next();
  await abandoned.close();
  await things.bulkWrite([
    { updateOne: { filter: { _id: 1 }, update: { $inc: { n: 1 } } } },
    { deleteOne: { filter: { _id: 2 } } },
  ]);
  await expect(things.insertOne({ _id: 1 })).rejects.toMatchObject({ code: 11000 });
  expect(await things.find().toArray()).toEqual([{ _id: 1, n: 1 }, { _id: 3 }]);
  expect(clientOf(db).s.activeSessions.size).toBe(0);
});

test("an explicit session is a session of its own, with its own transaction and end", async () => {
  await using opened = await openTestStore();
  const { db } = opened;
  const things = db.collection<{ _id: number }>("things");
  const session = clientOf(db).startSession();
  const other = clientOf(db).startSession();
  expect([session === other, session.explicit, clientOf(db).s.activeSessions.size]).toEqual([false, true, 2]);
  session.startTransaction();
  await things.insertOne({ _id: 1 }, { session });
  expect([await things.countDocuments(), await things.countDocuments({}, { session })]).toEqual([0, 1]);
  await session.abortTransaction();
  await Promise.all([session.endSession(), other.endSession()]);
  expect([await things.countDocuments(), session.hasEnded, clientOf(db).s.activeSessions.size]).toEqual([0, true, 0]);
});
