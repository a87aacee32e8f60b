/** Contract: sessions that read one snapshot outside of transactions. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mongo } from "mongoose";
import { type ContractContext, failure } from "./context";

export function snapshotsContract(context: ContractContext): void {
  describe("a snapshot session", () => {
    let session: mongo.ClientSession;

    beforeEach(async () => {
      session = context.store.connection.getClient().startSession({ snapshot: true });
      await context.things.insertMany([
        { _id: "a", n: 1 },
        { _id: "b", n: 1 },
      ] as never[]);
    });
    afterEach(() => session.endSession());

    const found = async (options = {}) =>
      (await context.things.find({}, { sort: { _id: 1 }, ...options }).toArray()).map(({ n }) => n);

    test("reads what was there at its first read, with find, aggregate, distinct and counts", async () => {
      expect(await found({ session })).toEqual([1, 1]);
      await context.things.updateOne({ _id: "a" }, { $set: { n: 2 } });
      await context.things.insertOne({ _id: "c", n: 3 });
      await context.things.deleteOne({ _id: "b" });

      expect(await found({ session })).toEqual([1, 1]);
      expect(await context.things.findOne({ _id: "a" }, { session })).toMatchObject({ n: 1 });
      expect(await context.things.findOne({ _id: "c" }, { session })).toBeNull();
      expect(await context.things.distinct("n", {}, { session })).toEqual([1]);
      expect(await context.things.countDocuments({}, { session })).toBe(2);
      const sums = context.things.aggregate([{ $group: { _id: null, sum: { $sum: "$n" } } }], { session });
      expect(await sums.toArray()).toEqual([{ _id: null, sum: 2 }]);
      expect(await found()).toEqual([2, 3]);
    });

    test("begins with any of them", async () => {
      const other = context.store.connection.getClient().startSession({ snapshot: true });
      expect(await context.things.distinct("n", {}, { session })).toEqual([1]);
      expect(await context.things.countDocuments({ n: 1 }, { session: other })).toBe(2);
      await context.things.updateMany({}, { $set: { n: 5 } });
      expect(await found({ session })).toEqual([1, 1]);
      expect(await found({ session: other })).toEqual([1, 1]);
      await other.endSession();
    });

    test("keeps its state for a cursor that is read later", async () => {
      const cursor = context.things.find({}, { session, sort: { _id: 1 }, batchSize: 1 });
      expect(await cursor.next()).toMatchObject({ _id: "a", n: 1 });
      await context.things.updateMany({}, { $set: { n: 7 } });
      await context.things.insertOne({ _id: "c", n: 7 });
      expect(await cursor.toArray()).toEqual([{ _id: "b", n: 1 }] as never[]);
    });

    test("does not see what an open transaction has done, and sees what has been committed before", async () => {
      await context.store.transaction(async (writing) => {
        await context.things.updateMany({}, { $set: { n: 2 } }, { session: writing });
        expect(await found({ session })).toEqual([1, 1]);
      });
      expect(await found({ session })).toEqual([1, 1]);
      const later = context.store.connection.getClient().startSession({ snapshot: true });
      expect(await found({ session: later })).toEqual([2, 2]);
      await later.endSession();
    });

    test("only reads, and only states that exist", async () => {
      const write = await failure(context.things.insertOne({ _id: "x" }, { session }));
      expect(write.code).toBe(72);
      const read = (readConcern: object) => context.store.connection.db!.command({ find: "things", readConcern });
      const times = [
        [{ level: "snapshot", atClusterTime: new mongo.Timestamp({ t: 0, i: 0 }) }, 72],
        [{ level: "majority", atClusterTime: new mongo.Timestamp({ t: 1, i: 1 }) }, 72],
        [{ level: "snapshot", atClusterTime: 7 }, 14],
        [{ level: "snapshot", atClusterTime: new mongo.Timestamp({ t: 1, i: 1 }) }, 246],
      ] as const;
      for (const [concern, code] of times)
        expect({ concern, code: (await failure(read(concern))).code }).toEqual({ concern, code });
    });
  });
}
