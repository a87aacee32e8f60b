/** A business number: what Meta says about it, and, unless it comes from the environment, its credentials under lock. */
import { type Connection, Schema } from "mongoose";
import { newId } from "../../core/id";
import type { ALERT_SEVERITIES } from "../../events/view";

export interface ChannelAlert {
  at: Date;
  /** Such as `token-expiring` or `account:alert`. */
  kind: string;
  severity: (typeof ALERT_SEVERITIES)[number];
  text: string;
}

export interface StoredChannel {
  _id: string;
  phoneNumberId: string;
  wabaId: string;
  displayNumber: string;
  name: string;
  appId: string | null;
  /** Locked text; null for the number of the environment. */
  credentials: string | null;
  readReceipts: boolean;
  tokenIsValid: boolean | null;
  tokenExpiresAt: Date | null;
  tokenMissing: string[];
  isSubscribed: boolean | null;
  checkedAt: Date | null;
  /** Why the last check failed. */
  problem: string | null;
  quality: string | null;
  status: string | null;
  nameStatus: string | null;
  throughput: string | null;
  messagingLimit: string | null;
  /** Newest first. */
  alerts: ChannelAlert[];
  /** Hash of the client's Idempotency-Key. */
  originKey: string | null;
  createdAt: Date;
  updatedAt: Date;
}

const text = { type: String, default: null } as const;

const schema = new Schema<StoredChannel>(
  {
    _id: { type: String, default: () => newId() },
    phoneNumberId: { type: String, required: true },
    wabaId: { type: String, required: true },
    displayNumber: { type: String, default: "" },
    name: { type: String, default: "" },
    appId: text,
    credentials: text,
    readReceipts: { type: Boolean, required: true },
    tokenIsValid: { type: Boolean, default: null },
    tokenExpiresAt: { type: Date, default: null },
    tokenMissing: { type: [String], default: [] },
    isSubscribed: { type: Boolean, default: null },
    checkedAt: { type: Date, default: null },
    problem: text,
    quality: text,
    status: text,
    nameStatus: text,
    throughput: text,
    messagingLimit: text,
    alerts: { type: [Schema.Types.Mixed], default: [] } as never,
    originKey: text,
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "channels", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ phoneNumberId: 1 }, { unique: true });
schema.index({ wabaId: 1 });
schema.index({ originKey: 1 }, { unique: true, partialFilterExpression: { originKey: { $type: "string" } } });

export const channelModel = (connection: Connection) => connection.model<StoredChannel>("Channel", schema);
export type ChannelModel = ReturnType<typeof channelModel>;
