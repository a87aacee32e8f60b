/**
 * The assistant: answers a batch of customer messages as one turn, and folds old messages into a summary.
 * Knows nothing of contacts, conversations or the database; sends nothing to anybody.
 */
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import { AiError } from "./ai-error";
import type { AiPort } from "./ai-port";
import { COMPACTION, type CompactionLimits, type HistoryEntry, planCompaction, summaryRequest } from "./context";
import { startDeadline } from "./deadline";
import { callModel } from "./model-call";
import type { Moderate } from "./moderation";
import type { Citation, PassageBook } from "./passages";
import type { PriceRow } from "./price-table";
import type { Business, ContactFacts, IncomingMessage } from "./prompt";
import type { Tool } from "./tools";
import { runTurn, type TurnDeps } from "./turn";
import type { GuardRules } from "./turn-gate";
import { RunRecorder, type TurnRun } from "./turn-run";

export type { TurnRun } from "./turn-run";

export interface AssistantLimits {
  /** Requests to the provider in one turn, retries included. */
  modelCalls: number;
  toolCalls: number;
  /** How often the very same tool call is carried out. */
  identicalCalls: number;
  callMs: number;
  turnMs: number;
  toolMs: number;
  /** Of one call, reasoning included. */
  maxOutputTokens: number;
  /** Wait before the one retry when the provider does not say how long. */
  retryWaitMs: number;
  /** A provider that wants a longer wait than this has failed for this turn. */
  longestWaitMs: number;
  compaction: CompactionLimits;
}

export const ASSISTANT_LIMITS: Readonly<AssistantLimits> = {
  modelCalls: 6,
  toolCalls: 12,
  identicalCalls: 3,
  callMs: 25_000,
  turnMs: 45_000,
  toolMs: 8_000,
  maxOutputTokens: 800,
  retryWaitMs: 700,
  longestWaitMs: 8_000,
  compaction: COMPACTION,
};

export interface TurnInput {
  turnId: string;
  business: Business;
  contact: ContactFacts;
  /** Values of what the persona names in double braces. */
  variables?: Readonly<Record<string, string>>;
  /** Which published text the persona is, as `id:number`; absent for the text of the settings. */
  promptVersion?: string;
  /** An answer to this very question that was given before, from the same text and knowledge, and what it had cost then. */
  cached?: { text: string; citations: Citation[]; savedMicros?: number | null };
  /** Tool calls the customer has just confirmed or declined with a button, as they came out. */
  confirmed?: readonly { tool: string; args: unknown; confirmed: boolean; result: unknown }[];
  /** What was said before the history. */
  summary?: string;
  /** Since the summary, oldest first, without the batch. */
  history: readonly HistoryEntry[];
  /** The batch, oldest first: answered as one reply. */
  incoming: readonly IncomingMessage[];
  tools?: readonly Tool[];
  /** Names of teams a hand-off may be for. */
  teams?: readonly string[];
  /** Replaces the model of the connection. */
  model?: string;
  /** Asked when the model is gone or does not answer. */
  fallbackModel?: string;
  /** Replaces limits of the assistant for this turn. */
  limits?: Partial<Pick<AssistantLimits, "modelCalls" | "toolCalls" | "turnMs" | "maxOutputTokens">>;
  /** What is decided without the model, and what only knowledge may answer. Nothing is when left out. */
  rules?: GuardRules;
  /** Passages of knowledge: those found beforehand and those a tool of this turn finds. */
  book?: PassageBook;
  /** How many passages of the book are shown with the batch; the first ones. */
  passages?: number;
  /** There is knowledge to search: an answer to a question without a source is an unanswered question. */
  hasKnowledge?: boolean;
  /** Takes personal data out of what goes to the provider; replaces the assistant's own. */
  redact?: (text: string) => string;
  /** Asks the provider's check for harmful content first, where there is one. */
  moderated?: boolean;
  /** A tool has left something outside: from now on this turn has to be finished. */
  onCommitted?: () => void;
  /** The id of the assistant's version: shared by all of its conversations. */
  cacheKey: string;
  /** An HMAC of the contact's id. */
  safetyId: string;
  /** Milliseconds since 1970. */
  now: number;
}

