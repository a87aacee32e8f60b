/**
 * The chat.completions wire: Ollama, vLLM, LM Studio, Gemini's compatible door and whatever else has only this one.
 * Stateless, one call is one request, never retries.
 */
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions/completions";
import { AiError, translateAnswerError } from "./ai-error";
import type { Finish, GenerateRequest, GenerateResult, PortItem, ToolCall, Usage } from "./ai-port";
import { callProvider, openClient, type WireAdapter, type WireOptions } from "./openai";
import type { ProviderProfile } from "./provider-profile";
import { gatherChat } from "./stream";

/** An adapter that speaks POST /chat/completions. */
export function createChatAdapter(options: WireOptions): WireAdapter {
  const { profile, clock } = options;
  const client = openClient(options);
  return async (request, signal) => {
    const body = chatBody(request, options);
    const { onText } = request;
    const { data, request_id } = await callProvider(clock, request.timeoutMs, signal, async (call) => {
      const { completions } = (await client()).chat;
      if (!onText) return completions.create(body, call).withResponse();
      const streamed = { ...body, stream: true as const, stream_options: { include_usage: true } };
      const { data: chunks, request_id: id } = await completions.create(streamed, call).withResponse();
      return { data: (await gatherChat(chunks, onText)) as object, request_id: id };
    });
    return { ...readAnswer(data, request.model ?? options.model), provider: profile.provider, requestId: request_id };
  };
}

/** The body of POST /chat/completions: only fields that the profile enables. */
export function chatBody(
  request: GenerateRequest,
  { profile, model, effort }: WireOptions,
): ChatCompletionCreateParamsNonStreaming {
  // Some servers take no tool_choice: there, not offering the tools is the only way to forbid them.
  const tools = request.toolChoice === "none" && !profile.toolChoice ? [] : request.tools;
  const withTools = tools.length > 0;
  return {
    model: request.model ?? model,
    messages: [systemMessage(request.system, profile), ...mergeRoles(request.items)],
    [profile.outputLimit]: request.maxOutputTokens,
    ...(profile.store && { store: false }),
    ...(profile.reasoningEffort && { reasoning_effort: withTools && profile.chatToolsForbidReasoning ? "none" : effort }),
    ...(withTools && {
      tools: tools.map(({ name, description, schema }) => ({
        type: "function" as const,
        function: { name, description, parameters: schema, ...(profile.strictTools && { strict: true }) },
      })),
      ...(profile.toolChoice && { tool_choice: request.toolChoice }),
      ...(profile.parallelTools && { parallel_tool_calls: true }),
    }),
    ...(request.format &&
      profile.jsonSchema && {
        response_format: {
          type: "json_schema" as const,
          json_schema: { name: request.format.name, schema: request.format.schema, strict: true },
        },
      }),
    ...(profile.cacheKey && request.cacheKey && { prompt_cache_key: request.cacheKey }),
    ...(profile.cacheBreakpoints && { prompt_cache_options: { mode: "implicit" as const, ttl: "30m" as const } }),
    ...(profile.safetyIdentifier && request.safetyId && { safety_identifier: request.safetyId }),
  };
}

function systemMessage(text: string, { systemRole, cacheBreakpoints }: ProviderProfile): ChatCompletionMessageParam {
  if (!cacheBreakpoints) return { role: systemRole, content: text };
  return { role: systemRole, content: [{ type: "text", text, prompt_cache_breakpoint: { mode: "explicit" } }] };
}

/** Many chat templates demand that user and assistant take turns, so neighbours of one role become one message. */
function mergeRoles(items: readonly PortItem[]): ChatCompletionMessageParam[] {
  const messages: ChatCompletionMessageParam[] = [];
  for (const item of items) {
    if (item.kind === "output") messages.push(...(item.items as ChatCompletionMessageParam[]));
    else if (item.kind === "tool-result") messages.push({ role: "tool", tool_call_id: item.callId, content: item.output });
    else {
      if (item.image) {
        messages.push({
          role: "user",
          content: [
            { type: "text", text: item.text },
            { type: "image_url", image_url: { url: item.image } },
          ],
        });
        continue;
      }
      const last = messages.at(-1);
      if (last?.role === item.role && typeof last.content === "string") last.content += `\n\n${item.text}`;
      else messages.push({ role: item.role, content: item.text });
    }
  }
  return messages;
}

