/** When conversations were resolved, reopened and handed over: what they themselves forget, and the event log after a week. */
import { type Connection, Schema } from "mongoose";
import type { ReportMoment } from "./report-port";

export interface StoredReportMoment extends Omit<ReportMoment, "id" | "at"> {
  _id: string;
  at: Date;
}

const schema = new Schema<StoredReportMoment>(
  {
    _id: { type: String, required: true },
    conversation: { type: String, required: true },
    kind: { type: String, required: true } as never,
    at: { type: Date, required: true },
    agent: { type: String, default: null },
    value: { type: Number, default: null },
  },
  { collection: "reportMoments", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ conversation: 1 });

export const reportMomentModel = (connection: Connection) => connection.model<StoredReportMoment>("ReportMoment", schema);
export type ReportMomentModel = ReturnType<typeof reportMomentModel>;
