/** Since when an agent is not here: one document each, as long as that lasts and somebody wants to know. */
import { type Connection, Schema } from "mongoose";

export interface AgentAbsence {
  /** The agent. */
  _id: string;
  since: Date;
}

const schema = new Schema<AgentAbsence>(
  { _id: { type: String, required: true }, since: { type: Date, required: true } },
  { collection: "agentAbsences", versionKey: false, autoIndex: false, strict: "throw" },
);

export const agentAbsenceModel = (connection: Connection) => connection.model<AgentAbsence>("AgentAbsence", schema);
export type AgentAbsenceModel = ReturnType<typeof agentAbsenceModel>;
