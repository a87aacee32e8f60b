/** Browsers of agents that want to be told while no window is open, and the key by which we tell them who we are. */
import { type Connection, Schema } from "mongoose";
import type { PushKind } from "./push-text";

export interface PushDevice {
  /** Hash of the endpoint: one browser profile is there once. */
  _id: string;
  agent: string;
  /** The sign-in it belongs to: it ends with it. */
  session: string;
  endpoint: string;
  /** Public key and secret of the browser, as base64url: only it can read what is sent. */
  keys: { p256dh: string; auth: string };
  kinds: PushKind[];
  language: "en" | "es" | "pt";
  /** The newest event it was told of: with several processes only one tells it. */
  toldSeq: number;
  /** Sends in a row that its push service did not take. */
  failures: number;
  createdAt: Date;
  updatedAt: Date;
}

const device = new Schema<PushDevice>(
  {
    _id: { type: String, required: true },
    agent: { type: String, required: true },
    session: { type: String, required: true },
    endpoint: { type: String, required: true },
    keys: { type: Schema.Types.Mixed, required: true } as never,
    kinds: { type: [String], required: true },
    language: { type: String, enum: ["en", "es", "pt"], required: true },
    toldSeq: { type: Number, required: true },
    failures: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "pushDevices", versionKey: false, autoIndex: false, strict: "throw" },
);
device.index({ agent: 1 });
/** A browser that has not said for so long that it is still there is gone. */
device.index({ updatedAt: 1 }, { expireAfterSeconds: 90 * 86_400 });

export interface PushKey {
  _id: string;
  publicKey: string;
  /** The private key, locked; see the credential box. */
  sealed: string;
}

const key = new Schema<PushKey>(
  {
    _id: { type: String, required: true },
    publicKey: { type: String, required: true },
    sealed: { type: String, required: true },
  },
  { collection: "pushKeys", versionKey: false, autoIndex: false, strict: "throw" },
);

export const pushDeviceModel = (connection: Connection) => connection.model<PushDevice>("PushDevice", device);
export const pushKeyModel = (connection: Connection) => connection.model<PushKey>("PushKey", key);
export type PushDeviceModel = ReturnType<typeof pushDeviceModel>;
export type PushKeyModel = ReturnType<typeof pushKeyModel>;
