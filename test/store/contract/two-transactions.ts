/** Contract: transactions that are open at the same time. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { mongo } from "mongoose";
import { type ContractContext, failure } from "./context";

export function twoTransactionsContract(context: ContractContext): void {
  describe("two transactions at once", () => {
    let one: mongo.ClientSession;
    let two: mongo.ClientSession;

    beforeEach(async () => {
      [one, two] = [await context.store.connection.startSession(), await context.store.connection.startSession()];
      await context.things.insertMany([
        { _id: "a", n: 1 },
        { _id: "b", n: 1 },
        { _id: "c", n: 1 },
      ] as never[]);
      for (const session of [one, two])
        session.startTransaction({ readConcern: { level: "snapshot" }, writeConcern: { w: "majority" } });
    });

    afterEach(async () => {
      for (const session of [one, two]) {
        if (session.inTransaction()) await session.abortTransaction();
        await session.endSession();
      }
    });

    const set = (id: string, n: number, session?: mongo.ClientSession) =>
      context.things.updateOne({ _id: id }, { $set: { n } }, session ? { session } : {});
    const read = async (session?: mongo.ClientSession) =>
      (await context.things.find({}, { sort: { _id: 1 }, ...(session ? { session } : {}) }).toArray())
        .map(({ _id, n }) => `${_id}${n}`)
        .join(" ");
    const isTransient = (error: object) =>
      (error as unknown as mongo.MongoServerError).hasErrorLabel("TransientTransactionError");

    test("both read what was there when they began, whatever the other and outsiders write", async () => {
      expect(await read(one)).toBe("a1 b1 c1");
      expect(await read(two)).toBe("a1 b1 c1");
      await set("a", 2, one);
      await set("b", 3);
      expect(await read(two)).toBe("a1 b1 c1");
      expect(await read(one)).toBe("a2 b1 c1");
      expect(await read()).toBe("a1 b3 c1");
      await one.commitTransaction();
      expect(await read(two)).toBe("a1 b1 c1");
      expect(await context.things.countDocuments({ n: 1 }, { session: two })).toBe(3);
      await two.commitTransaction();
      expect(await read()).toBe("a2 b3 c1");
    });

    test("writes of different documents both commit", async () => {
      await set("a", 2, one);
      await set("b", 2, two);
      await context.things.insertOne({ _id: "d", n: 4 } as never, { session: one });
      await context.things.deleteOne({ _id: "c" }, { session: two });
      expect(await read(one)).toBe("a2 b1 c1 d4");
      expect(await read(two)).toBe("a1 b2");
      await two.commitTransaction();
      expect(await read(one)).toBe("a2 b1 c1 d4");
      await one.commitTransaction();
      expect(await read()).toBe("a2 b2 d4");
    });

    test("the second writer of a document fails at once, and the first goes on", async () => {
      await set("a", 2, one);
      await read(two);
      const error = await failure(set("a", 3, two));
      expect([error.code, error.codeName, isTransient(error)]).toEqual([112, "WriteConflict", true]);
      await two.abortTransaction();
      await set("a", 4, one);
      await one.commitTransaction();
      expect(await read()).toBe("a4 b1 c1");
    });

    test("a document that was changed after the transaction began cannot be changed in it", async () => {
      await read(one);
      await read(two);
      await set("a", 2);
      const error = await failure(set("a", 3, one));
      expect([error.code, isTransient(error)]).toEqual([112, true]);
      await one.abortTransaction();
      expect(await read(two)).toBe("a1 b1 c1");
      expect(await read()).toBe("a2 b1 c1");
    });

    test("a write outside waits for the transaction that has the document", async () => {
      await set("a", 2, one);
      await read(two);
      const done: string[] = [];
      const outside = context.things.updateOne({ _id: "a" }, { $inc: { n: 10 } }).then(() => done.push("outside"));
      await Bun.sleep(100);
      expect(done).toEqual([]);
      await one.commitTransaction();
      await outside;
      expect(await read()).toBe("a12 b1 c1");
      expect(await read(two)).toBe("a1 b1 c1");
    });

    test("repeating a transaction that has lost brings both home", async () => {
      for (const session of [one, two]) await session.abortTransaction();
      const transfer = (from: string, to: string) =>
        context.store.transaction(async (session) => {
          const sum = async (id: string) => (await context.things.findOne({ _id: id }, { session }))!.n as number;
          const [left, right] = [await sum(from), await sum(to)];
          await Bun.sleep(40);
          await set(from, left - 1, session);
          await set(to, right + 1, session);
        });
      await Promise.all([transfer("a", "b"), transfer("b", "c"), transfer("c", "a"), transfer("a", "c")]);
      expect(await read()).toBe("a0 b1 c2");
    });
  });
}
