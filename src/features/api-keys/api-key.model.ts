/** A key of another system. The secret is shown once; only its hash is kept. */
import { type Connection, Schema } from "mongoose";
import { type Permission, REACHES, type Reach } from "../../core/permissions";

export interface ApiKey {
  _id: string;
  name: string;
  hash: string;
  /** The first signs of the secret, to tell keys apart. */
  hint: string;
  /** Whose key it is: it can never do more than they, and ends with them. */
  owner: string;
  permissions: Permission[];
  reach: Reach;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

const schema = new Schema<ApiKey>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    hash: { type: String, required: true },
    hint: { type: String, required: true },
    owner: { type: String, required: true },
    permissions: { type: [String], required: true } as never,
    reach: { type: String, enum: REACHES, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, default: null },
    lastUsedAt: { type: Date, default: null },
    revokedAt: { type: Date, default: null },
  },
  { collection: "apiKeys", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ hash: 1 }, { unique: true });
schema.index({ owner: 1 });

export const apiKeyModel = (connection: Connection) => connection.model<ApiKey>("ApiKey", schema);
export type ApiKeyModel = ReturnType<typeof apiKeyModel>;
