/** One try to deliver one event. What was sent is not kept: it is in the event log. */
import { type Connection, Schema } from "mongoose";

export const DELIVERY_KINDS = ["event", "test"] as const;

export interface WebhookDelivery {
  _id: string;
  endpoint: string;
  kind: (typeof DELIVERY_KINDS)[number];
  /** The `webhook-id` it was sent under: the same for every try. */
  delivery: string;
  event: string;
  seq: number | null;
  attempt: number;
  isDelivered: boolean;
  /** Null: there was no answer. */
  status: number | null;
  ms: number;
  /** How the answer begins. */
  answer: string;
  error: string | null;
  at: Date;
}

const schema = new Schema<WebhookDelivery>(
  {
    _id: { type: String, required: true },
    endpoint: { type: String, required: true },
    kind: { type: String, enum: DELIVERY_KINDS, required: true },
    delivery: { type: String, required: true },
    event: { type: String, required: true },
    seq: { type: Number, default: null },
    attempt: { type: Number, required: true },
    isDelivered: { type: Boolean, required: true },
    status: { type: Number, default: null },
    ms: { type: Number, required: true },
    answer: { type: String, default: "" },
    error: { type: String, default: null },
    at: { type: Date, required: true },
  },
  { collection: "webhookDeliveries", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ endpoint: 1, _id: -1 });
/** As long as the events themselves: what is older cannot be sent again. */
schema.index({ at: 1 }, { expireAfterSeconds: 7 * 86_400 });

export const webhookDeliveryModel = (connection: Connection) => connection.model<WebhookDelivery>("WebhookDelivery", schema);
export type WebhookDeliveryModel = ReturnType<typeof webhookDeliveryModel>;
