/** What the routes of the assistant's connection accept and answer. The key goes in and never comes out. */
import { type Static, type TSchema, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Timestamp } from "../../events/view";

const strict = { additionalProperties: false } as const;
const nullable = <T extends TSchema>(schema: T, description = "") =>
  t.Union([schema, t.Null()], description ? { description } : {});
const provider = t.Union([
  t.Literal("openai"),
  t.Literal("azure"),
  t.Literal("openrouter"),
  t.Literal("ollama"),
  t.Literal("lm-studio"),
  t.Literal("vllm"),
  t.Literal("gemini"),
  t.Literal("compatible"),
]);
const wire = t.Union([t.Literal("responses"), t.Literal("chat")]);
const fields = {
  apiKey: nullable(t.String({ minLength: 1, maxLength: 1_000, pattern: "^\\S+$" }), "Key of the provider; null: it wants none"),
  baseUrl: nullable(
    t.String({ maxLength: 2_048, pattern: "^https?://[^\\s]+$" }),
    "Address of an OpenAI-compatible server, usually ending in /v1; null: OpenAI itself",
  ),
  model: nullable(t.String({ minLength: 1, maxLength: 120 }), "Model (Azure: name of the deployment); null: the default one"),
  provider: nullable(provider, "Which fields the server understands; null: told by its address"),
  wire: nullable(wire, "Which protocol it speaks; null: told by the provider, else found out with the first call"),
};

export const ConnectionPatch = t.Object(
  {
    version: t.Integer({ minimum: 0, maximum: 2_000_000_000, description: "The version this change was made from" }),
    values: t.Partial(t.Object(fields), { ...strict, minProperties: 1 }),
  },
  strict,
);
export type ConnectionPatch = Static<typeof ConnectionPatch>;

/** A connection to try; what is left out is taken from the one in use. */
export const ConnectionTrial = t.Partial(t.Object(fields), strict);
export type ConnectionTrial = Static<typeof ConnectionTrial>;

const View = t.Object({
  source: t.Union([t.Literal("environment"), t.Literal("stored"), t.Literal("sandbox"), t.Literal("none")]),
  version: t.Integer({ description: "Of the stored one; 0: nothing was ever stored" }),
  provider: nullable(t.String()),
  baseUrl: nullable(t.String()),
  model: nullable(t.String()),
  wire: nullable(wire),
  hasKey: t.Boolean(),
  keyEnd: nullable(t.String({ description: "The last characters of the stored key" })),
  isKeyReadable: t.Boolean({ description: "False: the encryption key has changed, and the key has to be entered again" }),
  updatedAt: nullable(Timestamp),
  updatedBy: nullable(t.Object({ id: t.String(), name: t.String() })),
});
export type ConnectionView = Static<typeof View>;
export const ConnectionAnswer = okSchema(View);

export const ProbeAnswer = okSchema(
  t.Object({
    provider: t.String(),
    wire: nullable(wire),
    model: nullable(t.String({ description: "The model that answered, in the provider's words" })),
    steps: t.Array(
      t.Object({
        step: t.Union([t.Literal("plain"), t.Literal("tool"), t.Literal("structured")]),
        ok: t.Boolean(),
        ms: t.Integer(),
        problem: t.Optional(t.String()),
        detail: t.Optional(t.String()),
      }),
    ),
    usable: t.Boolean({ description: "It can answer customers" }),
    canUseTools: t.Boolean({ description: "It can hand over and use tools" }),
    suggestedWire: t.Optional(wire),
  }),
);

export const ModelList = okSchema(
  t.Array(
    t.Object({
      id: t.String(),
      shutdownDate: nullable(t.String({ description: "YYYY-MM-DD" })),
      warning: nullable(
        t.Object({
          state: t.Union([t.Literal("ended"), t.Literal("ends-soon")]),
          date: t.String(),
          daysLeft: t.Integer(),
          successor: nullable(t.String()),
        }),
      ),
    }),
  ),
);