const count = Type.Optional(Type.Union([Type.Number({ minimum: 0 }), Type.Null()]));
const nullableText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const CallShape = Type.Object({
  id: Type.String({ minLength: 1 }),
  function: Type.Object({ name: Type.String({ minLength: 1 }), arguments: Type.Optional(Type.String()) }),
});
const ChoiceShape = Type.Object({
  finish_reason: nullableText,
  message: Type.Object({
    content: nullableText,
    refusal: nullableText,
    tool_calls: Type.Optional(Type.Union([Type.Null(), Type.Array(CallShape)])),
  }),
});
const UsageShape = Type.Object({
  prompt_tokens: Type.Number({ minimum: 0 }),
  completion_tokens: Type.Number({ minimum: 0 }),
  prompt_tokens_details: Type.Optional(
    Type.Union([Type.Null(), Type.Object({ cached_tokens: count, cache_write_tokens: count })]),
  ),
  completion_tokens_details: Type.Optional(Type.Union([Type.Null(), Type.Object({ reasoning_tokens: count })])),
});
const AnswerShape = Type.Object({
  choices: Type.Array(ChoiceShape, { minItems: 1 }),
  model: Type.Optional(Type.Unknown()),
  usage: Type.Optional(Type.Unknown()),
});
const FailureShape = Type.Object({
  error: Type.Object({ code: Type.Optional(Type.Unknown()), message: Type.Optional(Type.Unknown()) }),
});

function readAnswer(data: unknown, askedModel: string): Omit<GenerateResult, "provider" | "requestId"> {
  if (Value.Check(FailureShape, data))
    throw translateAnswerError(String(data.error.code ?? ""), String(data.error.message ?? ""));
  if (!Value.Check(AnswerShape, data)) throw new AiError("invalid-output", { detail: "The answer has no choices." });
  const choice = data.choices[0]!;
  const { content, refusal, tool_calls } = choice.message;
  const toolCalls: ToolCall[] = (tool_calls ?? []).map((call) => ({
    callId: call.id,
    name: call.function.name,
    arguments: call.function.arguments ?? "{}",
  }));
  return {
    text: (content ?? "").trim(),
    toolCalls,
    ...(refusal && { refusal }),
    finish: finishOf(choice, toolCalls),
    usage: readUsage(data.usage),
    model: typeof data.model === "string" ? data.model : askedModel,
    wire: "chat",
    outputItems: [spokenMessage(content, choice.message.tool_calls ?? [])],
  };
}

/** The assistant's message as the next request repeats it: servers refuse fields that only answers have. */
function spokenMessage(
  content: string | null | undefined,
  calls: readonly Static<typeof CallShape>[],
): ChatCompletionMessageParam {
  return {
    role: "assistant",
    content: content ?? null,
    ...(calls.length > 0 && {
      tool_calls: calls.map((call) => ({
        id: call.id,
        type: "function" as const,
        function: { name: call.function.name, arguments: call.function.arguments ?? "{}" },
      })),
    }),
  };
}

function finishOf(choice: Static<typeof ChoiceShape>, toolCalls: readonly ToolCall[]): Finish {
  if (choice.finish_reason === "length") return "length";
  if (choice.finish_reason === "content_filter") return "content-filter";
  return toolCalls.length > 0 ? "tool-calls" : "stop";
}

function readUsage(usage: unknown): Usage | null {
  if (!Value.Check(UsageShape, usage)) return null;
  return {
    input: usage.prompt_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
    cacheWrite: usage.prompt_tokens_details?.cache_write_tokens ?? 0,
    cacheWrite12h: 0,
    output: usage.completion_tokens,
    reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}
