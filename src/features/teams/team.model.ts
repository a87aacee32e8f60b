/** A group of agents that conversations can belong to. Who is in it stands with the agents. */
import { type Connection, Schema } from "mongoose";

export interface Team {
  _id: string;
  name: string;
  /** Lower case: two teams cannot be told apart by capitals. */
  nameKey: string;
  description: string;
  createdAt: Date;
  updatedAt: Date;
}

const schema = new Schema<Team>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    nameKey: { type: String, required: true },
    description: { type: String, default: "" },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "teams", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ nameKey: 1 }, { unique: true });

export const teamModel = (connection: Connection) => connection.model<Team>("Team", schema);
export type TeamModel = ReturnType<typeof teamModel>;
