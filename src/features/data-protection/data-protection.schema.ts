/** What the data protection routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { Id, Timestamp } from "../../events/view";

export const SubjectParams = t.Object({ id: Id });
export const ReceiptQuery = t.Object(pageQuery);
export type ReceiptQuery = Static<typeof ReceiptQuery>;

export const ErasureReceipt = t.Object(
  {
    id: Id,
    contact: t.String({ description: "Our own id of the contact; nothing else about the person is kept" }),
    state: t.Union([t.Literal("running"), t.Literal("done")]),
    removed: t.Record(t.String(), t.Integer(), { description: "How much was removed, by kind" }),
    requestedBy: t.Object({ kind: t.String(), id: t.String(), name: t.String() }),
    requestedAt: Timestamp,
    finishedAt: t.Union([Timestamp, t.Null()]),
  },
  { title: "ErasureReceipt" },
);
export type ErasureReceipt = Static<typeof ErasureReceipt>;
export const ReceiptAnswer = okSchema(ErasureReceipt);
export const ReceiptPage = pageSchema(ErasureReceipt);
