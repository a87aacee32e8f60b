/** What one turn of the assistant was given, did, used and cost. Written with its outcome, never changed; its words go by age, its figures stay. */
import { type Connection, Schema } from "mongoose";

export interface StoredRun {
  _id: string;
  /** Of the corridor's turn; a turn that was begun again has several runs. */
  turn: string | null;
  kind: "reply" | "summary" | "copilot" | "hearing";
  conversation: string;
  contact: string;
  channel: string;
  at: Date;
  /** `YYYY-MM-DD` in UTC: usage is counted by it. */
  day: string;
  outcome: string;
  reason: string | null;
  /** Which text the assistant was given about the business. */
  prompt: string | null;
  provider: string;
  model: string;
  wire: string | null;
  calls: number;
  fragments: number;
  ms: number;
  usage: { input: number; cached: number; cacheWrite: number; cacheWrite12h: number; output: number; reasoning: number };
  /** Micro-dollars; null when a price or the usage of a call is unknown. */
  costMicros: number | null;
  /** What an answer that was kept had cost when it was made: what it has saved now. */
  savedMicros?: number | null;
  isUngrounded: boolean;
  /** JSON: what it was given, the tools it called, the sentences with their sources. Null once too old. */
  input: string | null;
  toolCalls: string | null;
  /** JSON: when each request to the model was sent and what it took; figures only. */
  modelCalls?: string | null;
  citations: string | null;
  answer: string | null;
}

const schema = new Schema<StoredRun>(
  {
    _id: { type: String, required: true },
    turn: { type: String, default: null },
    kind: { type: String, required: true },
    conversation: { type: String, required: true },
    contact: { type: String, required: true },
    channel: { type: String, required: true },
    at: { type: Date, required: true },
    day: { type: String, required: true },
    outcome: { type: String, required: true },
    reason: { type: String, default: null },
    prompt: { type: String, default: null },
    provider: { type: String, required: true },
    model: { type: String, required: true },
    wire: { type: String, default: null },
    calls: { type: Number, required: true },
    fragments: { type: Number, required: true },
    ms: { type: Number, required: true },
    usage: { type: Schema.Types.Mixed, required: true } as never,
    costMicros: { type: Number, default: null },
    savedMicros: { type: Number, default: null },
    isUngrounded: { type: Boolean, default: false },
    input: { type: String, default: null },
    toolCalls: { type: String, default: null },
    modelCalls: { type: String, default: null },
    citations: { type: String, default: null },
    answer: { type: String, default: null },
  },
  { collection: "aiRuns", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ conversation: 1, _id: -1 });
schema.index({ day: 1, _id: -1 });
schema.index({ kind: 1, _id: -1 });
schema.index({ outcome: 1, _id: -1 });

export const aiRunModel = (connection: Connection) => connection.model<StoredRun>("AiRun", schema);
export type AiRunModel = ReturnType<typeof aiRunModel>;
