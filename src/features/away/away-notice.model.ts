/** Who has been greeted or told that nobody is there, so that it is said once. */
import { type Connection, Schema } from "mongoose";

export interface AwayNotice {
  /** Kind, contact and number. */
  _id: string;
  contact: string;
  at: Date;
  /** Not again before; null: never again. */
  until: Date | null;
}

const schema = new Schema<AwayNotice>(
  {
    _id: { type: String, required: true },
    contact: { type: String, required: true },
    at: { type: Date, required: true },
    until: { type: Date, default: null },
  },
  { collection: "awayNotices", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ contact: 1 });

export const awayNoticeModel = (connection: Connection) => connection.model<AwayNotice>("AwayNotice", schema);
export type AwayNoticeModel = ReturnType<typeof awayNoticeModel>;
