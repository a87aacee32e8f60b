/** Who is here, as far as it has to be known beyond one process or one day: one document an agent. */
import { type Connection, Schema } from "mongoose";

export interface Presence {
  /** The agent. */
  _id: string;
  /** They have said that they are away. */
  isAway: boolean;
  /** Since when that holds. */
  since: Date;
  /** Processes where they have a connection, each with the time until which that is believed. */
  seats: Record<string, Date>;
}

const schema = new Schema<Presence>(
  {
    _id: { type: String, required: true },
    isAway: { type: Boolean, required: true },
    since: { type: Date, required: true },
    seats: { type: Schema.Types.Mixed, default: {} } as never,
  },
  { collection: "presences", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);

export const presenceModel = (connection: Connection) => connection.model<Presence>("Presence", schema);
export type PresenceModel = ReturnType<typeof presenceModel>;
