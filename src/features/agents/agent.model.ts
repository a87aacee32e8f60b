/** A person who signs in. */
import { type Connection, Schema } from "mongoose";
import { newId } from "../../core/id";

export interface Agent {
  _id: string;
  name: string;
  email: string;
  passwordHash: string;
  role: "admin" | "supervisor" | "agent";
  isActive: boolean;
  createdAt: Date;
  updatedAt: Date;
}

const schema = new Schema<Agent>(
  {
    _id: { type: String, default: () => newId() },
    name: { type: String, required: true, maxlength: 200 },
    email: { type: String, required: true, lowercase: true, trim: true },
    passwordHash: { type: String, required: true },
    role: { type: String, enum: ["admin", "supervisor", "agent"], required: true },
    isActive: { type: Boolean, default: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "agents", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ email: 1 }, { unique: true });

export const agentModel = (connection: Connection) => connection.model<Agent>("Agent", schema);
export type AgentModel = ReturnType<typeof agentModel>;
