/** One past answer, played again: the new answer beside the old one, with checks that need no model and, where wanted, a judge. */
import type { TurnRun } from "../../ai/assistant";
import type { Judge } from "../../ai/judge";
import { describeError } from "../../core/errors";
import type { RunForReplay } from "../ai-runs/ai-run.service";
import type { AiReplay, AiReplayItem, ReplaySums, Side } from "./ai-replay.model";
import { checkAnswer, isSameAnswer } from "./answer-checks";
import type { DryTask, DryTurn, KeptInput } from "./dry-turn";
import type { Used } from "./replay-till";

const MOST_KNOWN = 40;

export interface Replayed extends Used {
  found: Partial<AiReplayItem>;
}

/** The provider failed, or somebody stopped it: what was used until then. */
export class ReplayFailure extends Error implements Used {
  constructor(
    cause: unknown,
    readonly turnRun: TurnRun | null,
    readonly judgeRun: TurnRun | null,
  ) {
    super(describeError(cause), { cause });
    this.name = "ReplayFailure";
  }
}

export interface ReplayOneDeps {
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

/** The past turn with what is changed about it. */
export function taskOf(replay: AiReplay, item: AiReplayItem, run: RunForReplay): DryTask {
  const { model, knowledge } = replay.change;
  const input = run.input as KeptInput;
  return { input, conversation: item.conversation, prompt: replay.text, model, searchKnowledge: knowledge };
}

/** Plays one answer again. Throws ReplayFailure. */
export async function replayOne(
  replay: AiReplay,
  item: AiReplayItem,
  run: RunForReplay,
  { turn, judge }: ReplayOneDeps,
  signal: AbortSignal,
): Promise<Replayed> {
  const task = taskOf(replay, item, run);
  const { input } = task;
  const made = await turn(task, signal).catch((error: unknown) => {
    throw new ReplayFailure(error, runIn(error), null);
  });
  const before = sideBefore(run, input);
  const { known, tools: _, citations, run: turnRun, ...rest } = made;
  const after: Side = { ...rest, checks: checkAnswer({ ...made, known, citations, ...asked(input) }) };
  // What customers read at a hand-off without words of the model is the company's holding message.
  const isHeld = after.outcome === "hand-off" && after.answer === null;
  const isSame = before.outcome === after.outcome && (isHeld || isSameAnswer(before.answer, after.answer));
  const found: Partial<AiReplayItem> = { state: "done", before, after, isSame, judged: null, error: null };
  if (!replay.judge || isSame || !judge) return { found, turnRun, judgeRun: null };
  try {
    const {
      run: judgeRun,
      better,
      ...scores
    } = await judge(
      {
        customer: asked(input).incoming,
        known: known.slice(0, MOST_KNOWN),
        before: before.answer ?? `(${before.outcome})`,
        after: after.answer ?? `(${after.outcome})`,
      },
      signal,
    );
    const judged = { better, ...scores, model: judgeRun.model, provider: judgeRun.provider };
    return { found: { ...found, judged }, turnRun, judgeRun };
  } catch (error) {
    // AiError of the judge: the answer itself is there all the same.
    if (signal.aborted || !runIn(error)) throw new ReplayFailure(error, turnRun, runIn(error));
    const why = `The judge failed: ${describeError(error)}`.slice(0, 300);
    return { found: { ...found, error: why }, turnRun, judgeRun: runIn(error) };
  }
}

/** The text the judge will read, without the new answer. */
export const judgedText = ({ incoming, passages = [], history }: KeptInput, { answer }: RunForReplay): string =>
  JSON.stringify([incoming, passages, history, answer]);

/** AiError knows it; nothing else does. */
const runIn = (error: unknown): TurnRun | null => (error as { run?: TurnRun }).run ?? null;

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
