/**
 * The turn loop: call the model, carry out its tools, call again, until there is an answer or an end. Always ends: with a reply,
 * a hand-off, a chosen silence, a close, or an AiError; never with nothing.
 */
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import { putValues } from "../core/prompt-variables";
import { AiError } from "./ai-error";
import type { AiPort, GenerateRequest, GenerateResult, PortItem } from "./ai-port";
import type { AssistantLimits, TurnInput, TurnResult } from "./assistant";
import { selectHistory } from "./context";
import { startDeadline } from "./deadline";
import { callModel, type ModelCallDeps } from "./model-call";
import type { Moderate } from "./moderation";
import { leaksInstructions } from "./output-guard";
import { PassageBook, readCitations } from "./passages";
import type { PriceRow } from "./price-table";
import { COLLEAGUE_MARK, staticText, turnItems } from "./prompt";
import { ToolRunner } from "./tool-runner";
import { closeConversationTool, handOffToolFor, noReplyTool, type Tool, type TurnEnd, toolSpec } from "./tools";
import { asksSomething, decideBeforeModel } from "./turn-gate";
import { RunRecorder } from "./turn-run";
import { toWhatsAppText, trimToSentence } from "./whatsapp-text";

export interface TurnDeps {
  port: AiPort;
  clock: Clock;
  log: Log;
  limits: AssistantLimits;
  /** Applied to every text before it goes to the provider. */
  redact: (text: string) => string;
  prices?: (() => readonly PriceRow[]) | undefined;
  moderate?: Moderate | undefined;
}

/** History that is left when the model says that the whole is too long. */
const HISTORY_WHEN_TOO_LONG = 4;

type Outcome<R = TurnResult> = R extends TurnResult ? Omit<R, "run"> : never;

/** Runs one turn. Throws AiError, with what was used so far in `run`. */
export async function runTurn(input: TurnInput, signal: AbortSignal, given: TurnDeps): Promise<TurnResult> {
  const deps = { ...given, limits: { ...given.limits, ...input.limits } };
  const { clock, limits, port } = deps;
  const run = new RunRecorder(clock, input.model === undefined ? port : { ...named(port), model: input.model }, deps.prices);
  const log = deps.log.child({ turnId: input.turnId });
  const deadline = startDeadline(clock, limits.turnMs, signal);
  try {
    const outcome =
      (await gate(input, deadline.signal, deps)) ??
      answeredBefore(input) ??
      (await loop(input, deadline.signal, { ...deps, log, redact: input.redact ?? deps.redact }, run));
    const result = { ...outcome, run: run.read() };
    const { provider, model, wire, calls, usage, costMicros, ms } = result.run;
    log.info("turn finished", { outcome: result.kind, provider, model, wire, calls, usage, costMicros, ms });
    return result;
  } catch (error) {
    // Awaited: AiError. The turn's own time limit shows inside as an abort.
    if (!(error instanceof AiError)) throw error;
    const failed = error.kind === "aborted" && deadline.expired ? new AiError("timeout", { cause: error }) : error;
    failed.run = run.read();
    if (failed.kind === "aborted") log.debug("turn aborted", { calls: failed.run.calls });
    else log.warn("turn failed", { kind: failed.kind, status: failed.status, detail: failed.detail, calls: failed.run.calls });
    throw failed;
  } finally {
    deadline.done();
  }
}

const named = ({ provider, wire }: AiPort) => ({ provider, wire });

/** What is decided without the model. */
async function gate(input: TurnInput, signal: AbortSignal, { moderate }: TurnDeps): Promise<Outcome | null> {
  const { rules, history, incoming, now } = input;
  const verdict = rules && decideBeforeModel(history, incoming, now, rules);
  if (verdict) return { kind: "hand-off", reason: verdict.reason, summary: verdict.summary, isQuiet: verdict.isQuiet };
  if (!input.moderated || !moderate) return null;
  const flags = await moderate(incoming.map(({ text }) => text).join("\n"), signal);
  if (flags.length === 0) return null;
  return {
    kind: "hand-off",
    reason: "moderation",
    summary: `The provider's check found: ${flags.join(", ")}. The customer wrote: ${quoteOf(input)}`,
  };
}

function answeredBefore({ cached }: TurnInput): Outcome | null {
  return cached ? { kind: "reply", ...cached, isUngrounded: false, isCached: true } : null;
}

