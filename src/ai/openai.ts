/**
 * The Responses wire: OpenAI, Azure v1 and servers that speak /v1/responses. Stateless, one call is one request:
 * this file never retries, and aborting closes the connection.
 */
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type OpenAI from "openai";
import type { ResponseCreateParamsNonStreaming, ResponseInputItem } from "openai/resources/responses/responses";
import type { Clock } from "../core/clock";
import { AiError, translateAnswerError, translateProviderError } from "./ai-error";
import type { Finish, GenerateRequest, GenerateResult, PortItem, ToolCall, Usage } from "./ai-port";
import { startDeadline } from "./deadline";
import type { ProviderProfile } from "./provider-profile";
import { gatherResponses } from "./stream";

export type ReasoningEffort = "none" | "low" | "medium" | "high";

export type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

export interface WireOptions {
  apiKey: string;
  /** Undefined means OpenAI itself. */
  baseUrl?: string;
  /** How requests are made, for addresses that are not believed blindly; the platform's own when left out. */
  fetch?: Fetch;
  model: string;
  effort: ReasoningEffort;
  profile: ProviderProfile;
  clock: Clock;
}

/** One way to carry a generate call. */
export type WireAdapter = (request: GenerateRequest, signal: AbortSignal) => Promise<GenerateResult>;

/** The client's own timeout only backs up our deadline, which also covers the reading of the body. */
const BACKSTOP_MS = 5_000;

/**
 * The stock client as we need it: no retries of its own, no logging of bodies. It is loaded with the first call, so that a server
 * nobody writes to does without its 15 MB.
 */
export function openClient({ apiKey, baseUrl, fetch }: Pick<WireOptions, "apiKey" | "baseUrl" | "fetch">): () => Promise<OpenAI> {
  let client: OpenAI | undefined;
  return async () => {
    const { OpenAI: Client } = await import("openai");
    // Nulls keep the client from reading OPENAI_* variables behind the back of our own configuration.
    client ??= new Client({
      apiKey,
      baseURL: baseUrl ?? "https://api.openai.com/v1",
      organization: null,
      project: null,
      maxRetries: 0,
      logLevel: "off",
      ...(fetch && { fetch }),
    });
    return client;
  };
}

/** Runs one request under a time limit and turns whatever goes wrong into an AiError. */
export async function callProvider<T>(
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
  call: (options: { signal: AbortSignal; timeout: number }) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw new AiError("aborted");
  const deadline = startDeadline(clock, timeoutMs, signal);
  try {
    return await call({ signal: deadline.signal, timeout: timeoutMs + BACKSTOP_MS });
  } catch (error) {
    // Awaited: every error of the client, and what reading an answer of the wrong shape throws.
    if (deadline.expired) throw new AiError("timeout", { cause: error });
    if (signal.aborted) throw new AiError("aborted", { cause: error });
    throw translateProviderError(error, clock.now());
  } finally {
    deadline.done();
  }
}

const ModelsShape = Type.Object({
  data: Type.Array(
    Type.Object({ id: Type.String({ minLength: 1 }), shutdown_date: Type.Optional(Type.Union([Type.String(), Type.Null()])) }),
  ),
});

/** GET /models, as far as it can be trusted: ids and, where told, the day on which a model ends. Throws AiError. */
export async function fetchModels(
  { clock, ...connection }: Pick<WireOptions, "apiKey" | "baseUrl" | "fetch" | "clock">,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ id: string; shutdownDate: string | null }[]> {
  const client = openClient(connection);
  const page: unknown = await callProvider(clock, timeoutMs, signal, async (call) => (await client()).models.list(call));
  if (!Value.Check(ModelsShape, page)) throw new AiError("invalid-output", { detail: "The list of models has no data." });
  return page.data.map(({ id, shutdown_date }) => ({ id, shutdownDate: shutdown_date ?? null }));
}

/** An adapter that speaks POST /responses. */
export function createResponsesAdapter(options: WireOptions): WireAdapter {
  const { profile, clock } = options;
  const client = openClient(options);
  return async (request, signal) => {
    const body = responsesBody(request, options);
    const { onText } = request;
    const { data, request_id } = await callProvider(clock, request.timeoutMs, signal, async (call) => {
      const { responses } = await client();
      if (!onText) return responses.create(body, call).withResponse();
      const { data: events, request_id: id } = await responses.create({ ...body, stream: true }, call).withResponse();
      return { data: (await gatherResponses(events, onText)) as object, request_id: id };
    });
    return { ...readAnswer(data, request.model ?? options.model), provider: profile.provider, requestId: request_id };
  };
}

/** The body of POST /responses: only fields that the profile enables. */
export function responsesBody(
  request: GenerateRequest,
  { profile, model, effort }: WireOptions,
): ResponseCreateParamsNonStreaming {
  const { tools, format } = request;
  return {
    model: request.model ?? model,
    input: [systemItem(request.system, profile), ...request.items.flatMap((item) => inputItems(item, profile))],
    max_output_tokens: request.maxOutputTokens,
    ...(profile.store && { store: false }),
    ...(profile.encryptedReasoning && { include: ["reasoning.encrypted_content"] }),
    ...(profile.reasoningEffort && { reasoning: { effort } }),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, schema }) => ({
        type: "function" as const,
        name,
        description,
        parameters: schema,
        strict: profile.strictTools,
      })),
      ...(profile.toolChoice && { tool_choice: request.toolChoice }),
      ...(profile.parallelTools && { parallel_tool_calls: true }),
    }),
    ...(format &&
      profile.jsonSchema && {
        text: { format: { type: "json_schema" as const, name: format.name, schema: format.schema, strict: true } },
      }),
    ...(profile.cacheKey && request.cacheKey && { prompt_cache_key: request.cacheKey }),
    ...(profile.cacheBreakpoints && { prompt_cache_options: { mode: "implicit" as const, ttl: "30m" as const } }),
    ...(profile.safetyIdentifier && request.safetyId && { safety_identifier: request.safetyId }),
  };
}

