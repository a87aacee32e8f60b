/** What the routes of surveys accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { pageQuery, pageSchema } from "../../core/envelope";
import { CSAT_STATES, CsatView } from "../../events/automation-view";
import { Id, oneOf } from "../../events/view";

export const CsatQuery = t.Object({
  ...pageQuery,
  state: t.Optional(oneOf(CSAT_STATES)),
  score: t.Optional(t.String({ pattern: "^[1-5]$" })),
  agent: t.Optional(t.String({ minLength: 1, maxLength: 60 })),
  team: t.Optional(Id),
  channel: t.Optional(t.String({ minLength: 1, maxLength: 40 })),
  conversation: t.Optional(Id),
  contact: t.Optional(Id),
  from: t.Optional(t.String({ format: "date-time", description: "Asked not before" })),
  to: t.Optional(t.String({ format: "date-time", description: "Asked before" })),
});
export type CsatQuery = Static<typeof CsatQuery>;
export const CsatPage = pageSchema(CsatView);
