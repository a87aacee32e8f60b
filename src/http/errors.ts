/** The one translator from whatever was thrown to the answer a client gets. Causes go to the log, never out. */
import { AppError, type ErrorCode, type ErrorDetail, fail } from "../core/errors";
import { ruleIn } from "../core/field-rule";
import type { Log } from "../core/log";
import { requestIdOf } from "../core/request-id";
import { API_HEADERS } from "./edge";
import { detailsOf } from "./field-issue";
import type { ValidationIssue } from "./union-issue";

export interface FailureBody {
  success: false;
  error: string;
  code: ErrorCode;
  details?: readonly ErrorDetail[];
  current?: unknown;
  requestId: string;
}

export interface TranslatorDeps {
  isStoreUnavailable: (error: unknown) => boolean;
  log: Log;
}

/** What Elysia says went wrong before a handler ran. */
type ElysiaCode = string | number;

const DUPLICATE_KEY = 11_000;

/** Turns anything thrown into an AppError. Unknown errors become `internal`. */
export function toAppError(
  error: unknown,
  code: ElysiaCode,
  { isStoreUnavailable }: Pick<TranslatorDeps, "isStoreUnavailable">,
): AppError {
  if (error instanceof AppError) return error;
  if (code === "NOT_FOUND") return fail("route.not-found");
  // An answer of ours that breaks its own schema is no mistake of the client.
  if (code === "VALIDATION" && (error as { type?: unknown }).type === "response") return fail("internal", { cause: error });
  if (code === "VALIDATION") return fail("request.invalid", { details: issuesOf(error), cause: error });
  if (code === "PARSE" && (error as { cause?: unknown }).cause instanceof AppError) return (error as { cause: AppError }).cause;
  if (code === "PARSE") return fail("request.malformed", { message: "The body is not valid JSON.", cause: error });
  if (code === "INVALID_COOKIE_SIGNATURE" || code === "INVALID_FILE_TYPE") return fail("request.malformed", { cause: error });
  if (isStoreUnavailable(error)) return fail("store.unavailable", { cause: error, retryAfter: 5 });
  if ((error as { code?: unknown } | null)?.code === DUPLICATE_KEY) return fail("request.conflict", { cause: error });
  return fail("internal", { cause: error });
}

/** The JSON of a failure, for HTTP answers and WebSocket frames alike. */
export const failureBody = (error: AppError, requestId: string): FailureBody => ({
  success: false,
  error: error.message,
  code: error.code,
  ...(error.details && error.details.length > 0 ? { details: error.details.map(withRule) } : {}),
  ...(error.isExact ? { exact: true } : {}),
  ...(error.current === undefined ? {} : { current: error.current }),
  requestId,
});

/** With a code for what is wrong: a client says it in the language of its reader. */
const withRule = (detail: ErrorDetail): ErrorDetail => ({ ...ruleIn(detail.message), ...detail });

/** Whatever was thrown, as what the client gets. Told to the log too. */
export function toFailure(error: unknown, code: ElysiaCode, request: Request, deps: TranslatorDeps) {
  const known = toAppError(error, code, deps);
  const requestId = requestIdOf(request);
  logFailure(deps.log, known, { requestId, method: request.method, path: new URL(request.url).pathname });
  const headers: Record<string, string> = { ...API_HEADERS, "x-request-id": requestId };
  if (known.retryAfter !== undefined) headers["retry-after"] = String(known.retryAfter);
  return { status: known.status, headers, body: failureBody(known, requestId) };
}

/** A handler outside Elysia, whose failures are told as everywhere else. */
export const guarded =
  (handle: (request: Request) => Promise<Response>, deps: TranslatorDeps) =>
  async (request: Request): Promise<Response> => {
    try {
      return await handle(request);
    } catch (error) {
      // Everything: what is thrown here is an answer.
      const { status, headers, body } = toFailure(error, "UNKNOWN", request, deps);
      return Response.json(body, { status, headers });
    }
  };

/** Only our own faults are errors in the log; what a client did wrong is of interest when debugging. */
export function logFailure(log: Log, error: AppError, fields: Record<string, unknown>): void {
  if (error.code === "internal") log.error("a request failed", { ...fields, error: error.cause ?? error });
  else if (error.status >= 500)
    log.warn("a request failed", { ...fields, code: error.code, reason: error.message, cause: error.cause });
  else log.debug("a request was refused", { ...fields, code: error.code });
}

function issuesOf(error: unknown): ErrorDetail[] {
  const { type, all } = error as { type?: string; all?: ValidationIssue[] };
  return detailsOf(type ?? "request", Array.isArray(all) ? all : []);
}
