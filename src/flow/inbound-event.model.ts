/** Every event that came in, one row each. The key is a hash of the event's natural key: the dedup for ever. */
import { type Connection, Schema } from "mongoose";

export type InboundState = "ready" | "done" | "ignored" | "orphan" | "dead";

export interface InboundEventRow {
  /** Hash of the natural unique key. */
  _id: string;
  channel: string;
  kind: string;
  state: InboundState;
  /** Position among what waits to be processed as a row; present only while there is work to do. */
  order?: string;
  /** Status of a message we do not know yet: `channel:wamid`. */
  orphanOf?: string;
  /** Since when it is set aside for people to look at. */
  deadAt?: Date;
  /** A message WhatsApp could not hand over yet (131060): the real one may follow under the same key. */
  isPlaceholder?: boolean;
  /** The event as JSON text; null once retention has dropped it. */
  body: string | null;
  receivedAt: Date;
  requestId: string;
  attempts: number;
  reason: string | null;
}

const schema = new Schema<InboundEventRow>(
  {
    _id: { type: String, required: true },
    channel: { type: String, required: true },
    kind: { type: String, required: true },
    state: { type: String, required: true },
    order: { type: String },
    orphanOf: { type: String },
    deadAt: { type: Date },
    isPlaceholder: { type: Boolean },
    body: { type: String, default: null },
    receivedAt: { type: Date, required: true },
    requestId: { type: String, required: true },
    attempts: { type: Number, required: true },
    reason: { type: String, default: null },
  },
  { collection: "inboundEvents", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ order: 1 }, { partialFilterExpression: { order: { $exists: true } } });
schema.index({ deadAt: -1, _id: -1 }, { partialFilterExpression: { deadAt: { $exists: true } } });
schema.index({ orphanOf: 1 }, { partialFilterExpression: { orphanOf: { $exists: true } } });

export const inboundEventModel = (connection: Connection) => connection.model<InboundEventRow>("InboundEvent", schema);
export type InboundEventModel = ReturnType<typeof inboundEventModel>;
