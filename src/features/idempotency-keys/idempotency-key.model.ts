/** One Idempotency-Key of one client for one address: what was asked, and the first answer. */
import { type Connection, Schema } from "mongoose";

export interface IdempotencyKey {
  /** Hash of the client, the address and the key. */
  _id: string;
  /** Hash of the body. */
  fingerprint: string;
  state: "running" | "done";
  /** The process that runs it. */
  owner: string;
  /** Whether it has committed a change. */
  hasEffect: boolean;
  status: number | null;
  body: string | null;
  /** What the route has asked of who called it, and how far they could see then. Without an answer neither is there. */
  rule?: string | null;
  scope?: string;
  claimedAt: Date;
  expiresAt: Date;
}

const schema = new Schema<IdempotencyKey>(
  {
    _id: { type: String, required: true },
    fingerprint: { type: String, required: true },
    state: { type: String, enum: ["running", "done"], required: true },
    owner: { type: String, required: true },
    hasEffect: { type: Boolean, required: true },
    status: { type: Number, default: null },
    body: { type: String, default: null },
    rule: { type: String },
    scope: { type: String },
    claimedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: "idempotencyKeys", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const idempotencyKeyModel = (connection: Connection) => connection.model<IdempotencyKey>("IdempotencyKey", schema);
export type IdempotencyKeyModel = ReturnType<typeof idempotencyKeyModel>;
