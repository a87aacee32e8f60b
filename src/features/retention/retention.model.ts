/** The last run of the retention, and who runs it now. One document. */
import { type Connection, Schema } from "mongoose";

export interface RetentionRun {
  _id: string;
  leaseUntil: Date;
  finishedAt: Date | null;
  removed: Record<string, number>;
}

const schema = new Schema<RetentionRun>(
  {
    _id: { type: String, required: true },
    leaseUntil: { type: Date, required: true },
    finishedAt: { type: Date, default: null },
    removed: { type: Schema.Types.Mixed, default: {} } as never,
  },
  { collection: "retentionRuns", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);

export const retentionModel = (connection: Connection) => connection.model<RetentionRun>("RetentionRun", schema);
export type RetentionModel = ReturnType<typeof retentionModel>;
