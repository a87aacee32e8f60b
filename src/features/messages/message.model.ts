/** One message. An outbound message is its own outbox item: `delivery` says how far it has come, `body` is what is sent. */
import { type Connection, Schema } from "mongoose";
import type { RuleRef } from "../../core/actor";
import { newId } from "../../core/id";
import { DELIVERY_STATES, MESSAGE_ROLES, PLATFORMS } from "../../events/view";

export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface DeliveryError {
  code: string | number;
  message: string;
  details?: string;
}

export interface Delivery {
  state: DeliveryState;
  attempts: number;
  /** When the lane looks at it next; absent once nothing is left to do. */
  dueAt?: Date;
  /** When the call that may have left was begun: written before the call. */
  intentAt?: Date;
  /** When its first status came: what WhatsApp has taken and told us about. */
  confirmedAt?: Date;
  /** Sent once more after it was judged not sent. */
  isResend: boolean;
  /** True while a person has to decide whether to send again. */
  needsDecision: boolean;
  /** Why people have to look at it: listed under `/deliveries`. Absent when they need not. */
  attention?: "unknown" | "failed";
  error: DeliveryError | null;
}

export interface Attachment {
  type: string;
  url: string | null;
  mediaId: string | null;
  /** Where the file is when WhatsApp gave no id of it: its own address, which lives five minutes. */
  sourceUrl?: string;
  fileDescription: string | null;
  mimeType: string | null;
  filename: string | null;
  /** Id of the file, once it is settled. */
  media?: string;
  thumbnailUrl?: string;
  /** Bytes. */
  size?: number;
  /** Why the file could not be loaded. */
  error?: string;
}

export interface Reaction {
  by: "customer" | "business";
  /** "" once it is taken away: what was said before that and comes later must not bring it back. */
  emoji: string;
  at: Date;
}

export interface AiRun {
  /** Its row in the book of runs, and how many passages it cites there; absent on messages from before it was kept. */
  id?: string;
  sources?: number;
  turn: string;
  provider: string;
  model: string;
  ms: number;
  fragments: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  costMicros: number | null;
}

export interface Message {
  _id: string;
  conversation: string;
  contact: string;
  channel: string;
  /** Contact and number: messages of one lane leave in order, one at a time. */
  lane: string;
  role: (typeof MESSAGE_ROLES)[number];
  direction: "inbound" | "outbound";
  platform: (typeof PLATFORMS)[number];
  type: string;
  content: string;
  payload: Record<string, unknown>;
  attachments: Attachment[];
  context: { wamid: string | null; forwarded: boolean; frequentlyForwarded?: boolean } | null;
  reactions: Reaction[];
  editedAt: Date | null;
  revokedAt: Date | null;
  /** What it said before the customer changed it, oldest first. */
  previousContents: string[];
  wamid: string | null;
  /** A reaction, edit or withdrawal that came before its message: WhatsApp's id of that message. */
  about?: string;
  /** Inbound: its number among the customer's messages that want an answer. */
  inboundSeq: number | null;
  /** Outbound of the assistant: the epoch it was written in; a later epoch cancels it. */
  epoch: number | null;
  /** Outbound: the JSON that is sent, built once. */
  body: string | null;
  delivery: Delivery | null;
  pricing: Record<string, unknown> | null;
  author: string | null;
  private: boolean;
  aiRun: AiRun | null;
  /** What made an outbound message: the part of a turn, or a client's Idempotency-Key. The same origin is stored once. */
  originKey: string | null;
  correlationId: string | null;
  sentAt: Date;
  createdAt: Date;
  labels?: string[];
  /** Agents who have put a star on it. */
  starredBy?: string[];
  /** Agents a note mentions. */
  mentions?: string[];
  /** When its content was erased. */
  erasedAt?: Date | null;
  /** The rule that sent it, by the name it had then. */
  rule?: RuleRef;
}

const delivery = new Schema<Delivery>(
  {
    state: { type: String, enum: DELIVERY_STATES, required: true },
    attempts: { type: Number, required: true },
    dueAt: { type: Date },
    intentAt: { type: Date },
    confirmedAt: { type: Date },
    isResend: { type: Boolean, required: true },
    needsDecision: { type: Boolean, required: true },
    attention: { type: String },
    error: { type: Schema.Types.Mixed, default: null },
  },
  { _id: false },
);

const schema = new Schema<Message>(
  {
    _id: { type: String, default: () => newId() },
    conversation: { type: String, required: true },
    contact: { type: String, required: true },
    channel: { type: String, required: true },
    lane: { type: String, required: true },
    role: { type: String, enum: MESSAGE_ROLES, required: true },
    direction: { type: String, enum: ["inbound", "outbound"], required: true },
    platform: { type: String, enum: PLATFORMS, required: true },
    type: { type: String, required: true },
    content: { type: String, default: "" },
    payload: { type: Schema.Types.Mixed, default: {} },
    attachments: { type: [Schema.Types.Mixed], default: [] } as never,
    context: { type: Schema.Types.Mixed, default: null },
    reactions: { type: [Schema.Types.Mixed], default: [] } as never,
    editedAt: { type: Date, default: null },
    revokedAt: { type: Date, default: null },
    previousContents: { type: [String], default: [] },
    wamid: { type: String, default: null },
    about: { type: String },
    inboundSeq: { type: Number, default: null },
    epoch: { type: Number, default: null },
    body: { type: String, default: null },
    delivery: { type: delivery, default: null },
    pricing: { type: Schema.Types.Mixed, default: null },
    author: { type: String, default: null },
    private: { type: Boolean, default: false },
    aiRun: { type: Schema.Types.Mixed, default: null },
    originKey: { type: String, default: null },
    correlationId: { type: String, default: null },
    sentAt: { type: Date, required: true },
    createdAt: { type: Date, required: true },
    labels: { type: [String], default: undefined } as never,
    starredBy: { type: [String], default: undefined } as never,
    mentions: { type: [String], default: undefined } as never,
    erasedAt: { type: Date },
    rule: { type: Schema.Types.Mixed },
  },
  { collection: "messages", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ conversation: 1, _id: -1 });
schema.index({ contact: 1, _id: -1 });
/** Whether a file is still in use. */
schema.index({ "attachments.media": 1 }, { partialFilterExpression: { "attachments.media": { $exists: true } } });
schema.index({ starredBy: 1, _id: -1 }, { partialFilterExpression: { "starredBy.0": { $exists: true } } });
schema.index({ channel: 1, wamid: 1 }, { unique: true, partialFilterExpression: { wamid: { $type: "string" } } });
schema.index({ channel: 1, about: 1 }, { partialFilterExpression: { about: { $exists: true } } });
schema.index({ originKey: 1 }, { unique: true, partialFilterExpression: { originKey: { $type: "string" } } });
schema.index({ lane: 1, _id: 1 }, { partialFilterExpression: { "delivery.dueAt": { $exists: true } } });
schema.index({ "delivery.dueAt": 1, _id: 1 }, { partialFilterExpression: { "delivery.dueAt": { $exists: true } } });
schema.index({ "delivery.attention": 1, _id: -1 }, { partialFilterExpression: { "delivery.attention": { $exists: true } } });
schema.index({ conversation: 1, inboundSeq: 1 }, { partialFilterExpression: { inboundSeq: { $type: "number" } } });

export const messageModel = (connection: Connection) => connection.model<Message>("Message", schema);
export type MessageModel = ReturnType<typeof messageModel>;
