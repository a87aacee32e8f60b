/** A message that is to be sent at a time. */
import { type Connection, Schema } from "mongoose";
import type { Actor } from "../../core/actor";
import { SCHEDULED_STATES } from "../../events/writing-view";
import type { NewMessage } from "../messages/message-content.schema";

export interface ScheduledMessage {
  _id: string;
  conversation: string;
  content: NewMessage;
  fallback: NewMessage | null;
  dueAt: Date;
  cancelOnReply: boolean;
  /** What the customer had written when it was asked for. */
  inboundSeq: number;
  state: (typeof SCHEDULED_STATES)[number];
  /** Absent once nothing is left to do. */
  pending?: boolean;
  message: string | null;
  usedFallback: boolean;
  error: string | null;
  author: string;
  /** Absent in older ones: a person. */
  authorKind?: Actor["kind"];
  authorName: string;
  version: number;
  createdAt: Date;
}

const schema = new Schema<ScheduledMessage>(
  {
    _id: { type: String, required: true },
    conversation: { type: String, required: true },
    content: { type: Schema.Types.Mixed, required: true } as never,
    fallback: { type: Schema.Types.Mixed, default: null } as never,
    dueAt: { type: Date, required: true },
    cancelOnReply: { type: Boolean, required: true },
    inboundSeq: { type: Number, required: true },
    state: { type: String, enum: SCHEDULED_STATES, required: true },
    pending: { type: Boolean },
    message: { type: String, default: null },
    usedFallback: { type: Boolean, required: true },
    error: { type: String, default: null },
    author: { type: String, required: true },
    authorKind: { type: String },
    authorName: { type: String, required: true },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
  },
  { collection: "scheduledMessages", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ conversation: 1, _id: -1 });
schema.index({ dueAt: 1 }, { partialFilterExpression: { pending: { $exists: true } } });

export const scheduledMessageModel = (connection: Connection) => connection.model<ScheduledMessage>("ScheduledMessage", schema);
export type ScheduledMessageModel = ReturnType<typeof scheduledMessageModel>;
