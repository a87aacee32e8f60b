/**
 * The requests that the sandbox accepts, as strict schemas of the shapes in OpenAI's API description 2.3.0 that a client of ours can send,
 * and the few newer fields of the client library (cache lifetime of 12 hours). A field that is not here is refused, as the real service does.
 */
import { type TSchema, Type } from "@sinclair/typebox";

const closed = { additionalProperties: false } as const;
const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const optional = <S extends TSchema>(schema: S) => Type.Optional(nullable(schema));
const words = <W extends string>(...values: readonly W[]) => Type.Union(values.map((value) => Type.Literal(value)));

const Name = Type.String({ pattern: "^[a-zA-Z0-9_-]{1,64}$" });
const JsonObject = Type.Record(Type.String(), Type.Unknown());
const Effort = words("none", "minimal", "low", "medium", "high", "xhigh", "max");
const Verbosity = words("low", "medium", "high");
const ServiceTier = words("auto", "default", "flex", "scale", "priority", "fast", "ultrafast");
const Metadata = Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 512 }));
const CacheTtl = words("30m", "12h");
const CacheBreakpoint = Type.Object({ mode: Type.Literal("explicit"), ttl: Type.Optional(CacheTtl) }, closed);
const CacheOptions = Type.Object(
  { mode: Type.Optional(words("implicit", "explicit")), ttl: Type.Optional(CacheTtl), prewarm: Type.Optional(Type.Boolean()) },
  closed,
);
const ItemStatus = Type.Optional(nullable(words("in_progress", "completed", "incomplete")));

/** Fields that mean the same on both wires. */
const shared = {
  model: Type.String({ minLength: 1 }),
  store: optional(Type.Boolean()),
  stream: optional(Type.Boolean()),
  metadata: optional(Metadata),
  temperature: optional(Type.Number({ minimum: 0, maximum: 2 })),
  top_p: optional(Type.Number({ minimum: 0, maximum: 1 })),
  service_tier: optional(ServiceTier),
  safety_identifier: optional(Type.String({ maxLength: 128 })),
  prompt_cache_key: optional(Type.String({ maxLength: 128 })),
  prompt_cache_options: Type.Optional(CacheOptions),
  parallel_tool_calls: optional(Type.Boolean()),
};

export const InputText = Type.Object(
  { type: Type.Literal("input_text"), text: Type.String(), prompt_cache_breakpoint: Type.Optional(nullable(CacheBreakpoint)) },
  closed,
);
const InputImage = Type.Object(
  {
    type: Type.Literal("input_image"),
    image_url: optional(Type.String()),
    detail: Type.Optional(words("auto", "low", "high", "original")),
    prompt_cache_breakpoint: Type.Optional(nullable(CacheBreakpoint)),
  },
  closed,
);
const OutputText = Type.Object(
  {
    type: Type.Literal("output_text"),
    text: Type.String(),
    annotations: Type.Optional(Type.Array(Type.Unknown())),
    logprobs: Type.Optional(Type.Array(Type.Unknown())),
  },
  closed,
);
const Refusal = Type.Object({ type: Type.Literal("refusal"), refusal: Type.String() }, closed);
const Phase = optional(words("commentary", "final_answer"));

/** Items of `input` by their type; a message may leave its type out. */
export const InputItems = {
  message: Type.Object(
    {
      type: Type.Optional(Type.Literal("message")),
      role: words("user", "system", "developer"),
      content: Type.Union([Type.String(), Type.Array(Type.Union([InputText, InputImage]), { minItems: 1 })]),
      phase: Phase,
    },
    closed,
  ),
  assistant: Type.Object(
    {
      type: Type.Optional(Type.Literal("message")),
      id: Type.Optional(Type.String({ minLength: 1 })),
      role: Type.Literal("assistant"),
      content: Type.Union([Type.String(), Type.Array(Type.Union([OutputText, Refusal]), { minItems: 1 })]),
      status: ItemStatus,
      phase: Phase,
    },
    closed,
  ),
  function_call: Type.Object(
    {
      type: Type.Literal("function_call"),
      id: Type.Optional(Type.String({ minLength: 1 })),
      call_id: Type.String({ minLength: 1, maxLength: 64 }),
      name: Name,
      arguments: Type.String(),
      status: ItemStatus,
    },
    closed,
  ),
  function_call_output: Type.Object(
    {
      type: Type.Literal("function_call_output"),
      id: optional(Type.String({ minLength: 1 })),
      call_id: Type.String({ minLength: 1, maxLength: 64 }),
      output: Type.Union([Type.String(), Type.Array(InputText)]),
      status: ItemStatus,
    },
    closed,
  ),
  reasoning: Type.Object(
    {
      type: Type.Literal("reasoning"),
      id: Type.String({ minLength: 1 }),
      summary: Type.Array(Type.Object({ type: Type.Literal("summary_text"), text: Type.String() }, closed)),
      content: Type.Optional(Type.Array(Type.Unknown())),
      encrypted_content: optional(Type.String()),
      status: ItemStatus,
    },
    closed,
  ),
} as const;

export const FunctionTool = Type.Object(
  {
    type: Type.Literal("function"),
    name: Name,
    description: optional(Type.String()),
    parameters: nullable(JsonObject),
    strict: nullable(Type.Boolean()),
  },
  closed,
);

const TextFormat = Type.Union([
  Type.Object({ type: Type.Literal("text") }, closed),
  Type.Object({ type: Type.Literal("json_object") }, closed),
  Type.Object(
    {
      type: Type.Literal("json_schema"),
      name: Name,
      schema: JsonObject,
      strict: optional(Type.Boolean()),
      description: Type.Optional(Type.String()),
    },
    closed,
  ),
]);

