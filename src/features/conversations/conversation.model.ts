/** A talk with one contact on one number. `inboundSeq` counts what the customer wrote, `epoch` counts takeovers by people. */
import { type Connection, Schema } from "mongoose";
import { newId } from "../../core/id";
import type { SlaTarget } from "../../events/automation-view";
import { CONVERSATION_STATUSES, type MESSAGE_ROLES, PRIORITIES } from "../../events/view";

/** Fragments of the customer that wait to be answered together. Durable: restarts rebuild the timers from it. */
export interface Batch {
  firstAt: Date;
  dueAt: Date;
  count: number;
  /** How often the assistant has failed on it. */
  failures: number;
}

export interface LastMessage {
  text: string;
  type: string;
  role: (typeof MESSAGE_ROLES)[number];
  direction: "inbound" | "outbound";
}

export interface Conversation {
  _id: string;
  contact: string;
  contactName: string;
  contactPhone: string | null;
  contactUsername: string | null;
  channel: string;
  source: string;
  status: (typeof CONVERSATION_STATUSES)[number];
  waitingFor: "assistant" | "snooze" | null;
  priority: (typeof PRIORITIES)[number];
  isOpen: boolean;
  isAIEnabled: boolean;
  assignedAgent: string | null;
  team: string | null;
  /** Agents who follow it besides the one it is assigned to. */
  participants: string[];
  labels: string[];
  windowExpiresAt: Date | null;
  lastMessageAt: Date;
  lastMessage: LastMessage | null;
  /** Newest message of the customer, for read receipts. */
  lastInboundWamid: string | null;
  unreadCount: number;
  inboundSeq: number;
  /** Customer messages up to this number have been answered or taken over. */
  answeredSeq: number;
  epoch: number;
  batch: Batch | null;
  /** What was said up to the message `summaryUpTo`, in a few sentences: long talks cost no more than short ones. */
  summary: string | null;
  summaryUpTo: string | null;
  createdAt: Date;
  updatedAt: Date;
  resolvedAt: Date | null;
  resolvedBy: string | null;
  /** Counts what people and rules decide about it, so that two who act at once notice. Absent in older ones: 0. */
  version?: number;
  /** A customer who is not listened to: nothing is counted, reopened or answered. */
  isMuted?: boolean;
  /** When a snooze ends by itself; null until the next reply. */
  snoozedUntil?: Date | null;
  /** Since when the customer waits for a person. */
  waitingSince?: Date | null;
  /** People have it, and none has answered yet. Absent otherwise. */
  isUnattended?: boolean;
  /** Its priority as a number; absent when it is normal. */
  rank?: number;
  /** Agents who have been mentioned in a note. */
  mentions?: string[];
  /** Those of them who have not looked since. */
  unseenMentions?: string[];
  /** The conversation that holds its messages now. */
  mergedInto?: string | null;
  /** The `waitingSince` for which a rule has chosen its team: what people decide afterwards stays. */
  routedSince?: Date | null;
  /** The promise that is due next. Absent where none was made. */
  sla?: ConversationSla | null;
  /** What the customer was asked at the end, and said. */
  csat?: ConversationCsat | null;
}

export interface ConversationSla {
  policy: string;
  target: SlaTarget;
  /** Null while the clock stands still. */
  dueAt: Date | null;
  state: "running" | "warned" | "breached" | "paused";
}

export interface ConversationCsat {
  id: string;
  /** `rated`: a comment may follow. */
  state: "asked" | "rated" | "over";
  /** Until when the next step counts. */
  until: Date;
  scale: number;
  score: number | null;
  comment: string | null;
}

const batch = new Schema<Batch>(
  {
    firstAt: { type: Date, required: true },
    dueAt: { type: Date, required: true },
    count: { type: Number, required: true },
    failures: { type: Number, required: true },
  },
  { _id: false },
);

