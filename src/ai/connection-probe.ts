/**
 * "Test connection": three small calls that show what a provider can do: plain text, a tool call, an answer of a given schema.
 * Changes nothing; its report is for a person and for the stored profile.
 */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import { AiError, type AiErrorKind } from "./ai-error";
import type { AiPort, GenerateRequest, GenerateResult, Wire } from "./ai-port";
import { type AiConnection, createAiPort, isMissingRoute } from "./connection";
import { askRecorded } from "./model-call";
import type { PriceRow } from "./price-table";
import { strictSchema } from "./tool-schema";
import { RunRecorder, type TurnRun } from "./turn-run";

export type ProbeStepName = "plain" | "tool" | "structured";

export interface ProbeStep {
  step: ProbeStepName;
  ok: boolean;
  ms: number;
  /** Why not: how the call failed, or `unexpected` when an answer came that is not what was asked for. */
  problem?: AiErrorKind | "unexpected";
  detail?: string;
}

export interface ProbeReport {
  provider: string;
  wire: Wire | null;
  /** The model that answered, in the provider's words. */
  model: string | null;
  /** In order; stops after `plain` when that fails. */
  steps: ProbeStep[];
  /** Can answer customers at all. */
  usable: boolean;
  /** Can hand off and use tools. */
  canUseTools: boolean;
  /** The other wire, when the chosen one does not exist at this server. */
  suggestedWire?: Wire;
}

const CALL_MS = 25_000;
/** Thinking models spend some hundred tokens before the first word. */
const MAX_OUTPUT_TOKENS = 400;
const Answer = Type.Object({ answer: Type.Integer() }, { additionalProperties: false });
const answerSchema = strictSchema(Answer);

const base: Omit<GenerateRequest, "items"> = {
  system: "This is a connection test. Do exactly what is asked, and nothing more.",
  tools: [],
  toolChoice: "auto",
  maxOutputTokens: MAX_OUTPUT_TOKENS,
  timeoutMs: CALL_MS,
};
const ask = (text: string): GenerateRequest["items"] => [{ kind: "message", role: "user", text }];

const PROBES: readonly { step: ProbeStepName; request: GenerateRequest; isRight: (result: GenerateResult) => boolean }[] = [
  {
    step: "plain",
    request: { ...base, items: ask("Answer with the one word: ready") },
    isRight: ({ text }) => text !== "",
  },
  {
    step: "tool",
    request: {
      ...base,
      items: ask("Call the tool report_answer with the answer 7."),
      tools: [{ name: "report_answer", description: "Takes the answer of the connection test.", schema: answerSchema }],
      toolChoice: "required",
    },
    isRight: ({ toolCalls }) => toolCalls.some((call) => call.name === "report_answer" && fitsAnswer(call.arguments)),
  },
  {
    step: "structured",
    request: {
      ...base,
      items: ask("The answer is 7. Give it as JSON."),
      format: { name: "connection_test", schema: answerSchema },
    },
    isRight: ({ text }) => fitsAnswer(text),
  },
];

/** Runs the test. Failures are part of the report; only an abort throws. `onSpent` is told what the calls have used, whatever came of them. */
export async function probeConnection(
  connection: AiConnection,
  deps: { clock: Clock; log: Log; prices?: () => readonly PriceRow[]; onSpent?: (run: TurnRun) => void },
  signal: AbortSignal,
): Promise<ProbeReport> {
  const line = createAiPort(connection, deps);
  const run = new RunRecorder(deps.clock, line, deps.prices);
  const port: AiPort = {
    provider: line.provider,
    model: line.model,
    get wire() {
      return line.wire;
    },
    generate: (request, stop) => askRecorded(request, stop, { port: line, run }),
  };
  try {
    return await probe(port, deps.clock, signal);
  } finally {
    if (run.calls > 0) deps.onSpent?.(run.read());
  }
}

async function probe(port: AiPort, clock: Clock, signal: AbortSignal): Promise<ProbeReport> {
  const report: ProbeReport = {
    provider: port.provider,
    wire: port.wire,
    model: null,
    steps: [],
    usable: false,
    canUseTools: false,
  };
  for (const { step, request, isRight } of PROBES) {
    const { outcome, result, error } = await runStep(port, step, request, isRight, clock, signal);
    report.steps.push(outcome);
    report.model ??= result?.model ?? null;
    if (step === "plain" && isMissingRoute(error)) report.suggestedWire = port.wire === "chat" ? "responses" : "chat";
    if (step === "plain" && !outcome.ok) break;
  }
  const passed = (name: ProbeStepName) => report.steps.some(({ step, ok }) => step === name && ok);
  return { ...report, wire: port.wire, usable: passed("plain"), canUseTools: passed("tool") };
}

async function runStep(
  port: AiPort,
  step: ProbeStepName,
  request: GenerateRequest,
  isRight: (result: GenerateResult) => boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ outcome: ProbeStep; result?: GenerateResult; error?: AiError }> {
  const startedAt = clock.monotonic();
  const done = (more: Omit<ProbeStep, "step" | "ms">): ProbeStep => ({
    step,
    ms: Math.round(clock.monotonic() - startedAt),
    ...more,
  });
  try {
    const result = await port.generate(request, signal);
    return { outcome: done(isRight(result) ? { ok: true } : { ok: false, problem: "unexpected" }), result };
  } catch (error) {
    // Awaited: AiError; an abort means that nobody waits for the report any more.
    if (!(error instanceof AiError) || error.kind === "aborted") throw error;
    return { outcome: done({ ok: false, problem: error.kind, ...(error.detail && { detail: error.detail }) }), error };
  }
}

function fitsAnswer(json: string): boolean {
  try {
    return Value.Check(Answer, JSON.parse(json));
  } catch {
    // Awaited: SyntaxError, the model wrote something else than JSON.
    return false;
  }
}
