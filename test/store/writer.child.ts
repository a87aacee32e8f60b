/** Run as a process of its own and killed: writes without pause and prints each write that was acknowledged. */

import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { openStore } from "../../src/store/connect";

const [dataDir = "", round = "0"] = process.argv.slice(2);
const store = await openStore({ dataDir, log: silentLog, clock: systemClock });
const things = store.connection.db!.collection<{ _id: string; n: number; tags: string[]; pair?: string; seen?: number }>(
  "things",
);
await things.createIndex({ n: 1, tags: 1 });
await things.createIndex({ pair: 1 }, { unique: true, sparse: true });
const say = (line: string) => process.stdout.write(`${line}\n`);
say("ready");

/** Inserts one by one. */
async function singles(lane: number): Promise<never> {
  for (let i = 0; ; i++) {
    const _id = `${round}-s${lane}-${i}`;
    await things.insertOne({ _id, n: i % 50, tags: [`t${i % 3}`, `u${i % 5}`] });
    say(`insert ${_id}`);
    if (i % 3 === 0) {
      await things.updateOne({ _id }, { $set: { n: -1, seen: i }, $push: { tags: "more" } });
      say(`update ${_id}`);
    }
    if (i % 7 === 0) {
      await things.deleteOne({ _id });
      say(`delete ${_id}`);
    }
  }
}

/** Batches that come whole or not at all. */
async function pairs(): Promise<never> {
  for (let i = 0; ; i++) {
    const [a, b] = [`${round}-a${i}`, `${round}-b${i}`];
    await store.transaction(async (session) => {
      await things.insertOne({ _id: a, n: 0, tags: [], pair: `${a}${b}` }, { session });
      await things.insertOne({ _id: b, n: 0, tags: [], pair: `${b}${a}` }, { session });
    });
    say(`pair ${a} ${b}`);
  }
}

await Promise.all([singles(1), singles(2), singles(3), pairs()]);
