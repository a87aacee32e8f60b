/** Contract: transactions. */
import { describe, expect, test } from "bun:test";
import { type ContractContext, failure } from "./context";

export function transactionsContract(context: ContractContext): void {
  const { ids, stored } = context;
  describe("transactions", () => {
    test("commit together", async () => {
      const result = await context.store.transaction(async (session) => {
        await context.things.insertOne({ _id: "a", n: 1 }, { session });
        await context.things.updateOne({ _id: "a" }, { $inc: { n: 1 } }, { session });
        return (await context.things.findOne({ _id: "a" }, { session }))!.n;
      });
      expect(result).toBe(2);
      expect(await stored()).toEqual({ n: 2 });
    });

    test("take everything back when the function throws", async () => {
      await context.things.insertOne({ _id: "a", n: 1 });
      const error = await failure(
        context.store.transaction(async (session) => {
          await context.things.updateOne({ _id: "a" }, { $set: { n: 9 } }, { session });
          await context.things.insertOne({ _id: "b" }, { session });
          throw new Error("no");
        }),
      );
      expect(error.message).toBe("no");
      expect(await context.things.find().toArray()).toEqual([{ _id: "a", n: 1 }]);
    });

    test("readers outside see the state before", async () => {
      await context.things.insertOne({ _id: "a", n: 1 });
      await context.store.transaction(async (session) => {
        await context.things.updateOne({ _id: "a" }, { $set: { n: 2 } }, { session });
        await context.things.insertOne({ _id: "b" }, { session });
        expect(await stored()).toEqual({ n: 1 });
        expect(await context.things.countDocuments({})).toBe(1);
        expect((await context.things.find({}, { session }).toArray()).length).toBe(2);
      });
      expect(await context.things.countDocuments({})).toBe(2);
    });

    test("many at once do not lose updates", async () => {
      await context.things.insertOne({ _id: "a", n: 0 });
      await Promise.all(
        Array.from({ length: 12 }, () =>
          context.store.transaction(async (session) => {
            const n = (await context.things.findOne({ _id: "a" }, { session }))!.n as number;
            await context.things.updateOne({ _id: "a" }, { $set: { n: n + 1 } }, { session });
          }),
        ),
      );
      expect(await stored()).toEqual({ n: 12 });
    });

    test("a failed command ends the transaction", async () => {
      await context.things.insertOne({ _id: "a" });
      const error = await failure(
        context.store.transaction(async (session) => {
          await context.things.insertOne({ _id: "b" }, { session });
          await context.things.insertOne({ _id: "a" }, { session });
        }),
      );
      expect(error.code).toBe(11000);
      expect(await ids({})).toEqual(["a"]);
    });

    test("a session whose transaction is gone gets the transient label", async () => {
      const session = await context.store.connection.startSession();
      session.startTransaction();
      await context.things.insertOne({ _id: "a" }, { session });
      await session.abortTransaction();
      expect(await ids({})).toEqual([]);
      await session.endSession();
    });
  });
}
