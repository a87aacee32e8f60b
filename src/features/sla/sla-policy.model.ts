/** A promise of service: to whom it is made, and how long things may take. */
import { type Connection, Schema } from "mongoose";
import type { PRIORITIES } from "../../events/view";
import type { AutomationRecord } from "../automation-records/automation-record.service";

export interface SlaPolicy extends AutomationRecord {
  isEnabled: boolean;
  /** The first one that fits holds. */
  order: number;
  /** Every list that is not empty has to have one that fits. */
  match: { priorities: (typeof PRIORITIES)[number][]; teams: string[]; labels: string[]; channels: string[] };
  /** Minutes; null: not promised. */
  firstReply: number | null;
  nextReply: number | null;
  resolution: number | null;
  /** Of the time: when people are warned. */
  warnPercent: number;
  inBusinessHours: boolean;
  pausesInSnooze: boolean;
  /** Whether an answer of the assistant keeps the promise of a reply. */
  assistantCounts: boolean;
}

const schema = new Schema<SlaPolicy>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    isEnabled: { type: Boolean, required: true },
    order: { type: Number, required: true },
    match: { type: Schema.Types.Mixed, required: true } as never,
    firstReply: { type: Number, default: null },
    nextReply: { type: Number, default: null },
    resolution: { type: Number, default: null },
    warnPercent: { type: Number, required: true },
    inBusinessHours: { type: Boolean, required: true },
    pausesInSnooze: { type: Boolean, required: true },
    assistantCounts: { type: Boolean, required: true },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "slaPolicies", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);

export const slaPolicyModel = (connection: Connection) => connection.model<SlaPolicy>("SlaPolicy", schema);
export type SlaPolicyModel = ReturnType<typeof slaPolicyModel>;
