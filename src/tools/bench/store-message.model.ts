/** The message of the store benchmark: about 400 bytes of BSON, the same for every side that stores it. */
import mongoose, { type Connection, Schema } from "mongoose";

const { ObjectId, BSON } = mongoose.mongo;
type ObjectId = mongoose.mongo.ObjectId;

export interface BenchMessage {
  _id: ObjectId;
  wamid: string;
  conversation: ObjectId;
  contact: ObjectId;
  direction: string;
  type: string;
  body: string;
  status: { state: string; at: Date; error: null };
  at: Date;
  seq: number;
  tags: string[];
}

const schema = new Schema<BenchMessage>(
  {
    wamid: { type: String, required: true },
    conversation: { type: Schema.Types.ObjectId, required: true },
    contact: { type: Schema.Types.ObjectId, required: true },
    direction: { type: String, enum: ["in", "out"], required: true },
    type: { type: String, required: true },
    body: { type: String, default: "" },
    status: { type: Schema.Types.Mixed, default: null },
    at: { type: Date, required: true },
    seq: { type: Number, required: true },
    tags: { type: [String], default: [] },
  },
  { collection: "bench_messages", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ wamid: 1 }, { unique: true });
schema.index({ conversation: 1, at: -1 });

export const benchMessageModel = (connection: Connection) => connection.model<BenchMessage>("BenchMessage", schema);
export type BenchMessageModel = ReturnType<typeof benchMessageModel>;

const FIRST_AT = 1_760_000_000_000;
export const PER_CONVERSATION = 100;

const hex = (seed: number, index: number): string => seed.toString(16).padStart(8, "0") + index.toString(16).padStart(16, "0");

export const idOf = (index: number): ObjectId => new ObjectId(hex(0x68e00000 + (index >>> 8), index));
export const conversationOf = (index: number): ObjectId => new ObjectId(hex(0x5f000000, index));

/** Unlike the _id it does not grow with time: its index is written at random places. */
export function wamidOf(index: number): string {
  const mixed = (Math.imul(index, 0x9e3779b1) >>> 0).toString(36).padStart(7, "0");
  return `wamid.HBgN${mixed}${index.toString(36).padStart(8, "0")}FQIAEhgUM0E`;
}

/** Message `index` of `rows`, always the same. */
export function messageAt(index: number, rows: number): BenchMessage {
  const at = new Date(FIRST_AT + index * 1_000);
  const conversation = conversationOf(index % Math.max(1, Math.floor(rows / PER_CONVERSATION)));
  return {
    _id: idOf(index),
    wamid: wamidOf(index),
    conversation,
    contact: conversation,
    direction: index % 3 === 0 ? "out" : "in",
    type: "text",
    body: `Message ${index}: could you tell me whether the order has left the warehouse, and when it arrives? Gracias, señora.`,
    status: { state: index % 5 === 0 ? "read" : "delivered", at, error: null },
    at,
    seq: index,
    tags: ["orders"],
  };
}

export const toBytes = (message: BenchMessage): Uint8Array => BSON.serialize(message);

/** The driver's own reader with its default options: what a program that stores BSON in SQLite by hand would use. */
export const fromBytes = (bytes: Uint8Array): BenchMessage => BSON.deserialize(bytes) as BenchMessage;
