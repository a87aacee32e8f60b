/** What the routes of rules accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, oneOf, Timestamp } from "../../events/view";
import { AutomationActions } from "../automation-actions/automation-run.service";
import { Check, Conditions } from "./condition.schema";
import { TRIGGERS } from "./rule-trigger";

const fields = {
  name: t.String({ minLength: 1, maxLength: 80, examples: ["Urgente sube la prioridad"] }),
  description: t.String({ maxLength: 500 }),
  isEnabled: t.Boolean(),
  trigger: t.Object(
    {
      event: oneOf(TRIGGERS),
      minutes: t.Optional(
        t.Integer({ minimum: 1, maximum: 43_200, description: "Of silence:customer and silence:team: how long nobody writes" }),
      ),
      inBusinessHours: t.Optional(t.Boolean({ description: "Of silence: only open hours count" })),
    },
    { additionalProperties: false },
  ),
  conditions: Conditions,
  actions: AutomationActions,
  stops: t.Boolean({ description: "When it matches, later rules do not get this event" }),
  limit: t.Object(
    { times: t.Integer({ minimum: 1, maximum: 100 }), minutes: t.Integer({ minimum: 1, maximum: 43_200 }) },
    { additionalProperties: false, description: "How often at most on one conversation, in so many minutes" },
  ),
};
const example = {
  name: "Urgente sube la prioridad",
  trigger: { event: "message:received" },
  conditions: { all: [{ field: "message.text", is: "has-word", value: ["urgente", "reclamo"] }] },
  actions: [
    { do: "priority", priority: "urgent" },
    { do: "label", add: ["urgente"] },
  ],
};

export const RuleView = t.Object(
  {
    id: Id,
    ...fields,
    order: t.Integer({ description: "Rules that want the same event go in this order" }),
    version: t.Integer({ minimum: 0 }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: "AutomationRule" },
);
export type RuleView = Static<typeof RuleView>;

const { name, trigger, actions } = fields;
const { description, isEnabled, conditions, stops, limit } = t.Partial(t.Object(fields)).properties;

export const NewRule = t.Object(
  { name, trigger, actions, description, isEnabled, conditions, stops, limit },
  { examples: [example] },
);
export type NewRule = Static<typeof NewRule>;

export const RulePatch = t.Object(
  {
    version: t.Optional(t.Integer({ minimum: 0, description: "The version the change is based on; another one answers 409" })),
    ...t.Partial(t.Object(fields)).properties,
  },
  { minProperties: 1 },
);
export type RulePatch = Static<typeof RulePatch>;

export const RuleOrder = t.Object({ rules: t.Array(Id, { minItems: 1, maxItems: 500, uniqueItems: true }) });

const about = {
  conversation: Id,
  message: t.Optional(t.String({ ...Id, description: "The customer's newest message when left out" })),
};
export const RuleTest = t.Object(about);
export const DraftTest = t.Object({ ...about, conditions }, { examples: [{ conversation: "019345f2c1a4000a5be1f00d" }] });
export type DraftTest = Static<typeof DraftTest>;

export const RuleParams = t.Object({ id: Id });
export const RuleAnswer = okSchema(RuleView);
export const RuleList = okSchema(t.Array(RuleView));
export const RuleRemoved = okSchema(t.Object({ id: Id }));
export const RuleTestView = t.Object({
  matched: t.Boolean({ description: "Whether it would have matched" }),
  message: t.Union([Id, t.Null()], { description: "The message it was tried with" }),
  checks: t.Array(
    t.Object({
      field: Check.properties.field,
      is: Check.properties.is,
      value: t.Unknown(),
      actual: t.Unknown({ description: "What was there" }),
      holds: t.Boolean(),
    }),
  ),
});
export type RuleTestView = Static<typeof RuleTestView>;
export const RuleTestAnswer = okSchema(RuleTestView);
export const RuleFields = okSchema(
  t.Object({
    triggers: t.Array(t.String()),
    fields: t.Array(t.Object({ name: t.String(), kind: t.String(), operators: t.Array(t.String()) })),
  }),
);
