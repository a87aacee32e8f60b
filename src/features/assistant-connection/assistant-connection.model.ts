/** How the assistant reaches its provider, when the environment does not say so. One document; the key is locked. */
import { type Connection, Schema } from "mongoose";

export interface StoredConnection {
  _id: string;
  /** Counts the changes: a change names the one it was made from. */
  version: number;
  baseUrl: string | null;
  model: string | null;
  provider: string | null;
  wire: string | null;
  /** The key in the credential box; null for servers that want none. */
  lockedKey: string | null;
  /** Its last characters, so that people can tell keys apart. */
  keyEnd: string | null;
  updatedAt: Date;
  updatedBy: { id: string; name: string };
}

const schema = new Schema<StoredConnection>(
  {
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    baseUrl: { type: String, default: null },
    model: { type: String, default: null },
    provider: { type: String, default: null },
    wire: { type: String, default: null },
    lockedKey: { type: String, default: null },
    keyEnd: { type: String, default: null },
    updatedAt: { type: Date, required: true },
    updatedBy: { type: Schema.Types.Mixed, required: true } as never,
  },
  { collection: "assistantConnections", versionKey: false, autoIndex: false, strict: "throw" },
);

export const assistantConnectionModel = (connection: Connection) =>
  connection.model<StoredConnection>("AssistantConnection", schema);
export type AssistantConnectionModel = ReturnType<typeof assistantConnectionModel>;
