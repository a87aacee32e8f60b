/** What somebody has begun to write and not sent: one reply and one note for each conversation. */
import { type Connection, Schema } from "mongoose";

export interface Draft {
  /** Agent, conversation and kind. */
  _id: string;
  agent: string;
  conversation: string;
  kind: "reply" | "note";
  text: string;
  updatedAt: Date;
  /** When the first words of it were kept; absent on drafts from before that was noted. */
  begunAt?: Date;
}

const schema = new Schema<Draft>(
  {
    _id: { type: String, required: true },
    agent: { type: String, required: true },
    conversation: { type: String, required: true },
    kind: { type: String, enum: ["reply", "note"], required: true },
    text: { type: String, required: true },
    updatedAt: { type: Date, required: true },
    begunAt: { type: Date },
  },
  { collection: "drafts", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ agent: 1, updatedAt: -1 });
/** For erasing what was begun to somebody who wants to be forgotten. */
schema.index({ conversation: 1 });
/** Nobody finishes a text after three months. */
schema.index({ updatedAt: 1 }, { expireAfterSeconds: 90 * 86_400 });

export const draftModel = (connection: Connection) => connection.model<Draft>("Draft", schema);
export type DraftModel = ReturnType<typeof draftModel>;
