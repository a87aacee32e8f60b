/** One HTTP exchange with the Graph API, and what is known when none came about. Knows nothing of messages. */
import type { Clock } from "../../core/clock";
import { describeError, fail } from "../../core/errors";
import { type GraphError, graphError, unreachable } from "./graph-errors";
import { type JsonObject, objectOf } from "./json-value";

export interface GraphHttpOptions {
  /** Without version, such as https://graph.facebook.com. */
  baseUrl: string;
  /** Such as v26.0. */
  version: string;
  /** Asked at every call, because tokens are renewed. */
  accessToken: () => string;
  clock: Clock;
  timeoutMs?: number;
}

export interface GraphCall {
  method: "GET" | "POST" | "DELETE";
  /** Behind the version, such as `1234/messages`. */
  path: string;
  query?: Record<string, string | undefined>;
  /** JSON text, a form, or the bytes of a file. */
  body?: string | FormData | Uint8Array<ArrayBuffer>;
  /** Besides the usual ones, or instead of them. */
  headers?: Record<string, string>;
  /** For calls that carry much. */
  timeoutMs?: number;
}

/** An HTTP answer; or `error` when nothing left this machine; or `cause` when bytes may have left and no answer can be read. */
export type Exchange = { answer: GraphAnswer } | { error: GraphError } | { cause: string };

export interface GraphAnswer {
  status: number;
  /** The parsed body when it is a JSON object. */
  body: JsonObject | undefined;
  retryAfter: string | null;
}

/** Meta answers within a second or two; what takes longer is most likely lost on the way back. */
const DEFAULT_TIMEOUT_MS = 20_000;

/** Errors of fetch that say: no connection, so not a byte of the request has left. */
const NOT_CONNECTED = new Set([
  "ECONNREFUSED",
  "ConnectionRefused",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "FailedToOpenSocket",
]);

export type GraphHttp = (call: GraphCall) => Promise<Exchange>;

export function createGraphHttp({
  baseUrl,
  version,
  accessToken,
  clock,
  timeoutMs: usualTimeoutMs = DEFAULT_TIMEOUT_MS,
}: GraphHttpOptions): GraphHttp {
  const root = `${baseUrl.replace(/\/+$/, "")}/${version}/`;
  return async ({ method, path, query, body, headers: own, timeoutMs = usualTimeoutMs }) => {
    const headers: Record<string, string> = { authorization: `Bearer ${accessToken()}` };
    if (typeof body === "string") headers["content-type"] = "application/json";
    Object.assign(headers, own);
    const abort = new AbortController();
    const timer = clock.timer(timeoutMs, () => abort.abort(new Error(`no answer within ${timeoutMs} ms`)));
    try {
      const response = await fetch(root + path + queryText(query), {
        method,
        headers,
        body,
        signal: abort.signal,
        redirect: "manual",
      });
      const text = await response.text();
      return { answer: { status: response.status, body: parsedObject(text), retryAfter: response.headers.get("retry-after") } };
    } catch (error) {
      // TypeError of fetch with a system code, or our own abort.
      const code = (error as { code?: unknown }).code;
      if (typeof code === "string" && NOT_CONNECTED.has(code)) return { error: unreachable(describeError(error)) };
      return { cause: describeError(abort.signal.aborted ? abort.signal.reason : error) };
    } finally {
      timer.cancel();
    }
  };
}

function queryText(query: GraphCall["query"]): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) params.set(name, value);
  return params.size === 0 ? "" : `?${params}`;
}

function parsedObject(text: string): JsonObject | undefined {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined; // SyntaxError: an HTML page of a proxy, or a cut answer
  }
}

/** The body of a successful answer. Throws graph.refused with WhatsApp's reason, or graph.unavailable when none came. */
export async function graphJson(http: GraphHttp, call: GraphCall, now: number): Promise<JsonObject> {
  const result = await http(call);
  if ("cause" in result) throw fail("graph.unavailable", { cause: result.cause });
  if ("error" in result) throw fail("graph.unavailable", { cause: result.error });
  const { status, body, retryAfter } = result.answer;
  if (status >= 200 && status < 300 && body) return body;
  const error = graphError(status, body, retryAfter, now);
  const wait = error.retryAfterMs === undefined ? {} : { retryAfter: Math.ceil(error.retryAfterMs / 1000) };
  if (error.retry !== "never" && error.retry !== "hours") throw fail("graph.unavailable", { cause: error, ...wait });
  const reason = error.details ?? error.message;
  throw fail("graph.refused", {
    message: `WhatsApp refused: ${reason}`,
    details: [{ path: `code ${error.code}`, message: error.meaning }],
    cause: error,
  });
}