const schema = new Schema<Conversation>(
  {
    _id: { type: String, default: () => newId() },
    contact: { type: String, required: true },
    contactName: { type: String, required: true },
    contactPhone: { type: String, default: null },
    contactUsername: { type: String, default: null },
    channel: { type: String, required: true },
    source: { type: String, required: true },
    status: { type: String, enum: CONVERSATION_STATUSES, required: true },
    waitingFor: { type: String, default: null },
    priority: { type: String, enum: PRIORITIES, required: true },
    isOpen: { type: Boolean, required: true },
    isAIEnabled: { type: Boolean, required: true },
    assignedAgent: { type: String, default: null },
    team: { type: String, default: null },
    participants: { type: [String], default: [] },
    labels: { type: [String], default: [] },
    windowExpiresAt: { type: Date, default: null },
    lastMessageAt: { type: Date, required: true },
    lastMessage: { type: Schema.Types.Mixed, default: null },
    lastInboundWamid: { type: String, default: null },
    unreadCount: { type: Number, required: true },
    inboundSeq: { type: Number, required: true },
    answeredSeq: { type: Number, required: true },
    epoch: { type: Number, required: true },
    batch: { type: batch, default: null },
    summary: { type: String, default: null },
    summaryUpTo: { type: String, default: null },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    resolvedAt: { type: Date, default: null },
    resolvedBy: { type: String, default: null },
    version: { type: Number },
    isMuted: { type: Boolean },
    snoozedUntil: { type: Date },
    waitingSince: { type: Date },
    isUnattended: { type: Boolean },
    rank: { type: Number },
    mentions: { type: [String], default: undefined } as never,
    unseenMentions: { type: [String], default: undefined } as never,
    mergedInto: { type: String },
    routedSince: { type: Date },
    sla: { type: Schema.Types.Mixed } as never,
    csat: { type: Schema.Types.Mixed } as never,
  },
  { collection: "conversations", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ contact: 1, channel: 1 }, { unique: true, partialFilterExpression: { isOpen: true } });
// Few talks belong to one contact: they are put into order when they are read, so that no message has to move them here.
schema.index({ contact: 1, _id: -1 });
schema.index({ lastMessageAt: -1, _id: -1 });
// The lists of the inbox. Those that few conversations are in are partial, so that a message of the assistant costs none of them.
schema.index({ status: 1, waitingFor: 1, lastMessageAt: -1, _id: -1 });
const held = (field: string) => ({ partialFilterExpression: { [field]: { $type: "string" as const } } });
schema.index({ assignedAgent: 1, status: 1, waitingFor: 1, lastMessageAt: -1, _id: -1 }, held("assignedAgent"));
schema.index({ team: 1, status: 1, waitingFor: 1, lastMessageAt: -1, _id: -1 }, held("team"));
const some = (field: string) => ({ partialFilterExpression: { [field]: { $exists: true } } });
schema.index({ participants: 1, status: 1, waitingFor: 1, lastMessageAt: -1, _id: -1 }, some("participants.0"));
schema.index({ mentions: 1, lastMessageAt: -1, _id: -1 }, some("mentions.0"));
schema.index({ unseenMentions: 1 }, some("unseenMentions.0"));
schema.index({ labels: 1, status: 1, waitingFor: 1, lastMessageAt: -1, _id: -1 }, some("labels.0"));
schema.index({ rank: 1, status: 1, waitingFor: 1, lastMessageAt: -1, _id: -1 }, some("rank"));
schema.index({ isUnattended: 1, lastMessageAt: -1, _id: -1 }, some("isUnattended"));
schema.index({ team: 1, isUnattended: 1, lastMessageAt: -1, _id: -1 }, some("isUnattended"));
schema.index({ assignedAgent: 1, isUnattended: 1, lastMessageAt: -1, _id: -1 }, some("isUnattended"));
const waiting = { partialFilterExpression: { waitingSince: { $type: "date" as const } } };
schema.index({ waitingSince: 1, _id: 1 }, waiting);
schema.index({ team: 1, waitingSince: 1, _id: 1 }, waiting);
schema.index({ assignedAgent: 1, waitingSince: 1, _id: 1 }, waiting);
schema.index({ "sla.dueAt": 1, _id: 1 }, { partialFilterExpression: { "sla.dueAt": { $type: "date" } } });
schema.index({ snoozedUntil: 1 }, { partialFilterExpression: { snoozedUntil: { $type: "date" } } });
schema.index({ "batch.dueAt": 1 }, { partialFilterExpression: { "batch.dueAt": { $exists: true } } });

export const conversationModel = (connection: Connection) => connection.model<Conversation>("Conversation", schema);
export type ConversationModel = ReturnType<typeof conversationModel>;
