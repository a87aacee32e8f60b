/** How much of a budget is used: what has been spent, and what turns that run now may still spend. */
import { type Connection, Schema } from "mongoose";

export interface Budget {
  /** Scope and what it is about, such as `day:2026-11-29`. */
  _id: string;
  /** Micro-dollars. */
  spent: number;
  /** Reserved by turns that run; one that ended without a word is dropped after `until`. */
  holds: { id: string; micros: number; until: Date }[];
  /** The highest level that was told, in percent of the limit it was told for. */
  told: { level: number; limit: number };
  /** The version of the limits for which `spent` was compared with what the runs have cost. */
  checked?: number;
  endsAt: Date;
}

const schema = new Schema<Budget>(
  {
    _id: { type: String, required: true },
    spent: { type: Number, required: true },
    holds: { type: Schema.Types.Mixed, required: true } as never,
    told: { type: Schema.Types.Mixed, required: true } as never,
    checked: { type: Number },
    endsAt: { type: Date, required: true },
  },
  { collection: "aiBudgets", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ endsAt: 1 }, { expireAfterSeconds: 0 });

export const aiBudgetModel = (connection: Connection) => connection.model<Budget>("AiBudget", schema);
export type AiBudgetModel = ReturnType<typeof aiBudgetModel>;
