/** What the routes under `/deliveries` accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { Id, MessageView, oneOf } from "../../events/view";

export const UnresolvedParams = t.Object({ id: Id });

export const UnresolvedQuery = t.Object({
  ...pageQuery,
  state: oneOf(["unknown", "failed"]),
});
export type UnresolvedQuery = Static<typeof UnresolvedQuery>;

export const UnresolvedCounts = t.Object({
  waiting: t.Integer({ description: "Messages on their way: queued, being sent, or waiting for their status" }),
  unknown: t.Integer({ description: "Sends whose outcome is not known (yet)" }),
  failed: t.Integer({ description: "Sends that failed and that nobody has looked at" }),
});
export type UnresolvedCounts = Static<typeof UnresolvedCounts>;

export const UnresolvedPage = pageSchema(MessageView);
export const UnresolvedAnswer = okSchema(MessageView);
export const UnresolvedCountsAnswer = okSchema(UnresolvedCounts);
