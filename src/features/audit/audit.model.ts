/** One line of the audit log. Written once; nothing changes it, only retention removes it. */
import { type Connection, Schema } from "mongoose";

export interface AuditEntry {
  /** Sorts by time. */
  _id: string;
  at: Date;
  actor: { kind: string; id: string; name: string };
  /** `noun.verb`, such as `settings.update`. */
  action: string;
  noun: string;
  target: { kind: string; id: string; name: string | null };
  origin: { address: string; userAgent: string; requestId: string } | null;
  /** JSON texts: what was changed may have any field names. */
  before: string | null;
  after: string | null;
}

const text = { type: String, required: true } as const;
const schema = new Schema<AuditEntry>(
  {
    _id: text,
    at: { type: Date, required: true },
    actor: { type: Schema.Types.Mixed, required: true } as never,
    action: text,
    noun: text,
    target: { type: Schema.Types.Mixed, required: true } as never,
    origin: { type: Schema.Types.Mixed, default: null } as never,
    before: { type: String, default: null },
    after: { type: String, default: null },
  },
  { collection: "auditEntries", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ "actor.id": 1, _id: -1 });
schema.index({ action: 1, _id: -1 });
schema.index({ noun: 1, _id: -1 });
schema.index({ "target.id": 1, _id: -1 });

export const auditModel = (connection: Connection) => connection.model<AuditEntry>("AuditEntry", schema);
export type AuditModel = ReturnType<typeof auditModel>;
