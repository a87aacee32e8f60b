/** A person who signs in, or is invited to. */
import { type Connection, Schema } from "mongoose";
import { newId } from "../../core/id";

export interface Agent {
  _id: string;
  name: string;
  email: string;
  /** Empty while they have none: invited, or signing in elsewhere. */
  passwordHash: string;
  /** Name of a built-in or stored role. */
  role: string;
  isActive: boolean;
  /** They have not accepted yet. */
  isInvited: boolean;
  teams: string[];
  /** Conversations they take at once; null: no limit of their own. */
  capacity: number | null;
  hasSecondFactor: boolean;
  /** What the company's sign-in service calls them; absent until they came that way. */
  subject?: string;
  /** When they were last let in or given a key. Written so that this and shutting them out exclude each other. */
  heldAt?: Date;
  createdAt: Date;
  updatedAt: Date;
}

const schema = new Schema<Agent>(
  {
    _id: { type: String, default: () => newId() },
    name: { type: String, required: true, maxlength: 200 },
    email: { type: String, required: true, lowercase: true, trim: true },
    passwordHash: { type: String, default: "" },
    role: { type: String, required: true },
    isActive: { type: Boolean, default: true },
    isInvited: { type: Boolean, default: false },
    teams: { type: [String], default: [] },
    capacity: { type: Number, default: null },
    hasSecondFactor: { type: Boolean, default: false },
    subject: { type: String },
    heldAt: { type: Date },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "agents", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ email: 1 }, { unique: true });
schema.index({ subject: 1 }, { unique: true, partialFilterExpression: { subject: { $type: "string" } } });
schema.index({ role: 1 });
schema.index({ teams: 1 });

export const agentModel = (connection: Connection) => connection.model<Agent>("Agent", schema);
export type AgentModel = ReturnType<typeof agentModel>;
