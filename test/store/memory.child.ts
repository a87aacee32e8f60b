/** `fill` makes a store of messages; `report` runs aggregations over all of them and prints the highest resident memory. */
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { openStore } from "../../src/store/connect";
import { peakResidentBytes } from "../../src/tools/bench/process-cost";
import { benchMessageModel, messageAt } from "../../src/tools/bench/store-message.model";

const BATCH = 1_000;

async function main(): Promise<void> {
  const [act, dataDir, count] = process.argv.slice(2);
  const rows = Number(count);
  const store = await openStore({ dataDir: dataDir!, log: silentLog, clock: systemClock });
  const messages = benchMessageModel(store.connection);
  if (act === "fill") {
    await messages.createIndexes();
    for (let from = 0; from < rows; from += BATCH)
      await messages.collection.insertMany(Array.from({ length: BATCH }, (_, i) => messageAt(from + i, rows)) as never[]);
  } else {
    const states = await messages.aggregate<{ _id: string; n: number }>([
      { $group: { _id: "$status.state", n: { $sum: 1 }, last: { $max: "$seq" }, mean: { $avg: "$seq" } } },
    ]);
    const [busy] = await messages.aggregate<{ n: number }>([
      { $unwind: "$tags" },
      { $group: { _id: "$conversation", n: { $sum: 1 }, last: { $max: "$at" } } },
      { $match: { n: { $gte: 100 } } },
      { $count: "n" },
    ]);
    const latest = await messages.aggregate<{ seq: number }>([{ $sort: { seq: -1 } }, { $limit: 3 }, { $project: { seq: 1 } }]);
    const [facets] = await messages.aggregate<{ long: { n: number }[] }>([
      { $match: { direction: "out" } },
      { $set: { length: { $strLenCP: "$body" } } },
      { $bucket: { groupBy: "$length", boundaries: [0, 100, 1_000], output: { n: { $sum: 1 } } } },
      { $facet: { long: [{ $match: { _id: 100 } }] } },
    ]);
    console.log(
      JSON.stringify({
        total: states.reduce((sum, { n }) => sum + n, 0),
        conversations: busy?.n,
        latest: latest.map(({ seq }) => seq),
        out: facets?.long[0]?.n,
        peakBytes: peakResidentBytes(process.pid),
      }),
    );
  }
  await store.close();
  process.exit(0);
}

void main();
