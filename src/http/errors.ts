/** The one translator from whatever was thrown to the answer a client gets. Causes go to the log, never out. */
import { AppError, type ErrorCode, type ErrorDetail, fail } from "../core/errors";
import type { Log } from "../core/log";

export interface FailureBody {
  success: false;
  error: string;
  code: ErrorCode;
  details?: readonly ErrorDetail[];
  requestId: string;
}

export interface TranslatorDeps {
  isStoreUnavailable: (error: unknown) => boolean;
  log: Log;
}

/** What Elysia says went wrong before a handler ran. */
type ElysiaCode = string | number;

interface ValidationIssue {
  path?: string;
  message?: string;
  summary?: string;
}

const DUPLICATE_KEY = 11_000;

/** Turns anything thrown into an AppError. Unknown errors become `internal`. */
export function toAppError(
  error: unknown,
  code: ElysiaCode,
  { isStoreUnavailable }: Pick<TranslatorDeps, "isStoreUnavailable">,
): AppError {
  if (error instanceof AppError) return error;
  if (code === "NOT_FOUND") return fail("route.not-found");
  if (code === "VALIDATION") return fail("request.invalid", { details: issuesOf(error), cause: error });
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
  ...(error.details && error.details.length > 0 ? { details: error.details } : {}),
  requestId,
});

/** Only our own faults are errors in the log; what a client did wrong is of interest when debugging. */
export function logFailure(log: Log, error: AppError, fields: Record<string, unknown>): void {
  if (error.code === "internal") log.error("a request failed", { ...fields, error: error.cause ?? error });
  else if (error.status >= 500)
    log.warn("a request failed", { ...fields, code: error.code, reason: error.message, cause: error.cause });
  else log.debug("a request was refused", { ...fields, code: error.code });
}

function issuesOf(error: unknown): ErrorDetail[] {
  const { type, all } = error as { type?: string; all?: ValidationIssue[] };
  return (Array.isArray(all) ? all : []).slice(0, 20).map(({ path = "", message, summary }) => ({
    path: `${type ?? "request"}${path.replaceAll("/", ".")}`,
    message: summary ?? message ?? "is not valid",
  }));
}
