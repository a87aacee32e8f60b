/** A survey: one question to one customer at the end of a conversation, and what they said. */
import { type Connection, Schema } from "mongoose";
import { CSAT_STATES } from "../../events/automation-view";

export interface Csat {
  _id: string;
  conversation: string;
  contact: string;
  channel: string;
  agent: string | null;
  team: string | null;
  state: (typeof CSAT_STATES)[number];
  scale: number;
  score: number | null;
  comment: string | null;
  askedAt: Date;
  answeredAt: Date | null;
}

const schema = new Schema<Csat>(
  {
    _id: { type: String, required: true },
    conversation: { type: String, required: true },
    contact: { type: String, required: true },
    channel: { type: String, required: true },
    agent: { type: String, default: null },
    team: { type: String, default: null },
    state: { type: String, enum: CSAT_STATES, required: true },
    scale: { type: Number, required: true },
    score: { type: Number, default: null },
    comment: { type: String, default: null },
    askedAt: { type: Date, required: true },
    answeredAt: { type: Date, default: null },
  },
  { collection: "csats", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ contact: 1, _id: -1 });
schema.index({ conversation: 1, _id: -1 });
schema.index({ state: 1, _id: -1 });
schema.index({ agent: 1, _id: -1 }, { partialFilterExpression: { agent: { $type: "string" } } });

export const csatModel = (connection: Connection) => connection.model<Csat>("Csat", schema);
export type CsatModel = ReturnType<typeof csatModel>;
