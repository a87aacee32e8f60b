/** What the routes of the assistant's own tools accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, nullable, oneOf, Timestamp } from "../../events/view";

const NAME = "^[a-z][a-z0-9_]{2,39}$";
const HEADER = "^[A-Za-z][A-Za-z0-9-]{0,63}$";

const Parameter = t.Object(
  {
    name: t.String({ pattern: "^[a-z][a-z0-9_]{0,39}$", examples: ["order_number"] }),
    type: oneOf(["text", "number", "boolean", "date"]),
    description: t.String({ maxLength: 300, description: "For the model: what belongs here" }),
    isRequired: t.Boolean(),
    options: t.Array(t.String({ minLength: 1, maxLength: 100 }), {
      maxItems: 50,
      description: "What may be chosen; anything when empty",
    }),
  },
  { additionalProperties: false },
);

const fields = {
  name: t.String({ pattern: NAME, examples: ["order_status"] }),
  description: t.String({ minLength: 10, maxLength: 1_000, description: "For the model: when to use it and what comes back" }),
  method: oneOf(["GET", "POST", "PUT", "PATCH", "DELETE"]),
  url: t.String({
    minLength: 10,
    maxLength: 1_000,
    description: "May hold {parameter} behind its host; the rest goes into the query of GET and DELETE, else into a JSON body",
    examples: ["https://shop.example.com/orders/{order_number}"],
  }),
  parameters: t.Array(Parameter, { maxItems: 20 }),
  headers: t.Record(t.String({ pattern: HEADER }), t.String({ maxLength: 500, pattern: "^[\\x20-\\x7e]*$" }), {
    maxProperties: 20,
  }),
  secretHeader: nullable(
    t.String({ pattern: HEADER, description: "Header that carries the secret", examples: ["authorization"] }),
  ),
  timeoutMs: t.Integer({ minimum: 500, maximum: 20_000 }),
  changes: t.Boolean({ description: "It leaves something there: it is called once, and the turn is finished then" }),
  confirms: t.Boolean({ description: "The customer is asked and taps a button before it is called" }),
  question: t.String({
    maxLength: 900,
    description: "What they are asked; may hold {parameter}",
    examples: ["¿Anulo el pedido {order_number}?"],
  }),
  isEnabled: t.Boolean(),
};
const Secret = nullable(
  t.String({
    minLength: 1,
    maxLength: 2_000,
    pattern: "^[\\x20-\\x7e]+$",
    description: "Value of that header; never shown again",
  }),
);

export const ToolView = t.Object(
  {
    id: Id,
    ...fields,
    hasSecret: t.Boolean(),
    version: t.Integer({ minimum: 0 }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: "AssistantTool" },
);
export type ToolView = Static<typeof ToolView>;

const { name, description, method, url, ...rest } = fields;
export const NewTool = t.Object({
  name,
  description,
  method,
  url,
  ...t.Partial(t.Object(rest)).properties,
  secret: t.Optional(Secret),
});
export type NewTool = Static<typeof NewTool>;
export const ToolPatch = t.Object(
  {
    version: t.Optional(t.Integer({ minimum: 0, description: "The version the change is based on; another one answers 409" })),
    ...t.Partial(t.Object(fields)).properties,
    secret: t.Optional(Secret),
  },
  { minProperties: 1 },
);
export type ToolPatch = Static<typeof ToolPatch>;

export const ToolTrial = t.Object({
  args: t.Record(t.String({ maxLength: 40 }), t.Union([t.String({ maxLength: 1_000 }), t.Number(), t.Boolean()]), {
    maxProperties: 20,
  }),
});
export const ToolParams = t.Object({ id: Id });
export const ToolAnswer = okSchema(ToolView);
export const ToolList = okSchema(t.Array(ToolView));
export const ToolRemoved = okSchema(t.Object({ id: Id }));
export const TrialAnswer = okSchema(t.Object({ ok: t.Boolean(), result: t.Unknown(), ms: t.Integer() }));
