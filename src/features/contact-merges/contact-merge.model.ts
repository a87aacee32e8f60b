/** Two contacts that were found to be one person: what was moved, so that it can be moved back. */
import { type Connection, Schema } from "mongoose";
import type { Taken } from "../contacts/contact-taken";

export interface ContactMerge {
  _id: string;
  target: string;
  source: string;
  /** What led to the source before. */
  identityKeys: string[];
  /** What the target had not and took over besides: fields, labels, attributes. */
  taken?: Taken[];
  conversations: string[];
  /** Notes about the source that were moved. */
  notes?: string[];
  /** Of those, the ones that had to be closed because the target had one open. */
  closed: string[];
  /** The agent who merged, or `whatsapp` when a changed number proved it. */
  by: string;
  mergedAt: Date;
  undoneAt: Date | null;
}

const schema = new Schema<ContactMerge>(
  {
    _id: { type: String, required: true },
    target: { type: String, required: true },
    source: { type: String, required: true },
    identityKeys: { type: [String], default: [] },
    taken: { type: [String], default: [] } as never,
    conversations: { type: [String], default: [] },
    notes: { type: [String], default: [] },
    closed: { type: [String], default: [] },
    by: { type: String, required: true },
    mergedAt: { type: Date, required: true },
    undoneAt: { type: Date, default: null },
  },
  { collection: "contactMerges", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ target: 1, _id: -1 });
schema.index({ source: 1 });

export const contactMergeModel = (connection: Connection) => connection.model<ContactMerge>("ContactMerge", schema);
export type ContactMergeModel = ReturnType<typeof contactMergeModel>;
