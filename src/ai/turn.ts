/**
 * The turn loop: call the model, carry out its tools, call again, until there is an answer or an end. Always ends: with a reply,
 * a hand-off, a chosen silence, a close, or an AiError; never with nothing.
 */
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import { AiError } from "./ai-error";
import type { AiPort, GenerateRequest, GenerateResult, PortItem } from "./ai-port";
import type { AssistantLimits, TurnInput, TurnResult } from "./assistant";
import { selectHistory } from "./context";
import { startDeadline } from "./deadline";
import { callModel } from "./model-call";
import { leaksInstructions } from "./output-guard";
import { COLLEAGUE_MARK, staticText, turnItems } from "./prompt";
import { ToolRunner } from "./tool-runner";
import { BUILT_IN_TOOLS, type Tool, type TurnEnd, toolSpec } from "./tools";
import { RunRecorder } from "./turn-run";
import { toWhatsAppText, trimToSentence } from "./whatsapp-text";

export interface TurnDeps {
  port: AiPort;
  clock: Clock;
  log: Log;
  limits: AssistantLimits;
  /** Applied to every text before it goes to the provider. */
  redact: (text: string) => string;
}

/** History that is left when the model says that the whole is too long. */
const HISTORY_WHEN_TOO_LONG = 4;

type Outcome<R = TurnResult> = R extends TurnResult ? Omit<R, "run"> : never;

/** Runs one turn. Throws AiError, with what was used so far in `run`. */
export async function runTurn(input: TurnInput, signal: AbortSignal, deps: TurnDeps): Promise<TurnResult> {
  const { clock, limits, port } = deps;
  const run = new RunRecorder(clock, port);
  const log = deps.log.child({ turnId: input.turnId });
  const deadline = startDeadline(clock, limits.turnMs, signal);
  try {
    const outcome = await loop(input, deadline.signal, { ...deps, log }, run);
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

async function loop(input: TurnInput, signal: AbortSignal, deps: TurnDeps, run: RunRecorder): Promise<Outcome> {
  const { limits, redact } = deps;
  const tools = offeredTools(input.tools);
  const runner = new ToolRunner({
    ...deps,
    tools,
    run,
    maxCalls: limits.toolCalls,
    maxIdentical: limits.identicalCalls,
    toolMs: limits.toolMs,
  });
  const callDeps = {
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
  let items = firstItems(input, redact);
  let mayShorten = input.history.length > HISTORY_WHEN_TOO_LONG;

  while (run.calls < limits.modelCalls) {
    // On its last call the model may only speak.
    const toolChoice = run.calls === limits.modelCalls - 1 || runner.isSpent ? "none" : "auto";
    let answer: GenerateResult;
    try {
      answer = await callModel({ ...base, items, toolChoice }, signal, callDeps);
    } catch (error) {
      // Awaited: a history longer than the model can read. The end of it is enough for an answer.
      const isTooLong = error instanceof AiError && error.kind === "context-too-long";
      if (!isTooLong || !mayShorten || run.calls >= limits.modelCalls) throw error;
      mayShorten = false;
      deps.log.warn("the context is too long, trying with the last messages only");
      items = firstItems({ ...input, history: input.history.slice(-HISTORY_WHEN_TOO_LONG) }, redact);
      continue;
    }
    mayShorten = false;
    if (answer.toolCalls.length === 0) return conclude(answer, input);
    const { outputs, end } = await runner.runAll(answer.toolCalls, signal);
    if (end) return endWith(end, answer);
    if (toolChoice === "none" && answer.text !== "") return conclude(answer, input);
    items.push({ kind: "output", items: answer.outputItems });
    for (const output of outputs) items.push({ kind: "tool-result", ...output });
  }
  return giveUp("tool-loop", input);
}

function firstItems(input: TurnInput, redact: (text: string) => string): PortItem[] {
  const { summary } = input;
  return turnItems({
    ...input,
    ...(summary !== undefined && { summary: redact(summary) }),
    history: selectHistory(input.history).map((entry) => ({ ...entry, text: redact(entry.text) })),
    incoming: input.incoming.map((message) => ({ ...message, text: redact(message.text) })),
  });
}

/** The caller's tools and the built-in ones; two of one name would be a mistake of ours. */
function offeredTools(own: readonly Tool[] = []): Tool[] {
  const taken = own.find((tool) => BUILT_IN_TOOLS.some(({ name }) => name === tool.name));
  if (taken) throw new TypeError(`The tool name ${taken.name} is built in.`);
  return [...own, ...BUILT_IN_TOOLS];
}

function conclude(answer: GenerateResult, input: TurnInput): Outcome {
  const text = shape(answer.finish === "length" ? trimToSentence(answer.text) : answer.text || (answer.refusal ?? ""));
  if (leaksInstructions(text)) return giveUp("instruction-leak", input);
  if (text !== "") return { kind: "reply", text };
  if (answer.finish === "content-filter") return giveUp("content-filter", input);
  throw new AiError("invalid-output", { detail: "Nothing was left of the answer after shaping." });
}

function endWith(end: TurnEnd, answer: GenerateResult): Outcome {
  const text = shape(answer.text);
  const said = text === "" || leaksInstructions(text) ? {} : { text };
  if (end.kind === "hand-off") return { kind: "hand-off", reason: end.reason, summary: end.summary, ...said };
  if (end.kind === "close") return { kind: "close", resolution: end.resolution, ...said };
  return { kind: "silent", reason: end.reason };
}

/** No answer that may be sent came out of it: a person takes over and reads the customer's own words. */
function giveUp(reason: "tool-loop" | "content-filter" | "instruction-leak", { incoming }: TurnInput): Outcome {
  const asked = incoming
    .map(({ text }) => text)
    .join(" / ")
    .slice(0, 600);
  return { kind: "hand-off", reason, summary: `The assistant came to no answer that it may send. The customer wrote: ${asked}` };
}

function shape(text: string): string {
  const spoken = text.startsWith(COLLEAGUE_MARK.trim()) ? text.slice(COLLEAGUE_MARK.trim().length) : text;
  return toWhatsAppText(spoken);
}
