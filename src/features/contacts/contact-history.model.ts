/** What was done about a contact, and by whom: the part of its timeline that is not in its conversations. */
import { type Connection, Schema } from "mongoose";

export const HISTORY_KINDS = [
  "created",
  "changed",
  "opted-in",
  "opted-out",
  "blocked",
  "unblocked",
  "merged",
  "unmerged",
  "imported",
] as const;

export interface ContactHistory {
  _id: string;
  contact: string;
  kind: (typeof HISTORY_KINDS)[number];
  /** An agent's or key's id, or what else knows it: whatsapp, import. */
  by: string;
  at: Date;
  /** Of a change: the fields; of an opt-in or -out: how it is known. */
  detail: Record<string, unknown>;
}

const schema = new Schema<ContactHistory>(
  {
    _id: { type: String, required: true },
    contact: { type: String, required: true },
    kind: { type: String, enum: HISTORY_KINDS, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
    detail: { type: Schema.Types.Mixed, default: {} },
  },
  { collection: "contactHistory", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ contact: 1, _id: -1 });

export const contactHistoryModel = (connection: Connection) => connection.model<ContactHistory>("ContactHistory", schema);
export type ContactHistoryModel = ReturnType<typeof contactHistoryModel>;
