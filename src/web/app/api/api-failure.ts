/** What went wrong with a call, in words a person can act on, with the request id that finds it in the log. */

/** What is wrong with one field: in the server's English, and as a code that we may have words for. */
export interface FailureDetail {
  path: string;
  message: string;
  rule?: string;
  params?: Readonly<Record<string, string>>;
}

export interface FailureEnvelope {
  success: false;
  error: string;
  code: string;
  details?: readonly FailureDetail[];
  exact?: boolean;
  requestId: string;
}

export class ApiFailure extends Error {
  override readonly name = "ApiFailure";

  constructor(
    /** The server's sentence, or ours when no server answered. */
    message: string,
    /** The server's code (`auth.wrong-credentials`), or `network.unreachable`. */
    readonly code: string,
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    readonly requestId: string | null,
    readonly details: readonly FailureDetail[] = [],
    /** The sentence names the case more exactly than the code: words for the code alone would say less. */
    readonly isExact = false,
  ) {
    super(message);
  }
}

/** True for the body of a failed call; anything else did not come from our server. */
export function isFailureEnvelope(value: unknown): value is FailureEnvelope {
  return typeof value === "object" && value !== null && "code" in value && "error" in value && typeof value.error === "string";
}

/** The failure of a call that got no answer at all. */
export const unreachable = (): ApiFailure =>
  new ApiFailure(
    "Chasqui does not answer. Check that the server is running and that you are online.",
    "network.unreachable",
    0,
    null,
  );

/** The failure of an answer that is not ours: a proxy's page, an empty body. */
export const unreadable = (status: number): ApiFailure =>
  new ApiFailure(
    `The answer could not be read (HTTP ${status}). Something between here and Chasqui answered instead.`,
    "network.unreadable",
    status,
    null,
  );

/** Any thrown thing as a failure that can be shown; programming errors keep their own message. */
export function asFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  return new ApiFailure(error instanceof Error ? error.message : String(error), "client.error", 0, null);
}
