/** What the team routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { AgentView, Id, TeamView } from "../../events/view";

const name = t.String({ minLength: 1, maxLength: 100, pattern: "\\S", examples: ["Sales"] });
const description = t.String({ maxLength: 500, examples: ["Prices, offers and orders"] });

export const TeamParams = t.Object({ id: Id });
export const MemberParams = t.Object({ id: Id, agent: Id });
export const NewTeam = t.Object({ name, description: t.Optional(description) }, { additionalProperties: false });
export type NewTeam = Static<typeof NewTeam>;
export const TeamPatch = t.Object(
  { name: t.Optional(name), description: t.Optional(description) },
  { additionalProperties: false, minProperties: 1 },
);
export type TeamPatch = Static<typeof TeamPatch>;

export const TeamAnswer = okSchema(TeamView);
export const TeamList = okSchema(t.Array(TeamView));
export const TeamRemoved = okSchema(t.Object({ id: Id }));
export const MemberAnswer = okSchema(AgentView);
