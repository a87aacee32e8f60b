/** `npm run bench -- memory`: resident memory of an idle server, over time while the whole pipeline runs, and at rest afterwards. */
import { assertVerdicts, openStage, type PhaseResult } from "./pipeline-stage";
import { residentBytes, sampleMemory } from "./process-cost";
import { referenceTarget } from "./reference-target";
import { type Column, toTable, writeJson } from "./report";
import { pause } from "./server";
import type { Suite } from "./suite";

interface Row {
  what: string;
  megabytes: number;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "resident memory", of: ({ what }) => what },
  { title: "MB", of: ({ megabytes }) => megabytes },
];

/** Parts into which the load is cut: one figure each. */
const PARTS = 4;

export const memory: Suite = {
  summary: "memory when idle, over time under load, and at rest afterwards",
  flags: { seconds: 240, rate: 100, idle: 10, "batch-wait": 2_000, model: 400, gap: 10 },
  quick: { seconds: 4, rate: 10, idle: 1, "batch-wait": 200, model: 20, gap: 1 },

  async run({ flags, binary, out, tell }) {
    const { seconds = 0, rate = 0, idle = 0, gap = 0, model: modelMs = 0, "batch-wait": batchWaitMs = 0 } = flags;
    const rows: Row[] = [{ what: "Bun.serve + HMAC, idle", megabytes: await idleReference(idle) }];
    const stage = await openStage({ binary, modelMs, batchWaitMs, gap, maxRate: rate });
    try {
      const megabytes = () => residentBytes(stage.pid) / 1e6;
      await pause(idle * 1_000);
      rows.push({ what: `Chasqui (${binary ? "binary" : "source"}), idle`, megabytes: megabytes() });
      const sampling = sampleMemory(stage.pid);
      const results: PhaseResult[] = [];
      for (let part = 1; part <= PARTS; part++) {
        const name = `after ${Math.round((seconds * part) / PARTS)} s at ${rate}/s`;
        results.push(await stage.play(name, rate, Math.max(1, Math.round(seconds / PARTS))));
        rows.push({ what: name, megabytes: megabytes() });
      }
      rows.push({ what: "most in any second", megabytes: Math.max(...sampling.samples.map((one) => one.megabytes)) });
      await pause(idle * 1_000);
      rows.push({ what: `after ${idle} s of rest`, megabytes: megabytes() });
      sampling.stop();
      tell(toTable(COLUMNS, rows));
      const setup = { seconds, rate, batchWaitMs, modelMs, gap, binary };
      tell(`\nOne sample a second: ${await writeJson(out, "memory", { setup, rows, samples: sampling.samples, results })}`);
      assertVerdicts(results);
      await stage.finish();
      tell("Phones and store were read message by message: none lost, twice, misrouted or out of order.");
    } finally {
      await stage.close();
    }
  },
};

async function idleReference(idle: number): Promise<number> {
  const server = await referenceTarget("Bun.serve + HMAC", "hmac").start();
  await pause(idle * 1_000);
  const megabytes = residentBytes(server.pid) / 1e6;
  await server.finish(new Map());
  return megabytes;
}