async function loop(input: TurnInput, signal: AbortSignal, deps: TurnDeps, run: RunRecorder): Promise<Outcome> {
  const { limits, redact } = deps;
  const tools = offeredTools(input);
  const book = input.book ?? new PassageBook();
  const runner = new ToolRunner({
    ...deps,
    tools,
    run,
    maxCalls: limits.toolCalls,
    maxIdentical: limits.identicalCalls,
    toolMs: limits.toolMs,
    onCommitted: input.onCommitted,
  });
  const callDeps: ModelCallDeps = {
    ...deps,
    run,
    maxCalls: limits.modelCalls,
    retryWaitMs: limits.retryWaitMs,
    longestWaitMs: limits.longestWaitMs,
  };
  const base: Omit<GenerateRequest, "items" | "toolChoice"> = {
    system: staticText(input.business),
    tools: tools.map(toolSpec),
    maxOutputTokens: limits.maxOutputTokens,
    timeoutMs: limits.callMs,
    cacheKey: input.cacheKey,
    safetyId: input.safetyId,
  };
  let model = input.model;
  let mayStepDown = input.fallbackModel !== undefined && input.fallbackModel !== model;
  let items = firstItems(input, book, redact);
  let mayShorten = input.history.length > HISTORY_WHEN_TOO_LONG;

  while (run.calls < limits.modelCalls) {
    // On its last call the model may only speak.
    const toolChoice = run.calls === limits.modelCalls - 1 || runner.isSpent ? "none" : "auto";
    let answer: GenerateResult;
    try {
      answer = await callModel({ ...base, ...(model !== undefined && { model }), items, toolChoice }, signal, callDeps);
    } catch (error) {
      // Awaited: a model that is gone or does not answer, while another one may ...
      if (
        mayStepDown &&
        error instanceof AiError &&
        MAY_STEP_DOWN.has(error.kind) &&
        run.calls < limits.modelCalls &&
        !signal.aborted
      ) {
        mayStepDown = false;
        model = input.fallbackModel;
        deps.log.warn("the model failed, trying the next one", { kind: error.kind, detail: error.detail, model });
        // What the other model has thought in this turn means nothing to this one. A tool it has used gives its result again.
        items = firstItems(input, book, redact);
        continue;
      }
      // ... and a history longer than the model can read. The end of it is enough for an answer.
      const isTooLong = error instanceof AiError && error.kind === "context-too-long";
      if (!isTooLong || !mayShorten || run.calls >= limits.modelCalls) throw error;
      mayShorten = false;
      deps.log.warn("the context is too long, trying with the last messages only");
      items = firstItems({ ...input, history: input.history.slice(-HISTORY_WHEN_TOO_LONG) }, book, redact);
      continue;
    }
    mayShorten = false;
    if (answer.toolCalls.length === 0) return conclude(answer, input, book);
    const { outputs, end } = await runner.runAll(answer.toolCalls, signal);
    if (end) return endWith(end, answer, book);
    if (toolChoice === "none" && answer.text !== "") return conclude(answer, input, book);
    items.push({ kind: "output", items: answer.outputItems });
    for (const output of outputs) items.push({ kind: "tool-result", ...output });
  }
  return giveUp("tool-loop", input);
}

/** Failures of one model that say nothing about another. A refused key and a bad request would be the same for all. */
const MAY_STEP_DOWN: ReadonlySet<AiError["kind"]> = new Set([
  "model-retired",
  "unavailable",
  "timeout",
  "rate-limited",
  "invalid-output",
]);

function firstItems(input: TurnInput, book: PassageBook, redact: (text: string) => string): PortItem[] {
  const { summary } = input;
  return turnItems({
    ...input,
    passages: book.all.slice(0, input.passages ?? 0),
    ...(summary !== undefined && { summary: redact(summary) }),
    history: selectHistory(input.history).map((entry) => ({ ...entry, text: redact(entry.text) })),
    incoming: input.incoming.map((message) => ({ ...message, text: redact(message.text) })),
  });
}

/** The caller's tools and the built-in ones; two of one name would be a mistake of ours. */
function offeredTools({ tools = [], teams = [] }: TurnInput): Tool[] {
  const builtIn = [handOffToolFor(teams), noReplyTool, closeConversationTool];
  const taken = tools.find((tool) => builtIn.some(({ name }) => name === tool.name));
  if (taken) throw new TypeError(`The tool name ${taken.name} is built in.`);
  return [...tools, ...builtIn];
}

function conclude(answer: GenerateResult, input: TurnInput, book: PassageBook): Outcome {
  const spoken = answer.finish === "length" ? trimToSentence(answer.text) : answer.text || (answer.refusal ?? "");
  const { text: plain, citations } = readCitations(putValues(spoken, input.variables ?? {}), book);
  const text = shape(plain);
  if (leaksInstructions(text)) return giveUp("instruction-leak", input);
  if (text === "") {
    if (answer.finish === "content-filter") return giveUp("content-filter", input);
    throw new AiError("invalid-output", { detail: "Nothing was left of the answer after shaping." });
  }
  const isUngrounded = input.hasKnowledge === true && citations.length === 0 && asksSomething(input.incoming);
  if (isUngrounded && input.rules?.groundedOnly)
    return {
      kind: "hand-off",
      reason: "low-confidence",
      summary: `Nothing in the knowledge answers this. The customer wrote: ${quoteOf(input)}`,
    };
  return { kind: "reply", text, citations: citations.map((one) => ({ ...one, sentence: shape(one.sentence) })), isUngrounded };
}

function endWith(end: TurnEnd, answer: GenerateResult, book: PassageBook): Outcome {
  const text = shape(readCitations(answer.text, book).text);
  const said = text === "" || leaksInstructions(text) ? {} : { text };
  if (end.kind === "close") return { kind: "close", resolution: end.resolution, ...said };
  return end.kind === "hand-off" ? { ...end, ...said } : end;
}

/** No answer that may be sent came out of it: a person takes over and reads the customer's own words. */
function giveUp(reason: "tool-loop" | "content-filter" | "instruction-leak", input: TurnInput): Outcome {
  return {
    kind: "hand-off",
    reason,
    summary: `The assistant came to no answer that it may send. The customer wrote: ${quoteOf(input)}`,
  };
}

const quoteOf = ({ incoming }: TurnInput): string =>
  incoming
    .map(({ text }) => text)
    .join(" / ")
    .slice(0, 600);

function shape(text: string): string {
  const spoken = text.startsWith(COLLEAGUE_MARK.trim()) ? text.slice(COLLEAGUE_MARK.trim().length) : text;
  return toWhatsAppText(spoken);
}
