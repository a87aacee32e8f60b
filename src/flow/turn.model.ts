/** One try to answer a batch. Its id comes from the conversation and the newest fragment, so a turn cannot happen twice. */
import { type Connection, Schema } from "mongoose";

export type TurnState = "running" | "done" | "aborted" | "failed";

export interface Turn {
  _id: string;
  conversation: string;
  inboundSeq: number;
  epoch: number;
  state: TurnState;
  /** The process that runs it, and until when nobody else may. */
  owner: string;
  leaseUntil: Date;
  attempts: number;
  outcome: string | null;
  run: Record<string, unknown> | null;
  startedAt: Date;
  endedAt: Date | null;
}

const schema = new Schema<Turn>(
  {
    _id: { type: String, required: true },
    conversation: { type: String, required: true },
    inboundSeq: { type: Number, required: true },
    epoch: { type: Number, required: true },
    state: { type: String, required: true },
    owner: { type: String, required: true },
    leaseUntil: { type: Date, required: true },
    attempts: { type: Number, required: true },
    outcome: { type: String, default: null },
    run: { type: Schema.Types.Mixed, default: null },
    startedAt: { type: Date, required: true },
    endedAt: { type: Date, default: null },
  },
  { collection: "turns", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ conversation: 1, _id: -1 });

export const turnModel = (connection: Connection) => connection.model<Turn>("Turn", schema);
export type TurnModel = ReturnType<typeof turnModel>;
