/** A text that is written once and used often. */
import { type Connection, Schema } from "mongoose";

export interface CannedReply {
  _id: string;
  shortcut: string;
  title: string;
  text: string;
  folder: string;
  tags: string[];
  scope: "personal" | "shared";
  owner: string;
  /** The shortcut among those of its scope: taken once. */
  key: string;
  uses: number;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

const schema = new Schema<CannedReply>(
  {
    _id: { type: String, required: true },
    shortcut: { type: String, required: true },
    title: { type: String, required: true },
    text: { type: String, required: true },
    folder: { type: String, default: "" },
    tags: { type: [String], default: [] },
    scope: { type: String, enum: ["personal", "shared"], required: true },
    owner: { type: String, required: true },
    key: { type: String, required: true },
    uses: { type: Number, required: true },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "cannedReplies", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ key: 1 }, { unique: true });
schema.index({ scope: 1, owner: 1 });

export const cannedReplyModel = (connection: Connection) => connection.model<CannedReply>("CannedReply", schema);
export type CannedReplyModel = ReturnType<typeof cannedReplyModel>;
