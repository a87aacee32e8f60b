/** One refresh token of one device. All tokens that grew from one sign-in share a family. Only the hash is kept. */
import { type Connection, Schema } from "mongoose";

export interface RefreshToken {
  /** Hash of the token. */
  _id: string;
  agent: string;
  family: string;
  userAgent: string;
  createdAt: Date;
  expiresAt: Date;
  usedAt: Date | null;
  revokedAt: Date | null;
}

const schema = new Schema<RefreshToken>(
  {
    _id: { type: String, required: true },
    agent: { type: String, required: true },
    family: { type: String, required: true },
    userAgent: { type: String, default: "" },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    usedAt: { type: Date, default: null },
    revokedAt: { type: Date, default: null },
  },
  { collection: "refreshTokens", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ family: 1 });
schema.index({ agent: 1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const refreshTokenModel = (connection: Connection) => connection.model<RefreshToken>("RefreshToken", schema);
export type RefreshTokenModel = ReturnType<typeof refreshTokenModel>;
