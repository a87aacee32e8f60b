/**
 * Every way in which a call to a model can fail, and the only translation from the provider's errors to it.
 * Works on the shape of an error, so that it needs no import of the client library.
 */
import type { TurnRun } from "./assistant";

export type AiErrorKind =
  | "rate-limited"
  | "timeout"
  | "unavailable"
  | "refused-key"
  | "bad-request"
  | "context-too-long"
  | "model-retired"
  | "aborted"
  | "invalid-output";

const SENTENCES: Record<AiErrorKind, string> = {
  "rate-limited": "The AI provider limits the rate or the quota is used up.",
  timeout: "The AI provider did not answer in time.",
  unavailable: "The AI provider cannot be reached.",
  "refused-key": "The AI provider refused the key.",
  "bad-request": "The AI provider refused the request.",
  "context-too-long": "The conversation is longer than the model can read.",
  "model-retired": "The model does not exist or has been shut down.",
  aborted: "The call was aborted.",
  "invalid-output": "The AI provider sent an answer that makes no sense.",
};

const RETRYABLE: ReadonlySet<AiErrorKind> = new Set(["rate-limited", "timeout", "unavailable", "invalid-output"]);

export interface AiErrorOptions {
  retryable?: boolean;
  retryAfterMs?: number;
  status?: number;
  /** The provider's own error code and sentence, shortened and without keys. */
  detail?: string;
  cause?: unknown;
}

export class AiError extends Error {
  readonly kind: AiErrorKind;
  /** Whether the same call may succeed a little later. */
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;
  readonly detail: string | undefined;
  /** What the turn had used when it failed; set by the assistant. */
  run: TurnRun | undefined;

  constructor(kind: AiErrorKind, { retryable, retryAfterMs, status, detail, cause }: AiErrorOptions = {}) {
    super(SENTENCES[kind], cause === undefined ? undefined : { cause });
    this.name = "AiError";
    this.kind = kind;
    this.retryable = retryable ?? RETRYABLE.has(kind);
    this.retryAfterMs = retryAfterMs;
    this.status = status;
    this.detail = detail;
  }
}

/** The call reached the provider and nobody knows what it cost: it was cut off, or answered with nonsense. */
export const isBilledUnknown = ({ kind }: AiError): boolean =>
  kind === "timeout" || kind === "aborted" || kind === "invalid-output";

interface Shape {
  status?: unknown;
  code?: unknown;
  type?: unknown;
  param?: unknown;
  message?: unknown;
  headers?: unknown;
}

const MODEL_GONE =
  /model_not_found|model_?(deprecated|retired|decommissioned)|model .{0,80}(does not exist|not found|deprecated|decommissioned|retired|shut ?down)/i;
const TOO_LONG =
  /context_length_exceeded|maximum context length|context (window|length)|prompt is too long|too many (input )?tokens/i;

/** Turns whatever a client threw into an AiError. `now` (milliseconds) is needed for dates in Retry-After. */
export function translateProviderError(error: unknown, now: number): AiError {
  if (error instanceof AiError) return error;
  const shape: Shape = typeof error === "object" && error !== null ? error : {};
  const status = typeof shape.status === "number" ? shape.status : undefined;
  const said = [shape.code, shape.type, shape.message].filter((part) => typeof part === "string").join(" · ");
  const detail = maskKeys(said).slice(0, 300);
  const kind = status === undefined ? kindWithoutStatus(error, shape) : kindOfStatus(status, said);
  const options: AiErrorOptions = { detail };
  if (status !== undefined) options.status = status;
  if (kind === "rate-limited") {
    const retryAfterMs = readRetryAfter(shape.headers, now);
    if (retryAfterMs !== undefined) options.retryAfterMs = retryAfterMs;
    // An empty account is answered with 429 too, and waiting does not fill it.
    if (/insufficient_quota|billing/i.test(said)) options.retryable = false;
  }
  if (status === 501 || status === 405) options.retryable = false;
  return new AiError(kind, options);
}

/** The error a provider reports inside an answer with status 200. */
export function translateAnswerError(code: string, message: string): AiError {
  const said = `${code} · ${message}`;
  const detail = maskKeys(said).slice(0, 300);
  if (/rate_limit/i.test(code)) return new AiError("rate-limited", { detail });
  if (/server_error|timeout|overloaded/i.test(code)) return new AiError("unavailable", { detail });
  if (TOO_LONG.test(said)) return new AiError("context-too-long", { detail });
  return new AiError("invalid-output", { detail });
}

function kindOfStatus(status: number, said: string): AiErrorKind {
  if (status === 401 || status === 403) return "refused-key";
  if (status === 429) return "rate-limited";
  if (status === 408) return "timeout";
  if (status === 409 || status >= 500) return "unavailable";
  if (TOO_LONG.test(said)) return "context-too-long";
  if (status === 410 || MODEL_GONE.test(said)) return "model-retired";
  return "bad-request";
}

/** No HTTP status: the connection failed, or an answer came that could not be read. */
function kindWithoutStatus(error: unknown, { code, message }: Shape): AiErrorKind {
  if (error instanceof SyntaxError) return "invalid-output";
  const text = `${typeof code === "string" ? code : ""} ${typeof message === "string" ? message : ""}`;
  if (/timed? ?out|ETIMEDOUT/i.test(text)) return "timeout";
  // Reading a field of an answer with the wrong shape throws a TypeError without a system code.
  return error instanceof TypeError && typeof code !== "string" ? "invalid-output" : "unavailable";
}

/** Milliseconds to wait as told by `retry-after-ms`, `retry-after` (seconds or a date); undefined when not told. */
export function readRetryAfter(headers: unknown, now: number): number | undefined {
  if (!(headers instanceof Headers)) return undefined;
  const exact = Number.parseFloat(headers.get("retry-after-ms") ?? "");
  if (exact >= 0) return Math.round(exact);
  const told = headers.get("retry-after")?.trim();
  if (!told) return undefined;
  if (/^\d+(\.\d+)?$/.test(told)) return Math.round(Number.parseFloat(told) * 1000);
  const date = Date.parse(told);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

const maskKeys = (text: string): string => text.replace(/\b(sk|key|rk)-[\w*-]{6,}/g, "$1-…");
