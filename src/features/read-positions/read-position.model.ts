/** How far an agent has read a conversation: one document for each agent and conversation they have looked at. */
import { type Connection, Schema } from "mongoose";

export interface ReadPosition {
  /** `<conversation>:<agent>` */
  _id: string;
  conversation: string;
  agent: string;
  /** Everything up to this message has been read. It need not exist any more: ids are in the order of the thread. */
  message: string;
  at: Date;
}

const schema = new Schema<ReadPosition>(
  {
    _id: { type: String, required: true },
    conversation: { type: String, required: true },
    agent: { type: String, required: true },
    message: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { collection: "readPositions", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ conversation: 1 });
schema.index({ agent: 1 });

export const readPositionModel = (connection: Connection) => connection.model<ReadPosition>("ReadPosition", schema);
export type ReadPositionModel = ReturnType<typeof readPositionModel>;
