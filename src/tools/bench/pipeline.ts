/**
 * `npm run bench -- pipeline`: customers write at fixed rates and everything happens that happens in earnest: store, batch,
 * assistant, send, three statuses of every reply. Afterwards the phones and the store are read, message by message.
 */
import { assertVerdicts, openStage, type PhaseResult, phaseLine } from "./pipeline-stage";
import { sampleMemory } from "./process-cost";
import { profileDirectory, writeProfileTables } from "./profile";
import { type Column, toTable, writeJson } from "./report";
import type { Suite } from "./suite";

const RATES = [100, 300, 500, 1_000];
/** More than this is only noise: warming up is not the measurement. */
const WARM_UP_RATE = 600;

const COLUMNS: readonly Column<PhaseResult>[] = [
  { title: "messages/s", of: ({ rate }) => rate },
  { title: "sustained/s", of: ({ sustained }) => sustained },
  { title: "drain s", of: ({ drained }) => drained.replies, digits: 1 },
  { title: "answer p50", of: ({ answer }) => answer.p50, digits: 1 },
  { title: "p99 ms", of: ({ answer }) => answer.p99, digits: 1 },
  { title: "reply overhead p50", of: ({ overhead }) => overhead.p50 },
  { title: "p99 ms", of: ({ overhead }) => overhead.p99 },
  { title: "CPU us/msg server", of: ({ cpuMicroseconds: cpu }) => cpu.server },
  { title: "world", of: ({ cpuMicroseconds: cpu }) => cpu.world },
  { title: "RSS MB", of: ({ residentMegabytes }) => residentMegabytes },
  { title: "said", of: ({ verdict }) => verdict.said },
  { title: "replies", of: ({ verdict }) => verdict.replies },
  { title: "lost", of: ({ verdict }) => verdict.lost },
  { title: "twice", of: ({ verdict }) => verdict.twice },
  { title: "misrouted", of: ({ verdict }) => verdict.misrouted },
  { title: "out of order", of: ({ verdict }) => verdict.outOfOrder },
  { title: "not 200", of: ({ refused }) => refused },
];

export const pipeline: Suite = {
  summary: "messages through store, batch, assistant, send and three statuses, at fixed rates",
  flags: { seconds: 30, warmup: 20, "batch-wait": 2_000, model: 400, gap: 10, "max-rate": 1_000 },
  quick: { seconds: 2, warmup: 1, "batch-wait": 200, model: 20, gap: 1, "max-rate": 20 },

  async run({ flags, binary, profile, out, tell }) {
    const {
      seconds = 0,
      warmup = 0,
      gap = 0,
      model: modelMs = 0,
      "batch-wait": batchWaitMs = 0,
      "max-rate": maxRate = 0,
    } = flags;
    const rates = RATES.filter((rate) => rate < maxRate);
    rates.push(maxRate);
    const setup = { seconds, batchWaitMs, modelMs, gap, maxRate, binary };
    const stage = await openStage({ ...setup, profile: profile ? profileDirectory(out) : undefined });
    try {
      const memory = sampleMemory(stage.pid);
      const results: PhaseResult[] = [];
      const play = async (name: string, rate: number, lasts: number) => {
        const result = await stage.play(name, rate, lasts);
        tell(phaseLine(result));
        return result;
      };
      // The code gets warm, and the server learns how fast each number may send.
      const warm = await play("warm-up", Math.min(maxRate, WARM_UP_RATE), warmup);
      for (const rate of rates) results.push(await play(`${rate}/s`, rate, seconds));
      memory.stop();
      const numbers = stage.numbers.length;
      tell(`\n${toTable(COLUMNS, results)}\n`);
      tell(
        `${seconds} s each, ${numbers} business number(s), a customer speaks every ${gap} s, two of five messages belong together.\n` +
          `Not counted as overhead: batch wait ${batchWaitMs} ms, model ${modelMs} ms. The Graph API, the model and the customers ` +
          "are in another process (world).",
      );
      tell(`All figures: ${await writeJson(out, "pipeline", { setup: { ...setup, numbers }, results, memory: memory.samples })}`);
      assertVerdicts([warm, ...results]);
      await stage.finish();
      tell("Phones and store were read message by message: none lost, twice, misrouted or out of order.");
    } finally {
      await stage.close();
    }
    if (profile) tell(`Where the time went: ${await writeProfileTables(profileDirectory(out))}`);
  },
};
