/** One run of a rule or a macro on one conversation: what is to be done, how far it is, and what came of each action. */
import { type Connection, Schema } from "mongoose";
import type { Actor } from "../../core/actor";
import type { AutomationAction } from "./automation-action.schema";

export const OUTCOME_STATES = ["done", "failed", "skipped", "unknown"] as const;
export const RUN_STATES = ["pending", "done", "failed", "skipped"] as const;

export interface Outcome {
  do: AutomationAction["do"];
  state: (typeof OUTCOME_STATES)[number];
  /** Why it failed or was left out, or what the other side answered. */
  detail: string | null;
  /** The message it became. */
  message: string | null;
  at: Date;
}

export interface AutomationRun {
  _id: string;
  /** What makes it the only one: rule and event, or macro, request and conversation. */
  key: string;
  kind: "rule" | "macro";
  /** The rule or macro. */
  source: string;
  name: string;
  conversation: string;
  contact: string;
  /** What a rule was started by, and its number in the event log. */
  event: string | null;
  seq: number | null;
  message: string | null;
  /** In whose name, with what they were allowed to then. */
  actor: Omit<Actor, "permissions" | "origin"> & { permissions: string[] };
  /** Rules that have led to this one, and itself. */
  chain: string[];
  actions: AutomationAction[];
  /** Place of the action that comes next. */
  next: number;
  /** Place of the action another server is being asked for: it may have been done when we died. */
  calling: number | null;
  /** How often the next action has failed. */
  attempts: number;
  outcomes: Outcome[];
  state: (typeof RUN_STATES)[number];
  /** Absent once it is over. */
  dueAt?: Date;
  owner: string | null;
  leaseUntil: Date | null;
  createdAt: Date;
  finishedAt: Date | null;
}

const schema = new Schema<AutomationRun>(
  {
    _id: { type: String, required: true },
    key: { type: String, required: true },
    kind: { type: String, required: true },
    source: { type: String, required: true },
    name: { type: String, required: true },
    conversation: { type: String, required: true },
    contact: { type: String, required: true },
    event: { type: String, default: null },
    seq: { type: Number, default: null },
    message: { type: String, default: null },
    actor: { type: Schema.Types.Mixed, required: true } as never,
    chain: { type: [String], default: [] },
    actions: { type: [Schema.Types.Mixed], required: true } as never,
    next: { type: Number, required: true },
    calling: { type: Number, default: null },
    attempts: { type: Number, required: true },
    outcomes: { type: [Schema.Types.Mixed], default: [] } as never,
    state: { type: String, enum: RUN_STATES, required: true },
    dueAt: { type: Date },
    owner: { type: String, default: null },
    leaseUntil: { type: Date, default: null },
    createdAt: { type: Date, required: true },
    finishedAt: { type: Date, default: null },
  },
  { collection: "automationRuns", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ key: 1 }, { unique: true });
schema.index({ dueAt: 1, _id: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } });
schema.index({ conversation: 1, _id: -1 });
schema.index({ source: 1, _id: -1 });
/** What was done is in the threads; how it came about is of interest for a month. */
schema.index({ finishedAt: 1 }, { expireAfterSeconds: 30 * 86_400 });

export const automationRunModel = (connection: Connection) => connection.model<AutomationRun>("AutomationRun", schema);
export type AutomationRunModel = ReturnType<typeof automationRunModel>;
