/** Past turns of the assistant, run again with something changed and without telling anybody; and conversations that must always come out well. */
import { type Connection, Schema } from "mongoose";
import type { Hold } from "../ai-budgets/ai-budget.service";
import type { AnswerCheck } from "./answer-checks";

export type ReplayState = "running" | "paused" | "done" | "cancelled";

export interface ReplayChange {
  /** A version of a prompt: its number, or `draft`. */
  prompt: { id: string; side: string } | null;
  model: string | null;
  /** Searches the knowledge as it is now instead of using what was found then. */
  knowledge: boolean;
}

export interface ReplaySums {
  same: number;
  failed: number;
  handOffsBefore: number;
  handOffsAfter: number;
  costBefore: number;
  costAfter: number;
  judgeCost: number;
  /** Runs whose cost is unknown on either side. */
  unpriced: number;
  checksFailedBefore: number;
  checksFailedAfter: number;
  judged: number;
  better: number;
  worse: number;
  scoreBefore: number;
  scoreAfter: number;
}

export interface AiReplay {
  _id: string;
  name: string;
  state: ReplayState;
  /** Why it is paused: `person`, `budget`, `company-budget` (of the day or the month) or `provider`. */
  reason: string | null;
  change: ReplayChange;
  /** The text that was replayed with, as it was at the start. */
  text: string | null;
  judge: boolean;
  /** Most it may spend, micro-dollars. */
  maxMicros: number;
  spentMicros: number;
  /** Reserved for the answers that are being played. */
  heldMicros?: number;
  total: number;
  done: number;
  sums: ReplaySums;
  /** Every model that answered or judged, as `provider/model`. */
  models: string[];
  owner: string | null;
  leaseUntil: Date;
  by: { id: string; name: string };
  createdAt: Date;
  endedAt: Date | null;
}

const mixed = { type: Schema.Types.Mixed, required: true } as never;
const schema = new Schema<AiReplay>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    state: { type: String, required: true },
    reason: { type: String, default: null },
    change: mixed,
    text: { type: String, default: null },
    judge: { type: Boolean, required: true },
    maxMicros: { type: Number, required: true },
    spentMicros: { type: Number, required: true },
    heldMicros: { type: Number },
    total: { type: Number, required: true },
    done: { type: Number, required: true },
    sums: mixed,
    models: { type: [String], required: true },
    owner: { type: String, default: null },
    leaseUntil: { type: Date, required: true },
    by: mixed,
    createdAt: { type: Date, required: true },
    endedAt: { type: Date, default: null },
  },
  { collection: "aiReplays", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ state: 1, leaseUntil: 1 });

export interface Side {
  outcome: string;
  reason: string | null;
  answer: string | null;
  model: string;
  provider: string;
  costMicros: number | null;
  checks: AnswerCheck[];
}

/** The money of an answer that is being played, micro-dollars. */
export interface Reserved {
  id: string;
  hold: Hold | null;
  turn: number;
  judge: number;
  model: string;
  /** Whoever plays it is done by then, or is no more. */
  until: Date;
}

export interface AiReplayItem {
  _id: string;
  replay: string;
  number: number;
  run: string;
  conversation: string;
  contact: string;
  state: "waiting" | "running" | "done" | "failed";
  /** While it is being played. */
  held?: Reserved | null;
  before: Side | null;
  after: Side | null;
  isSame: boolean;
  judged: { better: string; before: number; after: number; reason: string; model: string; provider: string } | null;
  error: string | null;
}

const itemSchema = new Schema<AiReplayItem>(
  {
    _id: { type: String, required: true },
    replay: { type: String, required: true },
    number: { type: Number, required: true },
    run: { type: String, required: true },
    conversation: { type: String, required: true },
    contact: { type: String, required: true },
    state: { type: String, required: true },
    before: { type: Schema.Types.Mixed, default: null } as never,
    after: { type: Schema.Types.Mixed, default: null } as never,
    held: { type: Schema.Types.Mixed } as never,
    isSame: { type: Boolean, required: true },
    judged: { type: Schema.Types.Mixed, default: null } as never,
    error: { type: String, default: null },
  },
  { collection: "aiReplayItems", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
itemSchema.index({ replay: 1, state: 1, number: 1 });
itemSchema.index({ replay: 1, number: 1 });
itemSchema.index({ conversation: 1 });

/** A conversation that has to come out well before a prompt is published. */
export interface AiGolden {
  _id: string;
  name: string;
  /** The case, as people edit it. */
  yaml: string;
  /** Only for this prompt; for every one when null. */
  prompt: string | null;
  isEnabled: boolean;
  /** Where it was recorded; null when it was written. */
  conversation: string | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

const goldenSchema = new Schema<AiGolden>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    yaml: { type: String, required: true },
    prompt: { type: String, default: null },
    isEnabled: { type: Boolean, required: true },
    conversation: { type: String, default: null },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "aiGoldens", versionKey: false, autoIndex: false, strict: "throw" },
);
goldenSchema.index({ conversation: 1 });

export const aiReplayModel = (connection: Connection) => connection.model<AiReplay>("AiReplay", schema);
export type AiReplayModel = ReturnType<typeof aiReplayModel>;
export const aiReplayItemModel = (connection: Connection) => connection.model<AiReplayItem>("AiReplayItem", itemSchema);
export type AiReplayItemModel = ReturnType<typeof aiReplayItemModel>;
export const aiGoldenModel = (connection: Connection) => connection.model<AiGolden>("AiGolden", goldenSchema);
export type AiGoldenModel = ReturnType<typeof aiGoldenModel>;