export type TurnResult =
  /** `isUngrounded`: a question was answered without a source although there is knowledge. `isCached`: no model was asked. */
  | {
      kind: "reply";
      text: string;
      citations: Citation[];
      isUngrounded: boolean;
      isCached?: boolean;
      savedMicros?: number | null;
      run: TurnRun;
    }
  /**
   * `reason` is one of HAND_OFF_REASONS or of our own (`angry`, `repeated-failure`, `low-confidence`, `tool-loop` ...); `text`, when given,
   * is for the customer; when `isQuiet` nothing is said to them.
   */
  | { kind: "hand-off"; reason: string; summary: string; team?: string; text?: string; isQuiet?: boolean; run: TurnRun }
  | { kind: "silent"; reason: string; run: TurnRun }
  | { kind: "close"; resolution: string; text?: string; run: TurnRun };

export interface SummaryTask {
  summary?: string;
  /** Since the last summary, oldest first. */
  history: readonly HistoryEntry[];
  safetyId?: string;
  now: number;
}

export interface SummaryResult {
  summary: string;
  /** How many of the oldest history entries are now in the summary. */
  folded: number;
  run: TurnRun;
}

export interface Assistant {
  readonly provider: string;
  readonly model: string;
  /**
   * Answers one batch. The text of a reply is in WhatsApp's formatting and may be longer than one message.
   * Aborting closes the connection to the provider. Throws AiError (with `run`) after one retry.
   */
  reply(input: TurnInput, signal: AbortSignal): Promise<TurnResult>;
  /** Folds the older messages into the summary; ask `needsCompaction` whether it is time. Throws AiError. */
  summarise(task: SummaryTask, signal: AbortSignal): Promise<SummaryResult>;
}

export interface AssistantDeps {
  port: AiPort;
  clock: Clock;
  log: Log;
  limits?: Partial<AssistantLimits>;
  /** Takes personal data out of every text before it leaves for the provider. Default: nothing is changed. */
  redact?: (text: string) => string;
  /** What models cost; the built-in table when left out. */
  prices?: () => readonly PriceRow[];
  moderate?: Moderate;
}

/** An assistant on one connection. */
export function createAssistant({
  port,
  clock,
  log,
  limits: changed,
  redact = unchanged,
  prices,
  moderate,
}: AssistantDeps): Assistant {
  const limits: AssistantLimits = { ...ASSISTANT_LIMITS, ...changed };
  const deps = { port, clock, log, limits, redact, prices, moderate };
  return {
    provider: port.provider,
    model: port.model,
    reply: (input, signal) => runTurn(input, signal, deps),
    summarise: (task, signal) => summarise(task, signal, deps),
  };
}

const unchanged = (text: string): string => text;

async function summarise(
  { summary, history, safetyId, now }: SummaryTask,
  signal: AbortSignal,
  { port, clock, log, limits, redact, prices }: TurnDeps,
): Promise<SummaryResult> {
  const { fold } = planCompaction(history, now, limits.compaction);
  const run = new RunRecorder(clock, port, prices);
  if (fold.length === 0) return { summary: summary ?? "", folded: 0, run: run.read() };
  const request = summaryRequest({
    ...(summary !== undefined && { summary: redact(summary) }),
    entries: fold.map((entry) => ({ ...entry, text: redact(entry.text) })),
    timeoutMs: limits.callMs,
    ...(safetyId !== undefined && { safetyId }),
  });
  const deadline = startDeadline(clock, limits.turnMs, signal);
  try {
    const answer = await callModel(request, deadline.signal, {
      port,
      clock,
      log,
      run,
      maxCalls: 2,
      retryWaitMs: limits.retryWaitMs,
      longestWaitMs: limits.longestWaitMs,
    });
    // A refusal or a filtered answer must not replace what is known.
    if (answer.text === "" || answer.finish === "content-filter")
      throw new AiError("invalid-output", { detail: "No summary came." });
    return { summary: answer.text, folded: fold.length, run: run.read() };
  } catch (error) {
    // Awaited: AiError. The task's own time limit shows inside as an abort.
    if (!(error instanceof AiError)) throw error;
    const failed = error.kind === "aborted" && deadline.expired ? new AiError("timeout", { cause: error }) : error;
    failed.run = run.read();
    throw failed;
  } finally {
    deadline.done();
  }
}
