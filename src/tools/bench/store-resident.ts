/** Its own process for what a running program would see: how long opening takes, and how much memory reading and reports take. */
import assert from "node:assert/strict";
import { systemClock } from "../../core/clock";
import { silentLog } from "../../core/log";
import { openStore } from "../../store/connect";
import { peakResidentBytes, residentBytes } from "./process-cost";
import { benchMessageModel, conversationOf, PER_CONVERSATION, wamidOf } from "./store-message.model";
import { timed } from "./store-timing";

export interface Residence {
  openMilliseconds: number;
  openedBytes: number;
  /** After point reads and pages. */
  readBytes: number;
  /** The highest while the $group over everything ran. */
  peakBytes: number;
  groupMilliseconds: number;
  groupCpuMicroseconds: number;
  /** When the process has rested for a moment. */
  restBytes: number;
}

const READS = 20_000;
const PAGES = 1_000;
const REST_MS = 2_000;

async function main(): Promise<void> {
  const [dataDir, count] = process.argv.slice(2);
  const rows = Number(count);
  const startedAt = systemClock.monotonic();
  const store = await openStore({ dataDir: dataDir!, log: silentLog, clock: systemClock });
  await store.ping();
  const openMilliseconds = systemClock.monotonic() - startedAt;
  const openedBytes = residentBytes(process.pid);
  const messages = benchMessageModel(store.connection);
  for (let i = 0; i < READS; i++) assert(await messages.findOne({ wamid: wamidOf((i * 7919) % rows) }).lean());
  const conversations = Math.max(1, Math.floor(rows / PER_CONVERSATION));
  for (let i = 0; i < PAGES; i++)
    await messages
      .find({ conversation: conversationOf((i * 7919) % conversations) })
      .sort({ at: -1 })
      .limit(50)
      .lean();
  const readBytes = residentBytes(process.pid);
  let total = 0;
  const group = await timed(1, async () => {
    const found = await messages.aggregate<{ _id: string; n: number; last: number }>([
      { $group: { _id: "$status.state", n: { $sum: 1 }, last: { $max: "$seq" }, mean: { $avg: "$seq" } } },
    ]);
    for (const { n } of found) total += n;
  });
  assert(total >= rows);
  const peakBytes = peakResidentBytes(process.pid);
  await Bun.sleep(REST_MS);
  const residence: Residence = {
    openMilliseconds,
    openedBytes,
    readBytes,
    peakBytes,
    groupMilliseconds: group.wallMicroseconds / 1_000,
    groupCpuMicroseconds: group.cpuMicroseconds,
    restBytes: residentBytes(process.pid),
  };
  console.log(JSON.stringify(residence));
  await store.close();
  process.exit(0);
}

if (import.meta.main) void main();