const ToolMode = words("none", "auto", "required");

/** POST /responses; the items of `input` are checked one by one against InputItems. */
export const ResponsesRequest = Type.Object(
  {
    ...shared,
    input: Type.Union([Type.String(), Type.Array(Type.Unknown(), { minItems: 1 })]),
    instructions: optional(Type.String()),
    include: optional(
      Type.Array(
        words(
          "reasoning.encrypted_content",
          "message.output_text.logprobs",
          "message.input_image.image_url",
          "file_search_call.results",
          "web_search_call.action.sources",
          "code_interpreter_call.outputs",
          "computer_call_output.output.image_url",
        ),
      ),
    ),
    max_output_tokens: optional(Type.Integer({ minimum: 16 })),
    reasoning: optional(
      Type.Object({ effort: optional(Effort), summary: optional(words("auto", "concise", "detailed")) }, closed),
    ),
    text: Type.Optional(Type.Object({ format: Type.Optional(TextFormat), verbosity: optional(Verbosity) }, closed)),
    tools: Type.Optional(Type.Array(FunctionTool)),
    tool_choice: Type.Optional(Type.Union([ToolMode, Type.Object({ type: Type.Literal("function"), name: Name }, closed)])),
  },
  closed,
);

const TextPart = Type.Object(
  { type: Type.Literal("text"), text: Type.String(), prompt_cache_breakpoint: Type.Optional(CacheBreakpoint) },
  closed,
);
const ImagePart = Type.Object(
  {
    type: Type.Literal("image_url"),
    image_url: Type.Object({ url: Type.String(), detail: Type.Optional(words("auto", "low", "high")) }, closed),
  },
  closed,
);
const texts = Type.Union([Type.String(), Type.Array(TextPart, { minItems: 1 })]);
const ChatName = Type.Optional(Type.String());

/** Messages of POST /chat/completions by their role. */
export const ChatMessages = {
  system: Type.Object({ role: Type.Literal("system"), content: texts, name: ChatName }, closed),
  developer: Type.Object({ role: Type.Literal("developer"), content: texts, name: ChatName }, closed),
  user: Type.Object(
    {
      role: Type.Literal("user"),
      content: Type.Union([Type.String(), Type.Array(Type.Union([TextPart, ImagePart]), { minItems: 1 })]),
      name: ChatName,
    },
    closed,
  ),
  assistant: Type.Object(
    {
      role: Type.Literal("assistant"),
      content: optional(texts),
      refusal: optional(Type.String()),
      name: ChatName,
      tool_calls: Type.Optional(
        Type.Array(
          Type.Object(
            {
              id: Type.String({ minLength: 1 }),
              type: Type.Literal("function"),
              function: Type.Object({ name: Name, arguments: Type.String() }, closed),
            },
            closed,
          ),
          { minItems: 1 },
        ),
      ),
    },
    closed,
  ),
  tool: Type.Object({ role: Type.Literal("tool"), content: texts, tool_call_id: Type.String({ minLength: 1 }) }, closed),
} as const;

export const ChatTool = Type.Object(
  {
    type: Type.Literal("function"),
    function: Type.Object(
      {
        name: Name,
        description: Type.Optional(Type.String()),
        parameters: Type.Optional(JsonObject),
        strict: optional(Type.Boolean()),
      },
      closed,
    ),
  },
  closed,
);

/** POST /chat/completions; the messages are checked one by one against ChatMessages. */
export const ChatRequest = Type.Object(
  {
    ...shared,
    messages: Type.Array(Type.Unknown(), { minItems: 1 }),
    stream_options: optional(Type.Object({ include_usage: Type.Optional(Type.Boolean()) }, closed)),
    max_completion_tokens: optional(Type.Integer({ minimum: 1 })),
    max_tokens: optional(Type.Integer({ minimum: 1 })),
    n: optional(Type.Literal(1)),
    stop: optional(Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: 4 })])),
    seed: optional(Type.Integer()),
    frequency_penalty: optional(Type.Number({ minimum: -2, maximum: 2 })),
    presence_penalty: optional(Type.Number({ minimum: -2, maximum: 2 })),
    reasoning_effort: optional(Effort),
    verbosity: optional(Verbosity),
    response_format: Type.Optional(
      Type.Union([
        Type.Object({ type: Type.Literal("text") }, closed),
        Type.Object({ type: Type.Literal("json_object") }, closed),
        Type.Object(
          {
            type: Type.Literal("json_schema"),
            json_schema: Type.Object(
              {
                name: Name,
                schema: JsonObject,
                strict: optional(Type.Boolean()),
                description: Type.Optional(Type.String()),
              },
              closed,
            ),
          },
          closed,
        ),
      ]),
    ),
    tools: Type.Optional(Type.Array(ChatTool)),
    tool_choice: Type.Optional(
      Type.Union([
        ToolMode,
        Type.Object({ type: Type.Literal("function"), function: Type.Object({ name: Name }, closed) }, closed),
      ]),
    ),
  },
  closed,
);

/** POST /embeddings. */
export const ModerationRequest = Type.Object(
  {
    model: Type.Optional(Type.String({ minLength: 1 })),
    input: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 2048 })]),
  },
  closed,
);

export const EmbeddingRequest = Type.Object(
  {
    model: Type.String({ minLength: 1 }),
    input: Type.Union([
      Type.String({ minLength: 1 }),
      Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 2048 }),
    ]),
    dimensions: Type.Optional(Type.Integer({ minimum: 1, maximum: 3072 })),
    encoding_format: Type.Optional(words("float", "base64")),
    user: Type.Optional(Type.String()),
  },
  closed,
);
