/** What colleagues should know about a contact, whatever conversation they are in. */
import { type Connection, Schema } from "mongoose";

export interface ContactNote {
  _id: string;
  contact: string;
  author: string;
  text: string;
  createdAt: Date;
  updatedAt: Date;
}

const schema = new Schema<ContactNote>(
  {
    _id: { type: String, required: true },
    contact: { type: String, required: true },
    author: { type: String, required: true },
    text: { type: String, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "contactNotes", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ contact: 1, _id: -1 });

export const contactNoteModel = (connection: Connection) => connection.model<ContactNote>("ContactNote", schema);
export type ContactNoteModel = ReturnType<typeof contactNoteModel>;
