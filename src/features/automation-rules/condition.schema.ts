/** When a rule holds: fields, operators and values, all or any of them, one level of groups. */
import { type Static, Type as t } from "@sinclair/typebox";

export const OPERATORS = [
  "equals",
  "not-equals",
  "contains",
  "not-contains",
  "has-word",
  "starts-with",
  "above",
  "below",
  "has-any",
  "has-all",
  "has-none",
  "before",
  "after",
  "within-days",
  "set",
  "unset",
] as const;
export type Operator = (typeof OPERATORS)[number];

const text = t.String({ maxLength: 1_000 });

export const Check = t.Object(
  {
    field: t.String({
      minLength: 1,
      maxLength: 80,
      description: "Such as conversation.priority, contact.attributes.city, message.text, hours.open",
      examples: ["message.text"],
    }),
    is: t.Union(OPERATORS.map((name) => t.Literal(name)) as unknown as [ReturnType<typeof t.Literal<Operator>>]),
    value: t.Optional(
      t.Union([text, t.Number(), t.Boolean(), t.Array(text, { minItems: 1, maxItems: 50 })], {
        description: "Of several texts any one is enough",
      }),
    ),
  },
  { additionalProperties: false, title: "RuleCheck" },
);
export type Check = Static<typeof Check>;

const checks = t.Array(Check, { minItems: 1, maxItems: 20 });
const Group = t.Union([
  t.Object({ all: checks }, { additionalProperties: false }),
  t.Object({ any: checks }, { additionalProperties: false }),
]);
const nodes = t.Array(t.Union([Check, Group]), { maxItems: 20 });

export const Conditions = t.Union(
  [t.Object({ all: nodes }, { additionalProperties: false }), t.Object({ any: nodes }, { additionalProperties: false })],
  { title: "RuleConditions", description: "`all` of nothing always holds" },
);
export type Conditions = Static<typeof Conditions>;
export type Node = Check | { all: Check[] } | { any: Check[] };
