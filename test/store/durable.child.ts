/** Run under strace: writes one document after the other and acknowledges each on standard output. */
import { writeSync } from "node:fs";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { openStore } from "../../src/store/connect";

const store = await openStore({ dataDir: process.argv[2]!, log: silentLog, clock: systemClock });
const things = store.connection.db!.collection<{ _id: number }>("things");
for (let i = 0; i < 10; i++) {
  await things.insertOne({ _id: i });
  writeSync(1, `ack ${i}\n`);
}
await store.close();
