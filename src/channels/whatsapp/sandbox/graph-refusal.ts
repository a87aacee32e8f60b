/** Errors in Meta's own shape: what a refused call answers (facts §3.6, §5). */
import { newId } from "../../../core/id";

export interface RefusalDetails {
  /** `error_data.details`: the sentence that says what exactly is wrong. */
  details?: string;
  subcode?: number;
  /** What Meta tells people instead of `details`. */
  user?: { title: string; message: string };
  isTransient?: boolean;
  /** Seconds, becomes Retry-After. */
  retryAfter?: number;
}

/** Thrown by the sandbox's endpoints, turned into the answer by its server. */
export class GraphRefusal extends Error {
  readonly status: number;
  readonly code: number;
  readonly extra: RefusalDetails;

  constructor(status: number, code: number, message: string, extra: RefusalDetails = {}) {
    super(`(#${code}) ${message}`);
    this.name = "GraphRefusal";
    this.status = status;
    this.code = code;
    this.extra = extra;
  }
}

export const parameterMissing = (details: string): GraphRefusal =>
  new GraphRefusal(400, 131008, "Required parameter is missing", { details });

export const parameterInvalid = (details: string): GraphRefusal =>
  new GraphRefusal(400, 131009, "Parameter value is not valid", { details });

export const invalidRequest = (details: string): GraphRefusal => new GraphRefusal(400, 100, "Invalid parameter", { details });

/** An id that names nothing this token may see. */
export const unknownObject = (id: string, method: string): GraphRefusal =>
  new GraphRefusal(
    400,
    100,
    `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation.`,
    { subcode: 33 },
  );

export function refusalResponse({ status, code, message, extra }: GraphRefusal): Response {
  const traceId = newTraceId();
  const error = {
    message,
    type: code === 190 || code === 0 ? "OAuthException" : code === 100 ? "GraphMethodException" : "OAuthException",
    code,
    ...(extra.details === undefined ? {} : { error_data: { messaging_product: "whatsapp", details: extra.details } }),
    ...(extra.subcode === undefined ? {} : { error_subcode: extra.subcode }),
    ...(extra.user === undefined ? {} : { error_user_title: extra.user.title, error_user_msg: extra.user.message }),
    ...(extra.isTransient === undefined ? {} : { is_transient: extra.isTransient }),
    fbtrace_id: traceId,
  };
  const headers: Record<string, string> = { "x-fb-trace-id": traceId };
  if (status === 401) headers["www-authenticate"] = `OAuth "Facebook Platform" "invalid_token" "${message}"`;
  if (extra.retryAfter !== undefined) headers["retry-after"] = String(extra.retryAfter);
  return Response.json({ error }, { status, headers });
}

/** A trace id in Meta's form. */
export const newTraceId = (): string => `A${Buffer.from(newId(), "hex").toString("base64url")}`;
