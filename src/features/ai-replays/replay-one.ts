/** One past answer, played again: the new answer beside the old one, with checks that need no model and, where wanted, a judge. */
import type { Judge } from "../../ai/judge";
import type { AiRunService, RunForReplay } from "../ai-runs/ai-run.service";
import type { AiReplay, AiReplayItem, ReplaySums, Side } from "./ai-replay.model";
import { checkAnswer, isSameAnswer } from "./answer-checks";
import type { DryTurn, KeptInput } from "./dry-turn";

export type Replayed = Partial<AiReplayItem> & { cost: number; judgeCost: number };

export interface ReplayOneDeps {
  runs: Pick<AiRunService, "forReplay">;
  turn: DryTurn;
  judge: Judge | null;
}

/** What was answered then, with what can be said about it without a model. */
function sideBefore(run: RunForReplay, input: KeptInput): Side {
  const known = [
    input.business.persona ?? "",
    input.summary ?? "",
    ...input.history.map(({ text }) => text),
    ...(input.passages ?? []).map(({ text }) => text),
    ...run.toolResults,
  ];
  const facts = { outcome: run.outcome, answer: run.answer, known, citations: run.citations, ...asked(input) };
  const { outcome, reason, answer, model, provider, costMicros } = run;
  return { outcome, reason, answer, model, provider, costMicros, checks: checkAnswer(facts) };
}

const asked = (input: KeptInput) => ({
  incoming: input.incoming.map(({ text }) => text),
  hasKnowledge: input.hasKnowledge === true,
});

export async function replayOne(
  replay: AiReplay,
  item: AiReplayItem,
  { runs, turn, judge }: ReplayOneDeps,
  signal: AbortSignal,
): Promise<Replayed> {
  const run = await runs.forReplay(item.run);
  // Its words have gone by age, or with the person.
  if (!run) return { state: "failed", error: "The words of this run are gone.", cost: 0, judgeCost: 0 };
  const input = run.input as KeptInput;
  const { model, knowledge } = replay.change;
  const task = { input, conversation: item.conversation, prompt: replay.text, model, searchKnowledge: knowledge };
  const made = await turn(task, signal);
  const before = sideBefore(run, input);
  const { known, tools: _, citations, ...rest } = made;
  const after: Side = { ...rest, checks: checkAnswer({ ...made, known, citations, ...asked(input) }) };
  // What customers read at a hand-off without words of the model is the company's holding message.
  const isHeld = after.outcome === "hand-off" && after.answer === null;
  const isSame = before.outcome === after.outcome && (isHeld || isSameAnswer(before.answer, after.answer));
  const compare = replay.judge && !isSame ? judge : null;
  const verdict = compare
    ? await compare(
        {
          customer: asked(input).incoming,
          known: known.slice(0, 40),
          before: before.answer ?? `(${before.outcome})`,
          after: after.answer ?? `(${after.outcome})`,
        },
        signal,
      )
    : null;
  return {
    state: "done",
    before,
    after,
    isSame,
    judged: verdict && {
      better: verdict.better,
      before: verdict.before,
      after: verdict.after,
      reason: verdict.reason,
      model: verdict.model,
      provider: verdict.provider,
    },
    error: null,
    cost: made.costMicros ?? 0,
    judgeCost: verdict?.costMicros ?? 0,
  };
}

/** What one adds to the figures. */
export function sumsOf({ state, before, after, isSame, judged }: Partial<AiReplayItem>, judgeCost: number): ReplaySums {
  const failedChecks = (side: Side | null | undefined) => Number(side?.checks.some(({ ok }) => !ok) ?? false);
  const isPriced = before?.costMicros != null && after?.costMicros != null;
  return {
    same: Number(isSame ?? false),
    failed: Number(state === "failed"),
    handOffsBefore: Number(before?.outcome === "hand-off"),
    handOffsAfter: Number(after?.outcome === "hand-off"),
    costBefore: isPriced ? (before?.costMicros ?? 0) : 0,
    costAfter: isPriced ? (after?.costMicros ?? 0) : 0,
    judgeCost,
    unpriced: Number(state === "done" && !isPriced),
    checksFailedBefore: failedChecks(before),
    checksFailedAfter: failedChecks(after),
    judged: Number(Boolean(judged)),
    better: Number(judged?.better === "after"),
    worse: Number(judged?.better === "before"),
    scoreBefore: judged?.before ?? 0,
    scoreAfter: judged?.after ?? 0,
  };
}
