/** What the routes of policies accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { SLA_TARGETS } from "../../events/automation-view";
import { Id, nullable, oneOf, PRIORITIES, Timestamp } from "../../events/view";

const minutes = (description: string) => t.Union([t.Integer({ minimum: 1, maximum: 525_600 }), t.Null()], { description });
const list = <T extends Parameters<typeof t.Array>[0]>(item: T) => t.Array(item, { maxItems: 100, uniqueItems: true });

const fields = {
  name: t.String({ minLength: 1, maxLength: 80, examples: ["Clientes VIP"] }),
  isEnabled: t.Boolean(),
  order: t.Integer({ minimum: 0, maximum: 1_000_000, description: "The first one that fits holds" }),
  match: t.Object(
    {
      priorities: list(oneOf(PRIORITIES)),
      teams: list(Id),
      labels: list(t.String({ minLength: 1, maxLength: 60 })),
      channels: list(t.String({ minLength: 1, maxLength: 40 })),
    },
    { additionalProperties: false, description: "Of every list that is not empty one has to fit" },
  ),
  firstReply: minutes("Minutes until somebody answers for the first time; null: not promised"),
  nextReply: minutes("Minutes until each later message is answered"),
  resolution: minutes("Minutes until it is resolved"),
  warnPercent: t.Integer({ minimum: 10, maximum: 99, description: "After how much of the time people are warned" }),
  inBusinessHours: t.Boolean({ description: "Only open hours count: of the team, else the number, else the company" }),
  pausesInSnooze: t.Boolean({ description: "Whether the clocks stand still while it is snoozed" }),
  assistantCounts: t.Boolean({ description: "Whether an answer of the assistant keeps the promise of a reply" }),
};

export const PolicyView = t.Object(
  { id: Id, ...fields, version: t.Integer({ minimum: 0 }), createdAt: Timestamp, updatedAt: Timestamp },
  { title: "SlaPolicy" },
);
export type PolicyView = Static<typeof PolicyView>;

const partial = t.Partial(t.Object({ ...fields, match: t.Partial(fields.match, { additionalProperties: false }) })).properties;
export const NewPolicy = t.Object(
  { ...partial, name: fields.name },
  { examples: [{ name: "Clientes VIP", match: { labels: ["vip"] }, firstReply: 15, nextReply: 30, resolution: 480 }] },
);
export type NewPolicy = Static<typeof NewPolicy>;

export const PolicyPatch = t.Object(
  {
    version: t.Optional(t.Integer({ minimum: 0, description: "The version the change is based on; another one answers 409" })),
    ...partial,
  },
  { minProperties: 1 },
);
export type PolicyPatch = Static<typeof PolicyPatch>;

export const PolicyParams = t.Object({ id: Id });
export const PolicyAnswer = okSchema(PolicyView);
export const PolicyList = okSchema(t.Array(PolicyView));
export const PolicyRemoved = okSchema(t.Object({ id: Id }));

export const SlaStateView = t.Object(
  {
    policy: Id,
    policyName: nullable(t.String()),
    clocks: t.Array(
      t.Object({
        target: oneOf(SLA_TARGETS),
        state: oneOf(["running", "warned", "breached", "paused"]),
        startedAt: Timestamp,
        dueAt: nullable(t.String({ description: "Null: not promised, or standing still" })),
      }),
    ),
  },
  { title: "SlaState" },
);
export type SlaStateView = Static<typeof SlaStateView>;
export const SlaStateAnswer = okSchema(t.Union([SlaStateView, t.Null()]));
