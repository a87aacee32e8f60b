/** When somebody was given a conversation of a queue last: whose turn it is. One document for each queue and agent. */
import { type Connection, Schema } from "mongoose";

export interface AssignmentTurn {
  /** `<queue>:<agent>` */
  _id: string;
  queue: string;
  agent: string;
  /** Counts up within the installation, so that two of one millisecond keep their order. */
  at: number;
}

const schema = new Schema<AssignmentTurn>(
  {
    _id: { type: String, required: true },
    queue: { type: String, required: true },
    agent: { type: String, required: true },
    at: { type: Number, required: true },
  },
  { collection: "assignmentTurns", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ agent: 1 });

export const assignmentTurnModel = (connection: Connection) => connection.model<AssignmentTurn>("AssignmentTurn", schema);
export type AssignmentTurnModel = ReturnType<typeof assignmentTurnModel>;
