/** `replay`: past answers of the assistant, played again with a draft prompt, another model or the knowledge of now. Sends nothing. */
import { loadConfig } from "../config/env";
import { AppError, fail } from "../core/errors";
import type { ReplayView } from "../features/ai-replays/ai-replay.schema";
import type { ReplayLine } from "../http/control-replay";
import { type Command, readArguments } from "./command";
import { callControl, linesOf } from "./control-client";

const HELP = `Plays past answers of the assistant again. Nothing is sent to anybody.

  replay --last 500 --prompt draft
  replay --last 100 --prompt "Ventas:3" --model gpt-6.1-terra --judge

  --last N         so many answers, the newest (100)
  --prompt WHICH   draft, or the name of a prompt, with :draft or :number behind it
  --model NAME     another model
  --knowledge      search the knowledge as it is now
  --judge          a model compares answers that differ
  --budget USD     most it may spend (1.00); then it pauses
`;

export const replay: Command = {
  summary: "play past answers again with another prompt or model",
  async run(args) {
    const { values } = readArguments({
      args,
      options: {
        last: { type: "string", default: "100" },
        prompt: { type: "string" },
        model: { type: "string" },
        knowledge: { type: "boolean", default: false },
        judge: { type: "boolean", default: false },
        budget: { type: "string", default: "1.00" },
        help: { type: "boolean" },
      },
    });
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    const response = await callControl(loadConfig().dataDir, "/replay", {
      last: numberOf("--last", values.last, 1),
      ...(values.prompt !== undefined && { prompt: values.prompt }),
      ...(values.model !== undefined && { model: values.model }),
      knowledge: values.knowledge,
      judge: values.judge,
      maxMicros: numberOf("--budget", values.budget, 1_000_000),
    });
    for await (const line of linesOf<ReplayLine>(response)) {
      if ("progress" in line) process.stderr.write(`${line.progress.done} of ${line.progress.total}\n`);
      if ("failed" in line) throw new AppError("internal", { message: line.failed.error });
      if ("finished" in line) {
        console.log(summaryOf(line.finished));
        return line.finished.state === "done" ? 0 : 1;
      }
    }
    throw fail("control.not-running", { message: "The server ended. The replay goes on with its next start." });
  },
};

function numberOf(option: string, text: string, factor: number): number {
  const number = Math.round(Number(text) * factor);
  if (!(number >= 1)) throw fail("request.invalid", { message: `${option} needs a number above 0, not "${text}".` });
  return number;
}

const dollars = (micros: number): string => `$${(micros / 1_000_000).toFixed(6)}`;

function summaryOf({ id, state, reason, done, total, sums, models, isEvidence, spentMicros }: ReplayView): string {
  const judged =
    sums.judged === 0
      ? []
      : [
          `judged         ${sums.judged}: ${sums.better} better, ${sums.worse} worse; mean score ${(sums.scoreBefore / sums.judged).toFixed(2)} before, ${(sums.scoreAfter / sums.judged).toFixed(2)} after`,
        ];
  return [
    `replay         ${id}: ${state}${reason ? ` (${reason})` : ""}, ${done} of ${total}`,
    `models         ${models.join(", ") || "none"}`,
    `same answer    ${sums.same}; failed ${sums.failed}`,
    `hand-offs      ${sums.handOffsBefore} before, ${sums.handOffsAfter} after`,
    `failed checks  ${sums.checksFailedBefore} before, ${sums.checksFailedAfter} after`,
    `cost           ${dollars(sums.costBefore)} before, ${dollars(sums.costAfter)} after${sums.unpriced > 0 ? `; ${sums.unpriced} without a price` : ""}`,
    ...judged,
    `spent          ${dollars(spentMicros)}`,
    ...(isEvidence ? [] : ["The sandbox answered: these figures are no evidence of quality."]),
  ].join("\n");
}
