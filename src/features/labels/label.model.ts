/** A label that conversations and contacts can carry. They carry its name, which therefore never changes. */
import { type Connection, Schema } from "mongoose";

export interface Label {
  _id: string;
  name: string;
  color: string;
  description: string;
  createdAt: Date;
  updatedAt: Date;
}

const schema = new Schema<Label>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    color: { type: String, required: true },
    description: { type: String, default: "" },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "labels", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ name: 1 }, { unique: true });

export const labelModel = (connection: Connection) => connection.model<Label>("Label", schema);
export type LabelModel = ReturnType<typeof labelModel>;
