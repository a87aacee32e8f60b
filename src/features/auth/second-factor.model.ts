/** The authenticator app of one agent. The secret is kept encrypted, recovery codes only as hashes. */
import { type Connection, Schema } from "mongoose";

export interface SecondFactor {
  /** The agent's id. */
  _id: string;
  /** Locked; bound to the agent. */
  secret: string;
  /** Null while the first code has not come. */
  confirmedAt: Date | null;
  /** The newest time step whose code was used: no code counts twice. */
  lastStep: number;
  recovery: string[];
  createdAt: Date;
}

const schema = new Schema<SecondFactor>(
  {
    _id: { type: String, required: true },
    secret: { type: String, required: true },
    confirmedAt: { type: Date, default: null },
    lastStep: { type: Number, default: 0 },
    recovery: { type: [String], default: [] },
    createdAt: { type: Date, required: true },
  },
  { collection: "secondFactors", versionKey: false, autoIndex: false, strict: "throw" },
);

export const secondFactorModel = (connection: Connection) => connection.model<SecondFactor>("SecondFactor", schema);
export type SecondFactorModel = ReturnType<typeof secondFactorModel>;
