/** A mail that waits for the mail server. What it says is locked: links in it let people in. */
import { type Connection, Schema } from "mongoose";

export interface WaitingMail {
  _id: string;
  /** Whom it is for: it goes with their account. */
  agent: string;
  kind: string;
  /** Address, subject and text, locked. */
  sealed: string;
  /** Hash of the link in it: it is not sent any more once that is used up or replaced. */
  link: string | null;
  attempts: number;
  dueAt: Date;
  /** When it would say nothing new any more; no later than its link. */
  expiresAt: Date;
  createdAt: Date;
}

const schema = new Schema<WaitingMail>(
  {
    _id: { type: String, required: true },
    agent: { type: String, required: true },
    kind: { type: String, required: true },
    sealed: { type: String, required: true },
    link: { type: String, default: null },
    attempts: { type: Number, required: true },
    dueAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    createdAt: { type: Date, required: true },
  },
  { collection: "waitingMails", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ dueAt: 1 });
schema.index({ agent: 1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const mailModel = (connection: Connection) => connection.model<WaitingMail>("WaitingMail", schema);
export type MailModel = ReturnType<typeof mailModel>;
