/** One step of a turn: a call to the model with its retry ladder. Tries again once where that can help; then the caller decides. */
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import { AiError, isBilledUnknown } from "./ai-error";
import type { AiPort, GenerateRequest, GenerateResult } from "./ai-port";
import { pause } from "./deadline";
import type { RunRecorder } from "./turn-run";

export interface ModelCallDeps {
  port: AiPort;
  clock: Clock;
  log: Log;
  run: RunRecorder;
  /** No retry when this many calls have been made. */
  maxCalls: number;
  /** Wait before the retry when the provider does not say how long. */
  retryWaitMs: number;
  /** Longest wait worth taking inside a turn. */
  longestWaitMs: number;
}

/** Asks the model, at most twice. Throws AiError; an answer without content counts as an error. */
export async function callModel(request: GenerateRequest, signal: AbortSignal, deps: ModelCallDeps): Promise<GenerateResult> {
  try {
    return await once(request, signal, deps);
  } catch (error) {
    // Awaited: AiError, the only thing a port throws; a programming error goes up as it is.
    if (!(error instanceof AiError) || !error.retryable || deps.run.calls >= deps.maxCalls) throw error;
    const waitMs = error.retryAfterMs ?? deps.retryWaitMs;
    if (waitMs > deps.longestWaitMs) throw error;
    deps.log.warn("the model call failed, trying once more", {
      kind: error.kind,
      status: error.status,
      detail: error.detail,
      waitMs,
    });
    await pause(deps.clock, waitMs, signal);
    // A model that thought until its limit needs more room, not the same again.
    const maxOutputTokens = error instanceof CutShort ? request.maxOutputTokens * 2 : request.maxOutputTokens;
    return once({ ...request, maxOutputTokens }, signal, deps);
  }
}

class CutShort extends AiError {}

/** One request whose cost is written down whatever comes of it. Throws AiError, with `run`. */
export async function askRecorded(
  request: GenerateRequest,
  signal: AbortSignal,
  { port, run }: Pick<ModelCallDeps, "port" | "run">,
): Promise<GenerateResult> {
  run.callStarted();
  try {
    const result = await port.generate(request, signal);
    run.answered(result);
    return result;
  } catch (error) {
    // Awaited: AiError. A request that was cut off or answered with nonsense may have been billed.
    if (!(error instanceof AiError)) throw error;
    if (isBilledUnknown(error)) run.cutOff();
    run.callFailed();
    error.run = run.read();
    throw error;
  }
}

async function once(request: GenerateRequest, signal: AbortSignal, deps: ModelCallDeps): Promise<GenerateResult> {
  if (signal.aborted) throw new AiError("aborted");
  const result = await askRecorded(request, signal, deps);
  const isEmpty = result.text === "" && result.toolCalls.length === 0 && !result.refusal;
  if (isEmpty && result.finish === "length")
    throw new CutShort("invalid-output", { detail: "The output limit was reached before any text." });
  if (isEmpty && result.finish !== "content-filter") throw new AiError("invalid-output", { detail: "The answer is empty." });
  return result;
}
