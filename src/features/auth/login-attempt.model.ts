/** Failed sign-ins of one account or one address. Durable: a restart forgives nobody. */
import { type Connection, Schema } from "mongoose";

export interface LoginAttempt {
  /** `account:`, `address:` ... and a hash of what it is about. */
  _id: string;
  failures: number;
  /** Until then nothing is tried. */
  blockedUntil: Date | null;
  /** Then everything is forgotten. */
  expiresAt: Date;
}

const schema = new Schema<LoginAttempt>(
  {
    _id: { type: String, required: true },
    failures: { type: Number, required: true },
    blockedUntil: { type: Date, default: null },
    expiresAt: { type: Date, required: true },
  },
  { collection: "loginAttempts", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const loginAttemptModel = (connection: Connection) => connection.model<LoginAttempt>("LoginAttempt", schema);
export type LoginAttemptModel = ReturnType<typeof loginAttemptModel>;
