/** The lease of a lane: whoever holds it is the only one that sends to this contact from this number. */
import { type Connection, Schema } from "mongoose";

export interface Lane {
  /** `contact:number`. */
  _id: string;
  owner: string;
  /** Grows with every change of owner: an owner with an older token has lost the lane. */
  token: number;
  leaseUntil: Date;
}

const schema = new Schema<Lane>(
  {
    _id: { type: String, required: true },
    owner: { type: String, required: true },
    token: { type: Number, required: true },
    leaseUntil: { type: Date, required: true },
  },
  { collection: "lanes", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ leaseUntil: 1 }, { expireAfterSeconds: 3_600 });

export const laneModel = (connection: Connection) => connection.model<Lane>("Lane", schema);
export type LaneModel = ReturnType<typeof laneModel>;
