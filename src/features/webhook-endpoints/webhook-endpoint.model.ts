/** Where other systems want to hear of events. `position` is the last event that is settled: the durable cursor of its lane. */
import { type Connection, Schema } from "mongoose";

export const ENDPOINT_STATES = ["active", "paused", "disabled"] as const;

export interface SigningSecret {
  /** Locked; see the credential box. */
  sealed: string;
  createdAt: Date;
  /** Until then it still signs, next to the new one. Null: the one in use. */
  endsAt: Date | null;
}

export interface WebhookEndpoint {
  _id: string;
  name: string;
  url: string;
  events: string[];
  /** Only what happens in conversations of these teams; null: everything. */
  teams: string[] | null;
  state: (typeof ENDPOINT_STATES)[number];
  /** Why it is not active, in words. */
  reason: string | null;
  secrets: SigningSecret[];
  position: number;
  /** Grows with every change by people: a lane that knows an older one has nothing to say any more. */
  generation: number;
  failures: number;
  failingSince: Date | null;
  nextAttemptAt: Date | null;
  lastError: string | null;
  deliveredAt: Date | null;
  /** Events that were no longer there when it came to them. */
  missed: { from: number; to: number; at: Date } | null;
  /** Which process delivers, where there are several. */
  lease: { owner: string; until: Date } | null;
  createdAt: Date;
  updatedAt: Date;
}

const schema = new Schema<WebhookEndpoint>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    url: { type: String, required: true },
    events: { type: [String], required: true },
    teams: { type: [String], default: null } as never,
    state: { type: String, enum: ENDPOINT_STATES, required: true },
    reason: { type: String, default: null },
    secrets: { type: [Schema.Types.Mixed], required: true } as never,
    position: { type: Number, required: true },
    generation: { type: Number, required: true },
    failures: { type: Number, required: true },
    failingSince: { type: Date, default: null },
    nextAttemptAt: { type: Date, default: null },
    lastError: { type: String, default: null },
    deliveredAt: { type: Date, default: null },
    missed: { type: Schema.Types.Mixed, default: null },
    lease: { type: Schema.Types.Mixed, default: null },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "webhookEndpoints", versionKey: false, autoIndex: false, strict: "throw" },
);

export const webhookEndpointModel = (connection: Connection) => connection.model<WebhookEndpoint>("WebhookEndpoint", schema);
export type WebhookEndpointModel = ReturnType<typeof webhookEndpointModel>;
