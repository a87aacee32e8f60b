/** What a turn leaves in words and figures: for the next turn, for the message, and for the book of runs. Pure. */
import type { AiError } from "../ai/ai-error";
import type { TurnInput, TurnResult, TurnRun } from "../ai/assistant";
import type { HistoryEntry } from "../ai/context";
import type { AiRun } from "../features/messages/message.model";
import type { Turn } from "./turn.model";

/** What the next turn will read of this one and those before it. */
export const saidSoFar = ({ history, incoming }: TurnInput, reply: string | undefined, at: number): HistoryEntry[] => [
  ...history,
  ...incoming.map(({ text, at: writtenAt }) => ({ role: "user" as const, text, at: writtenAt })),
  ...(reply ? [{ role: "assistant" as const, text: reply, at }] : []),
];

/** `hasSpoken`: a tool has said something to the customer. */
export const outcomeOf = (result: TurnResult, hasSpoken = false) => ({
  outcome: result.kind === "silent" && hasSpoken ? "reply" : result.kind,
  reason: "reason" in result ? result.reason : result.kind === "reply" && result.isCached ? "answer-cache" : null,
  run: result.run,
  ...(result.kind === "reply" && {
    citations: result.citations,
    isUngrounded: result.isUngrounded,
    ...(result.isCached && { savedMicros: result.savedMicros ?? null }),
  }),
});

/** The line that agents read in the thread. */
export const handedOver = ({ reason, summary }: { reason: string; summary: string }): string =>
  `Assistant handed over: ${reason}${summary ? ` · ${summary}` : ""}`;

/** What was asked of a provider may have been billed, whatever came of it. */
export const failureOf = (error: AiError, run: TurnRun) => ({
  outcome: error.kind === "aborted" ? "aborted" : "failed",
  reason: error.kind,
  run,
});

/** `id`: its row in the book of runs. */
export const runOf = (id: string, turn: Turn, result: TurnResult, fragments: number): AiRun => ({
  id,
  sources: result.kind === "reply" ? new Set(result.citations.flatMap(({ chunks }) => chunks)).size : 0,
  turn: turn._id,
  provider: result.run.provider,
  model: result.run.model,
  ms: Math.round(result.run.ms),
  fragments,
  inputTokens: result.run.usage.input,
  cachedTokens: result.run.usage.cached,
  outputTokens: result.run.usage.output,
  costMicros: result.run.costMicros,
});

/** Hand-offs because nothing was known. */
const NOT_KNOWN = new Set(["low-confidence", "cannot-answer"]);

/** The question that the knowledge did not answer, or null. */
export function unansweredIn(input: TurnInput, result: TurnResult): string | null {
  if (!input.hasKnowledge) return null;
  const isGap = result.kind === "reply" ? result.isUngrounded : result.kind === "hand-off" && NOT_KNOWN.has(result.reason);
  return isGap ? input.incoming.map(({ text }) => text).join(" ") : null;
}
