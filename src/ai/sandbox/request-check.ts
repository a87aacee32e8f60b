/** Checks requests as the real service would: the strict schemas, then the rules that a schema cannot say. Throws ApiError. */
import type { Static, TSchema } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import { Value, type ValueError, ValueErrorType } from "@sinclair/typebox/value";
import { refuse } from "./api-error";
import type { Dialogue, DialogueItem, DialogueTool } from "./dialogue";
import {
  ChatMessages,
  ChatRequest,
  EmbeddingRequest,
  InputItems,
  ModerationRequest,
  ResponsesRequest,
} from "./openapi-2-3-0.schema";

const ENDED: Readonly<Record<string, string>> = {
  prompt: "Reusable prompts have been shut down.",
  previous_response_id: "Previous response not found: nothing is stored here.",
  conversation: "Conversation not found: nothing is stored here.",
};

/** Reads a body of POST /responses. */
export function readResponsesRequest(body: unknown): Dialogue & { wantsEncryptedReasoning: boolean } {
  const request = expect(ResponsesRequest, body, "");
  checkMetadata(request.metadata);
  const items: DialogueItem[] = [];
  if (request.instructions) items.push(text("system", request.instructions));
  if (typeof request.input === "string") items.push(text("user", request.input));
  else items.push(...request.input.flatMap((item, index) => readInputItem(item, `input[${index}]`)));
  const format = request.text?.format;
  const dialogue = {
    model: request.model,
    items,
    tools: (request.tools ?? []).map((tool, index) =>
      readTool(tool.name, tool.parameters ?? {}, tool.strict === true, JSON.stringify(tool), `tools[${index}]`),
    ),
    toolChoice: typeof request.tool_choice === "object" ? { name: request.tool_choice.name } : (request.tool_choice ?? "auto"),
    format: format?.type === "json_schema" ? format.schema : null,
    maxOutputTokens: request.max_output_tokens ?? null,
    ...cacheOf(request),
    wantsEncryptedReasoning:
      (request.include ?? []).includes("reasoning.encrypted_content") && request.reasoning?.effort !== "none",
  };
  checkDialogue(dialogue, "input", "No tool output found for function call");
  return dialogue;
}

/** Reads a body of POST /chat/completions. */
export function readChatRequest(body: unknown): Dialogue {
  const request = expect(ChatRequest, body, "");
  checkMetadata(request.metadata);
  const items = request.messages.flatMap((message, index) => readChatMessage(message, `messages[${index}]`));
  const tools = (request.tools ?? []).map(({ function: tool }, index) =>
    readTool(tool.name, tool.parameters ?? {}, tool.strict === true, JSON.stringify(tool), `tools[${index}].function`),
  );
  if (tools.length > 0 && request.reasoning_effort !== undefined && request.reasoning_effort !== "none") {
    throw refuse("reasoning_effort", "Function tools with reasoning are not supported on /v1/chat/completions for this model.");
  }
  const dialogue: Dialogue = {
    model: request.model,
    items,
    tools,
    toolChoice:
      typeof request.tool_choice === "object" ? { name: request.tool_choice.function.name } : (request.tool_choice ?? "auto"),
    format: request.response_format?.type === "json_schema" ? request.response_format.json_schema.schema : null,
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens ?? null,
    ...cacheOf(request),
  };
  checkDialogue(dialogue, "messages", "An assistant message with tool_calls must be followed by a tool message for");
  return dialogue;
}

/** Reads a body of POST /moderations. */
export const readModerationRequest = (body: unknown): Static<typeof ModerationRequest> => expect(ModerationRequest, body, "");

/** Reads a body of POST /embeddings. */
export const readEmbeddingRequest = (body: unknown): Static<typeof EmbeddingRequest> => expect(EmbeddingRequest, body, "");

const checks = new WeakMap<TSchema, TypeCheck<TSchema>>();

/** The schema as a function, made at its first use: ten times quicker than walking the schema for each request. */
function compiled(schema: TSchema): TypeCheck<TSchema> {
  let check = checks.get(schema);
  if (!check) {
    check = TypeCompiler.Compile(schema);
    checks.set(schema, check);
  }
  return check;
}

