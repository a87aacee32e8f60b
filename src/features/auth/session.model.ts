/** One device somebody is signed in on. The refresh tokens that grow from one sign-in all belong to it. */
import { type Connection, Schema } from "mongoose";

export interface StoredSession {
  _id: string;
  agent: string;
  userAgent: string;
  address: string;
  createdAt: Date;
  /** When it was last refreshed, which an open page does every few minutes. */
  usedAt: Date;
  expiresAt: Date;
  endedAt: Date | null;
}

const schema = new Schema<StoredSession>(
  {
    _id: { type: String, required: true },
    agent: { type: String, required: true },
    userAgent: { type: String, default: "" },
    address: { type: String, default: "" },
    createdAt: { type: Date, required: true },
    usedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    endedAt: { type: Date, default: null },
  },
  { collection: "sessions", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ agent: 1, usedAt: -1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const sessionModel = (connection: Connection) => connection.model<StoredSession>("Session", schema);
export type SessionModel = ReturnType<typeof sessionModel>;
