/** Retryable writes: a driver that lost the answer sends the same write again, which must not be done twice. */
import { expect, test } from "bun:test";
import { decode } from "../../src/store/embedded/bson/decode";
import { Bin, Doc } from "../../src/store/embedded/bson/value";
import { openTestStore, type TestStore } from "./embedded-store";

const session = Doc.of({ id: new Bin(4, crypto.getRandomValues(new Uint8Array(16))) });

async function increment({ engine }: TestStore, txnNumber: bigint): Promise<Doc> {
  const u = Doc.of({ $inc: Doc.of({ n: 1 }) });
  const body = Doc.of({ update: "things", updates: [Doc.of({ q: Doc.of({ _id: 1 }), u })], lsid: session, txnNumber });
  return decode(await engine.command({ database: "chasqui", body, payload: null }));
}

test("the same write sent again is answered as before and done once; an older one is refused", async () => {
  await using store = await openTestStore();
  const things = store.db.collection<{ _id: number; n: number }>("things");
  await things.insertOne({ _id: 1, n: 0 });
  const [first, again] = await Promise.all([increment(store, 5n), increment(store, 5n)]);
  const later = await increment(store, 5n);
  for (const reply of [first, again, later]) expect([reply.get("n"), reply.get("nModified")]).toEqual([1, 1]);
  expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1, n: 1 });
  await increment(store, 6n);
  expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1, n: 2 });
  expect((await increment(store, 5n)).get("codeName")).toBe("TransactionTooOld");
  expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1, n: 2 });
});
