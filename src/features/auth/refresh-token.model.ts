/** One refresh token of one session. Only the hash is kept. */
import { type Connection, Schema } from "mongoose";

export interface RefreshToken {
  /** Hash of the token. */
  _id: string;
  agent: string;
  session: string;
  createdAt: Date;
  expiresAt: Date;
  usedAt: Date | null;
}

const schema = new Schema<RefreshToken>(
  {
    _id: { type: String, required: true },
    agent: { type: String, required: true },
    session: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    usedAt: { type: Date, default: null },
  },
  { collection: "refreshTokens", versionKey: false, autoIndex: false },
);
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const refreshTokenModel = (connection: Connection) => connection.model<RefreshToken>("RefreshToken", schema);
export type RefreshTokenModel = ReturnType<typeof refreshTokenModel>;