/** The static text as the first message: `instructions` cannot carry a cache breakpoint. */
function systemItem(text: string, { systemRole, cacheBreakpoints }: ProviderProfile): ResponseInputItem {
  return {
    role: systemRole,
    content: [{ type: "input_text", text, ...(cacheBreakpoints && { prompt_cache_breakpoint: { mode: "explicit" as const } }) }],
  };
}

function inputItems(item: PortItem, profile: ProviderProfile): ResponseInputItem[] {
  if (item.kind === "message") return [{ role: item.role, content: item.image ? withImage(item.text, item.image) : item.text }];
  if (item.kind === "tool-result") return [{ type: "function_call_output", call_id: item.callId, output: item.output }];
  return (item.items as ResponseInputItem[]).filter((output) => output.type !== "reasoning" || mayReturn(output, profile));
}

const withImage = (text: string, image: string) => [
  { type: "input_text" as const, text },
  { type: "input_image" as const, image_url: image, detail: "auto" as const },
];

/** Reasoning that is not stored at the provider may only come back with its encrypted content. */
const mayReturn = (item: { encrypted_content?: string | null }, profile: ProviderProfile) =>
  profile.encryptedReasoning && Boolean(item.encrypted_content);

const count = Type.Optional(Type.Union([Type.Number({ minimum: 0 }), Type.Null()]));
const UsageShape = Type.Object({
  input_tokens: Type.Number({ minimum: 0 }),
  output_tokens: Type.Number({ minimum: 0 }),
  input_tokens_details: Type.Optional(
    Type.Union([
      Type.Null(),
      Type.Object({
        cached_tokens: count,
        cache_write_tokens: count,
        cache_write_tokens_details: Type.Optional(Type.Union([Type.Null(), Type.Object({ ttl_12h_tokens: count })])),
      }),
    ]),
  ),
  output_tokens_details: Type.Optional(Type.Union([Type.Null(), Type.Object({ reasoning_tokens: count })])),
});
const AnswerShape = Type.Object({
  output: Type.Array(Type.Object({ type: Type.String() })),
  model: Type.Optional(Type.Unknown()),
  usage: Type.Optional(Type.Unknown()),
});
const MessageShape = Type.Object({
  type: Type.Literal("message"),
  phase: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  content: Type.Array(
    Type.Object({ type: Type.String(), text: Type.Optional(Type.String()), refusal: Type.Optional(Type.String()) }),
  ),
});
const CallShape = Type.Object({
  type: Type.Literal("function_call"),
  call_id: Type.String({ minLength: 1 }),
  name: Type.String({ minLength: 1 }),
  arguments: Type.String(),
});
const FailureShape = Type.Object({
  error: Type.Object({ code: Type.Optional(Type.Unknown()), message: Type.Optional(Type.Unknown()) }),
});

/** Reads an answer field by field: servers that call themselves compatible leave out or misshape many of them. */
function readAnswer(data: unknown, askedModel: string): Omit<GenerateResult, "provider" | "requestId"> {
  if (Value.Check(FailureShape, data))
    throw translateAnswerError(String(data.error.code ?? ""), String(data.error.message ?? ""));
  if (!Value.Check(AnswerShape, data)) throw new AiError("invalid-output", { detail: "The answer has no output." });
  const toolCalls: ToolCall[] = [];
  const texts: string[] = [];
  const refusals: string[] = [];
  for (const item of data.output) {
    if (Value.Check(CallShape, item)) toolCalls.push({ callId: item.call_id, name: item.name, arguments: item.arguments });
    else if (Value.Check(MessageShape, item) && item.phase !== "commentary") readContent(item.content, texts, refusals);
  }
  const refusal = refusals.join("\n");
  return {
    text: texts.join("\n").trim(),
    toolCalls,
    ...(refusal && { refusal }),
    finish: finishOf(data, toolCalls),
    usage: readUsage(data.usage),
    model: typeof data.model === "string" ? data.model : askedModel,
    wire: "responses",
    outputItems: data.output,
  };
}

function readContent(content: Static<typeof MessageShape>["content"], texts: string[], refusals: string[]): void {
  for (const part of content) {
    if (part.type === "output_text" && part.text) texts.push(part.text);
    else if (part.type === "refusal" && part.refusal) refusals.push(part.refusal);
  }
}

function finishOf(data: object, toolCalls: readonly ToolCall[]): Finish {
  const { incomplete_details: details } = data as { incomplete_details?: { reason?: unknown } | null };
  if (details?.reason === "max_output_tokens") return "length";
  if (details?.reason === "content_filter") return "content-filter";
  return toolCalls.length > 0 ? "tool-calls" : "stop";
}

function readUsage(usage: unknown): Usage | null {
  if (!Value.Check(UsageShape, usage)) return null;
  const details = usage.input_tokens_details;
  return {
    input: usage.input_tokens,
    cached: details?.cached_tokens ?? 0,
    cacheWrite: details?.cache_write_tokens ?? 0,
    cacheWrite12h: details?.cache_write_tokens_details?.ttl_12h_tokens ?? 0,
    output: usage.output_tokens,
    reasoning: usage.output_tokens_details?.reasoning_tokens ?? 0,
  };
}
