/** The clocks that run on one conversation. */
import { type Connection, Schema } from "mongoose";
import type { SlaSpan } from "./sla-clock";

export interface SlaState {
  /** The conversation. */
  _id: string;
  contact: string;
  policy: string;
  /** Whether somebody has answered at all. */
  isReplied: boolean;
  /** Absent while nobody waits for an answer. */
  reply?: SlaSpan;
  /** Absent while it is over. */
  resolution?: SlaSpan;
  updatedAt: Date;
}

const schema = new Schema<SlaState>(
  {
    _id: { type: String, required: true },
    contact: { type: String, required: true },
    policy: { type: String, required: true },
    isReplied: { type: Boolean, required: true },
    reply: { type: Schema.Types.Mixed } as never,
    resolution: { type: Schema.Types.Mixed } as never,
    updatedAt: { type: Date, required: true },
  },
  { collection: "slaStates", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ policy: 1, _id: 1 });
schema.index({ contact: 1 });

export const slaStateModel = (connection: Connection) => connection.model<SlaState>("SlaState", schema);
export type SlaStateModel = ReturnType<typeof slaStateModel>;
