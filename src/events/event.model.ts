/** The event log as stored: one document per durable event, numbered without gaps, plus the counter that numbers them. */
import { type Connection, Schema } from "mongoose";
import type { DurableEvent } from "./catalog";

export interface StoredEvent {
  /** The sequence number is the key: two writers can never give the same number twice. */
  _id: number;
  event: DurableEvent;
  topics: string[];
  /** Rooms of the inbox out of which the conversation has moved with this event. */
  left?: string[];
  /** JSON text: made once, stored, and sent to every socket as it is. */
  data: string;
  correlationId: string | null;
  /** The rules that have led to it, the first one first; absent when no rule did. */
  cause?: string[];
  at: Date;
}

const schema = new Schema<StoredEvent>(
  {
    _id: { type: Number, required: true },
    event: { type: String, required: true },
    topics: { type: [String], required: true },
    left: { type: [String], default: undefined } as never,
    data: { type: String, required: true },
    correlationId: { type: String, default: null },
    cause: { type: [String], default: undefined } as never,
    at: { type: Date, required: true },
  },
  { collection: "events", versionKey: false, autoIndex: false, minimize: false },
);
/** A client that was away for longer than a week loads its page anew. */
schema.index({ at: 1 }, { expireAfterSeconds: 7 * 86_400 });

export interface Counter {
  _id: string;
  value: number;
}

const counterSchema = new Schema<Counter>(
  { _id: { type: String, required: true }, value: { type: Number, required: true } },
  { collection: "counters", versionKey: false, autoIndex: false },
);

export const eventModel = (connection: Connection) => connection.model<StoredEvent>("Event", schema);
export const counterModel = (connection: Connection) => connection.model<Counter>("Counter", counterSchema);
export type EventModel = ReturnType<typeof eventModel>;
export type CounterModel = ReturnType<typeof counterModel>;
