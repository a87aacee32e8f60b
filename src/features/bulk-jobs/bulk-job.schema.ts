/** What the routes of bulk actions accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { Id, JobView } from "../../events/view";
import { Actions } from "../conversation-actions/conversation-action.service";
import { ConversationFilter } from "../conversations/conversation-list.service";

const strict = { additionalProperties: false };
export const NewBulkJob = t.Union(
  [
    t.Object({ ids: t.Array(Id, { minItems: 1, maxItems: 10_000 }), actions: Actions }, strict),
    t.Object({ filter: ConversationFilter, actions: Actions }, strict),
  ],
  { examples: [{ filter: { status: ["open"], label: ["promo"] }, actions: [{ do: "status", status: "resolved" }] }] },
);
export type NewBulkJob = Static<typeof NewBulkJob>;

export const JobParams = t.Object({ id: Id });
export const JobQuery = t.Object(pageQuery);
export const JobAnswer = okSchema(JobView);
export const JobPage = pageSchema(JobView);
