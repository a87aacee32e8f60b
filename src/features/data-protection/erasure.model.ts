/** The erasure of a person: how far it has come, and at its end the receipt. Holds nothing about the person but our own id. */
import { type Connection, Schema } from "mongoose";

export interface Erasure {
  _id: string;
  contact: string;
  /** The contact and those merged into it. */
  contacts: string[];
  conversations: string[];
  state: "running" | "done";
  /** What was removed, by kind. */
  counts: Record<string, number>;
  /** Names of stored files that may have to go: written before they lose their documents. */
  files: string[];
  requestedBy: { kind: string; id: string; name: string };
  requestedAt: Date;
  finishedAt: Date | null;
  /** The process that works on it, and until when nobody else may. */
  leaseUntil: Date;
}

const schema = new Schema<Erasure>(
  {
    _id: { type: String, required: true },
    contact: { type: String, required: true },
    contacts: { type: [String], required: true },
    conversations: { type: [String], required: true },
    state: { type: String, required: true },
    counts: { type: Schema.Types.Mixed, required: true } as never,
    files: { type: [String], default: [] },
    requestedBy: { type: Schema.Types.Mixed, required: true } as never,
    requestedAt: { type: Date, required: true },
    finishedAt: { type: Date, default: null },
    leaseUntil: { type: Date, required: true },
  },
  { collection: "erasures", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ state: 1, _id: 1 });
schema.index({ contact: 1, _id: -1 });

export const erasureModel = (connection: Connection) => connection.model<Erasure>("Erasure", schema);
export type ErasureModel = ReturnType<typeof erasureModel>;
