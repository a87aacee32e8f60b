/** Work on one file of a customer that is to become words. `dueAt` is there only while there is work to do. */
import { type Connection, Schema } from "mongoose";

export interface HeardFile {
  /** Of the message. */
  _id: string;
  conversation: string;
  contact: string;
  media: string;
  kind: "transcript" | "description";
  dueAt?: Date;
  attempts: number;
  error: string | null;
  createdAt: Date;
}

const schema = new Schema<HeardFile>(
  {
    _id: { type: String, required: true },
    conversation: { type: String, required: true },
    contact: { type: String, required: true },
    media: { type: String, required: true },
    kind: { type: String, required: true },
    dueAt: { type: Date },
    attempts: { type: Number, required: true },
    error: { type: String, default: null },
    createdAt: { type: Date, required: true },
  },
  { collection: "heardFiles", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } });
schema.index({ conversation: 1 });
schema.index({ createdAt: 1 }, { expireAfterSeconds: 30 * 86_400 });

export const heardFileModel = (connection: Connection) => connection.model<HeardFile>("HeardFile", schema);
export type HeardFileModel = ReturnType<typeof heardFileModel>;
