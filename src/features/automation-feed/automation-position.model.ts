/** How far the automation has followed the event log. */
import { type Connection, Schema } from "mongoose";

export interface AutomationPosition {
  _id: string;
  seq: number;
}

const schema = new Schema<AutomationPosition>(
  { _id: { type: String, required: true }, seq: { type: Number, required: true } },
  { collection: "automationPositions", versionKey: false, autoIndex: false, strict: "throw" },
);

export const automationPositionModel = (connection: Connection) =>
  connection.model<AutomationPosition>("AutomationPosition", schema);
export type AutomationPositionModel = ReturnType<typeof automationPositionModel>;