/** The checked value, or a refusal that names the first wrong field. */
function expect<S extends TSchema>(schema: S, value: unknown, at: string): Static<S> {
  if (compiled(schema).Check(value)) return value as Static<S>;
  const first = deepest(Value.Errors(schema, value).First()!);
  const path = first.path.slice(1).split("/").filter(Boolean);
  const param = [at, ...path]
    .filter(Boolean)
    .join(".")
    .replace(/\.(\d+)/g, "[$1]");
  const field = path[0] ?? "";
  if (at === "" && field in ENDED) throw refuse(field, ENDED[field]!, `${field}_not_found`);
  if (first.type === ValueErrorType.ObjectAdditionalProperties)
    throw refuse(param, `Unknown parameter: '${param}'.`, "unknown_parameter");
  if (first.type === ValueErrorType.ObjectRequiredProperty) {
    throw refuse(param, `Missing required parameter: '${param}'.`, "missing_required_parameter");
  }
  throw refuse(param, `Invalid value for '${param || "body"}': ${first.message}.`);
}

/** Of a union, the error of the variant that fits furthest; the union itself when none fits at all. */
function deepest(error: ValueError): ValueError {
  let best = error;
  for (const variant of error.errors) {
    const first = variant.First();
    if (!first) continue;
    const inner = deepest(first);
    if (depthOf(inner) > depthOf(best)) best = inner;
  }
  return best;
}

const depthOf = ({ path }: ValueError): number => path.split("/").length;

const text = (role: "system" | "user" | "assistant", value: string, breakpoint = false): DialogueItem => ({
  kind: "text",
  role,
  text: value,
  breakpoint,
});

function readInputItem(item: unknown, at: string): DialogueItem[] {
  const { type = "message", role } = (item ?? {}) as { type?: unknown; role?: unknown };
  if (type === "function_call") {
    const call = expect(InputItems.function_call, item, at);
    return [{ kind: "call", name: call.name, arguments: call.arguments, callId: call.call_id }];
  }
  if (type === "function_call_output") {
    const { call_id, output } = expect(InputItems.function_call_output, item, at);
    return [
      {
        kind: "result",
        callId: call_id,
        output: typeof output === "string" ? output : output.map((part) => part.text).join("\n"),
      },
    ];
  }
  if (type === "reasoning") {
    const reasoning = expect(InputItems.reasoning, item, at);
    if (!reasoning.encrypted_content) {
      throw refuse(at, `Item with id '${reasoning.id}' not found. Items are not persisted when 'store' is set to false.`);
    }
    return [text("assistant", reasoning.encrypted_content)];
  }
  if (type !== "message")
    throw refuse(`${at}.type`, `Invalid value: '${String(type)}'. The sandbox knows messages, function calls and reasoning.`);
  if (role === "assistant") {
    const { content } = expect(InputItems.assistant, item, at);
    if (typeof content === "string") return [text("assistant", content)];
    return content.map((part) => text("assistant", part.type === "refusal" ? part.refusal : part.text));
  }
  const message = expect(InputItems.message, item, at);
  const speaker = message.role === "user" ? "user" : "system";
  if (typeof message.content === "string") return [text(speaker, message.content)];
  return message.content.map((part) =>
    text(speaker, part.type === "input_text" ? part.text : "[image]", Boolean(part.prompt_cache_breakpoint)),
  );
}

