/** What the merge routes accept and answer. */
import { Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, Timestamp } from "../../events/view";

export const MergeParams = t.Object({ id: Id });
export const MergeBody = t.Object({ contact: t.String({ ...Id, description: "The contact that is absorbed" }) });

export const MergeView = t.Object({
  id: Id,
  target: Id,
  source: Id,
  conversations: t.Integer({ description: "How many conversations were moved" }),
  mergedAt: Timestamp,
  undoneAt: t.Union([Timestamp, t.Null()]),
});
export const MergeAnswer = okSchema(MergeView);
export const MergeList = okSchema(t.Array(MergeView));
