/** What the agent routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { AGENT_STATUSES, AgentView, Id, oneOf } from "../../events/view";

export const Email = t.String({ minLength: 3, maxLength: 254, pattern: "^[^@\\s]+@[^@\\s]+$", examples: ["ana@tienda.example"] });
export const AgentName = t.String({ minLength: 1, maxLength: 200, pattern: "\\S", examples: ["Ana Quispe"] });
const role = t.String({ minLength: 1, maxLength: 40, description: "Name of a role", examples: ["agent"] });
const teams = t.Array(Id, { maxItems: 50, uniqueItems: true, description: "Teams they belong to" });
const capacity = t.Union([t.Integer({ minimum: 0, maximum: 1_000 }), t.Null()], {
  description: "Conversations they take at once; null: no limit of their own",
});

export const AgentParams = t.Object({ id: Id });
export const AgentQuery = t.Object({
  ...pageQuery,
  status: t.Optional(oneOf(AGENT_STATUSES)),
  team: t.Optional(Id),
});
export type AgentQuery = Static<typeof AgentQuery>;

export const Invitation = t.Object(
  {
    email: Email,
    name: t.Optional(AgentName),
    role,
    teams: t.Optional(teams),
    capacity: t.Optional(capacity),
  },
  { additionalProperties: false },
);
export type Invitation = Static<typeof Invitation>;

export const AgentPatch = t.Object(
  { name: t.Optional(AgentName), role: t.Optional(role), teams: t.Optional(teams), capacity: t.Optional(capacity) },
  { additionalProperties: false, minProperties: 1 },
);
export type AgentPatch = Static<typeof AgentPatch>;

export const AgentAnswer = okSchema(AgentView);
export const AgentPage = pageSchema(AgentView);
export const AgentRemoved = okSchema(t.Object({ id: Id }));

/** A link for somebody: sent by mail where mail is configured, else shown to who asked, once. */
export const Handed = t.Object({
  sent: t.Boolean({ description: "Whether it was sent by e-mail" }),
  link: t.Union([t.String(), t.Null()], { description: "The link to hand over, when no mail is configured" }),
  expiresAt: t.String(),
});
export type Handed = Static<typeof Handed>;
export const InvitedAnswer = okSchema(t.Object({ agent: AgentView, invitation: Handed }));
export const HandedAnswer = okSchema(Handed);
