/** One call of an endpoint: builds the request, signs it, and says what came of it. It never throws for what the other side does. */
import type { Clock } from "../../core/clock";
import { AppError, describeError } from "../../core/errors";
import type { GuardedAnswer, UrlGuard } from "../../core/url-guard";
import { signatures } from "./webhook-sign";

export interface WebhookMessage {
  /** The same for every try. */
  id: string;
  /** The JSON that is sent. */
  body: string;
}

export interface CallOutcome {
  isDelivered: boolean;
  /** 410: the other side asks not to be called again. */
  isGone: boolean;
  status: number | null;
  ms: number;
  answer: string;
  error: string | null;
  /** How long the other side asks to be left alone, in milliseconds. */
  retryAfterMs: number | null;
}

export type CallWebhook = (
  url: string,
  secrets: readonly string[],
  message: WebhookMessage,
  signal: AbortSignal,
) => Promise<CallOutcome>;

export const TIMEOUT_MS = 15_000;
const MOST_ANSWER = 1_024;
const GONE = 410;
const LONGEST_RETRY_AFTER_S = 3_600;

export interface CallWebhookDeps {
  guard: UrlGuard;
  clock: Clock;
  version: string;
  timeoutMs?: number;
}

export function createCallWebhook({ guard, clock, version, timeoutMs = TIMEOUT_MS }: CallWebhookDeps): CallWebhook {
  return async (url, secrets, { id, body }, signal) => {
    const begun = clock.monotonic();
    const seconds = Math.floor(clock.now() / 1_000);
    const headers = {
      "content-type": "application/json",
      "user-agent": `Chasqui/${version}`,
      "webhook-id": id,
      "webhook-timestamp": String(seconds),
      "webhook-signature": signatures(secrets, id, seconds, body),
    };
    const took = () => Math.round(clock.monotonic() - begun);
    try {
      const request = { method: "POST", headers, body, maxRedirects: 0, maxBytes: MOST_ANSWER, larger: "cut", signal } as const;
      return outcomeOf(await guard.fetch(url, { ...request, timeoutMs }), took());
    } catch (error) {
      // Refused, unreachable or too slow: the guard says which.
      if (!(error instanceof AppError)) throw error;
      return {
        isDelivered: false,
        isGone: false,
        status: null,
        ms: took(),
        answer: "",
        error: describeError(error),
        retryAfterMs: null,
      };
    }
  };
}

function outcomeOf({ status, headers, body }: GuardedAnswer, ms: number): CallOutcome {
  const isDelivered = status >= 200 && status <= 299;
  const seconds = Number(headers.get("retry-after"));
  return {
    isDelivered,
    isGone: status === GONE,
    status,
    ms,
    answer: new TextDecoder().decode(body).replaceAll("\0", ""),
    error: isDelivered
      ? null
      : status >= 300 && status <= 399
        ? "It redirects, and redirects are not followed."
        : `It answers ${status}.`,
    retryAfterMs: !isDelivered && seconds > 0 ? Math.min(seconds, LONGEST_RETRY_AFTER_S) * 1_000 : null,
  };
}
