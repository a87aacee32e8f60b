/**
 * Money for the provider that belongs to no single turn: vectors, checks, replays, golden conversations. Kept as sums by day, kind and
 * model, because many of them cost less than a micro-dollar each.
 */
import { type Connection, Schema } from "mongoose";

export const SPEND_KINDS = ["replay", "judge", "golden", "trial", "embedding", "moderation", "hearing", "probe"] as const;
export type SpendKind = (typeof SPEND_KINDS)[number];

export interface Spend {
  /** `day:kind:model`. */
  _id: string;
  /** `YYYY-MM-DD` in UTC. */
  day: string;
  kind: SpendKind;
  model: string;
  runs: number;
  calls: number;
  input: number;
  cached: number;
  output: number;
  /** Nano-dollars of what is known. */
  nanos: number;
  /** Runs whose cost is unknown. */
  unpriced: number;
}

const schema = new Schema<Spend>(
  {
    _id: { type: String, required: true },
    day: { type: String, required: true },
    kind: { type: String, required: true },
    model: { type: String, required: true },
    runs: { type: Number, required: true },
    calls: { type: Number, required: true },
    input: { type: Number, required: true },
    cached: { type: Number, required: true },
    output: { type: Number, required: true },
    nanos: { type: Number, required: true },
    unpriced: { type: Number, required: true },
  },
  { collection: "aiSpends", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ day: 1 });

export const aiSpendModel = (connection: Connection) => connection.model<Spend>("AiSpend", schema);
export type AiSpendModel = ReturnType<typeof aiSpendModel>;
