/** A label that is gone and still has to be taken off contacts. */
import { type Connection, Schema } from "mongoose";

export interface ContactLabelRemoval {
  _id: string;
  label: string;
  createdAt: Date;
}

const schema = new Schema<ContactLabelRemoval>(
  {
    _id: { type: String, required: true },
    label: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { collection: "contactLabelRemovals", versionKey: false, autoIndex: false, strict: "throw" },
);

export const contactLabelRemovalModel = (connection: Connection) =>
  connection.model<ContactLabelRemoval>("ContactLabelRemoval", schema);
export type ContactLabelRemovalModel = ReturnType<typeof contactLabelRemovalModel>;
