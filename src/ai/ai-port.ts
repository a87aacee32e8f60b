/**
 * The one door to a language model: what goes in, what comes out, whichever wire protocol carries it.
 * Stateless: every call carries all that the model needs; nothing is kept at the provider.
 */

/** A function the model may call: its arguments as strict JSON schema. */
export interface ToolSpec {
  name: string;
  description: string;
  schema: Record<string, unknown>;
}

/** Asks for an answer that is one JSON document of this schema. */
export interface OutputFormat {
  name: string;
  schema: Record<string, unknown>;
}

export type PortItem =
  /** `image`: a picture beside the text, as a data URL. */
  | { kind: "message"; role: "user" | "assistant"; text: string; image?: string }
  /** What the model said earlier in this turn, exactly as the port gave it out. Means nothing to another wire. */
  | { kind: "output"; items: readonly unknown[] }
  | { kind: "tool-result"; callId: string; output: string };

export interface GenerateRequest {
  /** Replaces the model of the connection for this call. */
  model?: string;
  /** The static text: the same for all conversations of one assistant, so that the provider can cache it. */
  system: string;
  items: readonly PortItem[];
  tools: readonly ToolSpec[];
  toolChoice: "auto" | "none" | "required";
  format?: OutputFormat;
  /** Includes reasoning tokens. */
  maxOutputTokens: number;
  timeoutMs: number;
  /** Groups requests that share the static text. */
  cacheKey?: string;
  /** Hears the text piece by piece as it is written; the result is the same. Without tools. */
  onText?: (piece: string) => void;
  /** A pseudonym of the customer (an HMAC), at most 128 characters. */
  safetyId?: string;
}

export interface ToolCall {
  callId: string;
  name: string;
  /** As the model wrote it: may be invalid JSON. */
  arguments: string;
}

/** Tokens of one call. `cached` and both writes are parts of `input`; `reasoning` is a part of `output`. */
export interface Usage {
  input: number;
  cached: number;
  cacheWrite: number;
  cacheWrite12h: number;
  output: number;
  reasoning: number;
}

export type Finish = "stop" | "tool-calls" | "length" | "content-filter";
export type Wire = "responses" | "chat";

export interface GenerateResult {
  text: string;
  toolCalls: readonly ToolCall[];
  /** The model's own sentence when it declines to answer. */
  refusal?: string;
  finish: Finish;
  /** Null when the provider does not tell. */
  usage: Usage | null;
  /** The model that answered, in the provider's own words. */
  model: string;
  provider: string;
  wire: Wire;
  requestId: string | null;
  /** Opaque: handed back as an `output` item in the next call of the same turn. */
  outputItems: readonly unknown[];
}

export interface AiPort {
  readonly provider: string;
  readonly model: string;
  /** Null until an unknown server has shown which protocol it speaks. */
  readonly wire: Wire | null;
  /** One call to the model. Aborting the signal closes the connection. Throws AiError only. */
  generate(request: GenerateRequest, signal: AbortSignal): Promise<GenerateResult>;
}
