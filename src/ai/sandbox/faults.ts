/** The knobs of the sandbox provider: how slow it is and how it fails. */
import { ApiError } from "./api-error";
import type { Dialogue, SandboxAnswer } from "./dialogue";

export const FAULT_KINDS = [
  "none",
  "rate-limited",
  "quota-exceeded",
  "server-error",
  "hang",
  "reset",
  "malformed-json",
  "wrong-shape",
  "empty-output",
  "refusal",
  "content-filter",
  "cut-short",
  "unknown-tool",
  "invalid-tool-json",
  "tool-loop",
  "context-too-long",
  "model-retired",
  "refused-key",
  "no-responses-route",
  "no-usage",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface SandboxFaults {
  kind: FaultKind;
  /** How many of the next requests it hits; every one when left out. */
  times?: number;
  /** For `rate-limited`: sent as `retry-after-ms`; no header when left out. */
  retryAfterMs?: number;
  /** Milliseconds before every answer. */
  latencyMs: number;
}

/** Takes the fault for one request, counting it down. */
export function takeFault(faults: SandboxFaults): FaultKind {
  if (faults.kind === "none" || faults.times === undefined) return faults.kind;
  if (faults.times <= 0) return "none";
  faults.times--;
  return faults.kind;
}

/** Faults that are answers of the HTTP kind: an error body. Null for every other. */
export function faultError(kind: FaultKind, faults: SandboxFaults, model: string): ApiError | null {
  switch (kind) {
    case "rate-limited": {
      const headers: Record<string, string> =
        faults.retryAfterMs === undefined ? {} : { "retry-after-ms": String(faults.retryAfterMs) };
      return new ApiError(
        429,
        { message: "Rate limit reached for requests.", type: "requests", code: "rate_limit_exceeded" },
        headers,
      );
    }
    case "quota-exceeded":
      return new ApiError(429, {
        message: "You exceeded your current quota, please check your plan and billing details.",
        type: "insufficient_quota",
        code: "insufficient_quota",
      });
    case "server-error":
      return new ApiError(500, { message: "The server had an error while processing your request.", type: "server_error" });
    case "context-too-long":
      return new ApiError(400, {
        message: "Your input exceeds the context window of this model.",
        param: "input",
        code: "context_length_exceeded",
      });
    case "model-retired":
      return new ApiError(404, {
        message: `The model '${model}' does not exist or you do not have access to it.`,
        param: "model",
        code: "model_not_found",
      });
    case "refused-key":
      return new ApiError(401, { message: "Incorrect API key provided: sk-revoked-0000.", code: "invalid_api_key" });
    default:
      return null;
  }
}

/** Faults that spoil the content of a good answer. Null for every other. */
export function faultAnswer(kind: FaultKind, { tools, items }: Dialogue): SandboxAnswer | null {
  switch (kind) {
    case "empty-output":
      return {};
    case "refusal":
      return { refusal: "I'm sorry, but I can't help with that." };
    case "content-filter":
      return { finish: "content-filter" };
    case "cut-short":
      return { text: "The first sentence is whole. The second one stops in the mid", finish: "length" };
    case "unknown-tool":
      return { calls: [{ name: "launch_rocket", arguments: "{}" }] };
    case "invalid-tool-json":
      return { calls: [{ name: tools[0]?.name ?? "hand_off", arguments: '{"reason": "cust' }] };
    case "tool-loop":
      // A different call each time, so that only the limits of the turn can end it.
      return { calls: [{ name: tools[0]?.name ?? "no_such_tool", arguments: `{"round":${items.length}}` }] };
    default:
      return null;
  }
}

const HALF_A_BODY = '{"id":"resp_';

/** Faults of the connection and of the body's form. Null for every other. */
export function faultResponse(kind: FaultKind, signal: AbortSignal): Response | Promise<Response> | null {
  switch (kind) {
    case "hang":
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(new Response(null, { status: 499 })), { once: true });
      });
    case "reset":
      return new Response(brokenStream(), { headers: { "content-type": "application/json" } });
    case "malformed-json":
      return new Response(HALF_A_BODY, { headers: { "content-type": "application/json" } });
    case "wrong-shape":
      return Response.json({ ok: true });
    default:
      return null;
  }
}

/** Starts a body and then drops the connection. */
const brokenStream = () =>
  new ReadableStream({
    async pull(controller) {
      controller.enqueue(new TextEncoder().encode(HALF_A_BODY));
      await Promise.resolve();
      controller.error();
    },
  });
