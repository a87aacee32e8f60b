/** A talk with one contact on one number. `inboundSeq` counts what the customer wrote, `epoch` counts takeovers by people. */
import { type Connection, Schema } from "mongoose";
import { newId } from "../../core/id";
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
  },
  { collection: "conversations", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ contact: 1, channel: 1 }, { unique: true, partialFilterExpression: { isOpen: true } });
schema.index({ contact: 1, lastMessageAt: -1, _id: -1 });
schema.index({ lastMessageAt: -1, _id: -1 });
schema.index({ status: 1, lastMessageAt: -1, _id: -1 });
schema.index({ assignedAgent: 1, lastMessageAt: -1, _id: -1 });
schema.index({ team: 1, lastMessageAt: -1, _id: -1 });
schema.index({ participants: 1, lastMessageAt: -1, _id: -1 });
schema.index({ "batch.dueAt": 1 }, { partialFilterExpression: { "batch.dueAt": { $exists: true } } });

export const conversationModel = (connection: Connection) => connection.model<Conversation>("Conversation", schema);
export type ConversationModel = ReturnType<typeof conversationModel>;
