/** What the attribute routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { ATTRIBUTE_TYPES, AttributeView } from "../../events/customer-view";
import { Id, oneOf } from "../../events/view";

export type { AttributeView };

const name = t.String({ minLength: 1, maxLength: 80, examples: ["City"] });
const description = t.String({ maxLength: 300 });
const options = t.Array(t.String({ minLength: 1, maxLength: 100 }), {
  minItems: 1,
  maxItems: 200,
  uniqueItems: true,
  description: "Of a list: what may be chosen",
});

export const NewAttribute = t.Object(
  {
    key: t.String({ pattern: "^[a-z][a-z0-9_]{0,39}$", description: "Small letters, digits and _; it never changes" }),
    name,
    description: t.Optional(description),
    type: oneOf(ATTRIBUTE_TYPES),
    options: t.Optional(options),
  },
  { examples: [{ key: "city", name: "City", type: "list", options: ["Lima", "Cusco"] }] },
);
export type NewAttribute = Static<typeof NewAttribute>;

export const AttributePatch = t.Object(
  { name: t.Optional(name), description: t.Optional(description), options: t.Optional(options) },
  { minProperties: 1, examples: [{ options: ["Lima", "Cusco", "Puno"] }] },
);
export type AttributePatch = Static<typeof AttributePatch>;

export const AttributeParams = t.Object({ id: Id });
export const AttributeAnswer = okSchema(AttributeView);
export const AttributeList = okSchema(t.Array(AttributeView));
export const AttributeRemoved = okSchema(t.Object({ id: Id }));

/** Values as clients send them; null takes one away. What each must be its definition says. */
export const AttributeValues = t.Record(
  t.String({ pattern: "^[a-z][a-z0-9_]{0,39}$" }),
  t.Union([t.String({ maxLength: 2_000 }), t.Number(), t.Boolean(), t.Null()]),
  { description: "By key; null takes a value away", examples: [{ city: "Lima", age: 42 }] },
);
export type AttributeValues = Static<typeof AttributeValues>;