function readChatMessage(message: unknown, at: string): DialogueItem[] {
  const { role } = (message ?? {}) as { role?: unknown };
  if (typeof role !== "string" || !(role in ChatMessages)) throw refuse(`${at}.role`, `Invalid value: '${String(role)}'.`);
  if (role === "tool") {
    const { content, tool_call_id } = expect(ChatMessages.tool, message, at);
    return [{ kind: "result", callId: tool_call_id, output: joined(content) }];
  }
  if (role === "assistant") {
    const { content, refusal, tool_calls } = expect(ChatMessages.assistant, message, at);
    const said = [content ? joined(content) : "", refusal ?? ""].join("");
    if (said === "" && !tool_calls) throw refuse(at, "An assistant message needs content or tool_calls.");
    return [
      ...(said === "" ? [] : [text("assistant", said)]),
      ...(tool_calls ?? []).map((call) => ({
        kind: "call" as const,
        name: call.function.name,
        arguments: call.function.arguments,
        callId: call.id,
      })),
    ];
  }
  if (role === "user") {
    const { content } = expect(ChatMessages.user, message, at);
    if (typeof content === "string") return [text("user", content)];
    return content.map((part) => text("user", part.type === "text" ? part.text : "[image]"));
  }
  const { content } = expect(role === "system" ? ChatMessages.system : ChatMessages.developer, message, at);
  if (typeof content === "string") return [text("system", content)];
  return content.map((part) => text("system", part.text, Boolean(part.prompt_cache_breakpoint)));
}

const joined = (content: string | readonly { text: string }[]): string =>
  typeof content === "string" ? content : content.map((part) => part.text).join("\n");

function cacheOf(request: {
  prompt_cache_key?: string | null;
  prompt_cache_options?: { mode?: "implicit" | "explicit"; ttl?: "30m" | "12h" };
}): Pick<Dialogue, "cacheKey" | "cacheMode" | "cacheTtl"> {
  const { mode = "implicit", ttl = "30m" } = request.prompt_cache_options ?? {};
  return { cacheKey: request.prompt_cache_key ?? "", cacheMode: mode, cacheTtl: ttl };
}

function checkMetadata(metadata: Record<string, string> | null | undefined): void {
  if (metadata && Object.keys(metadata).length > 16) throw refuse("metadata", "At most 16 pairs of metadata are allowed.");
}

function readTool(name: string, schema: Record<string, unknown>, strict: boolean, source: string, at: string): DialogueTool {
  if (strict) checkStrict(schema, name, `${at}.parameters`);
  return { name, schema, source };
}

/** What `strict: true` demands of a schema, at every depth. */
function checkStrict(schema: unknown, tool: string, at: string): void {
  if (typeof schema !== "object" || schema === null) throw invalidSchema(tool, at, "it is not an object");
  const { type, properties, required, additionalProperties, items, anyOf } = schema as Record<string, unknown>;
  if (type === "object") {
    if (additionalProperties !== false)
      throw invalidSchema(tool, at, "'additionalProperties' is required to be supplied and to be false");
    const keys = Object.keys((properties as object | undefined) ?? {});
    const listed = new Set(Array.isArray(required) ? required : []);
    const missing = keys.find((key) => !listed.has(key));
    if (missing !== undefined || listed.size !== keys.length) {
      throw invalidSchema(tool, at, `'required' must name every key of properties${missing ? `; '${missing}' is missing` : ""}`);
    }
    for (const [key, property] of Object.entries((properties as object | undefined) ?? {}))
      checkStrict(property, tool, `${at}.${key}`);
  }
  if (items !== undefined) checkStrict(items, tool, `${at}[]`);
  if (Array.isArray(anyOf)) for (const variant of anyOf) checkStrict(variant, tool, at);
}

const invalidSchema = (tool: string, at: string, why: string) =>
  refuse(at, `Invalid schema for function '${tool}': ${why}.`, "invalid_function_parameters");

function checkDialogue({ items, tools, toolChoice }: Dialogue, param: string, unanswered: string): void {
  const names = tools.map((tool) => tool.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw refuse("tools", `The tool name '${twice}' is used twice.`);
  if (typeof toolChoice === "object" && !names.includes(toolChoice.name))
    throw refuse("tool_choice", `Tool '${toolChoice.name}' not found in 'tools'.`);
  if (toolChoice === "required" && tools.length === 0)
    throw refuse("tool_choice", "'tool_choice' is only allowed when 'tools' are specified.");
  const open = new Set<string>();
  for (const item of items) {
    if (item.kind === "call") open.add(item.callId);
    else if (item.kind === "result") {
      if (!open.delete(item.callId)) throw refuse(param, `No function call found for the output with call_id '${item.callId}'.`);
    }
  }
  const [first] = open;
  if (first !== undefined) throw refuse(param, `${unanswered} ${first}.`);
}
