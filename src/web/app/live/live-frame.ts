/** The frames of `/api/v2/live`, as the client sends and reads them. */
import type {
  DurableData,
  DurableEvent,
  EventName,
  InsteadData,
  InsteadEvent,
  PassingData,
  PassingEvent,
} from "@server/events/catalog";

export type EventData<E extends EventName> = E extends DurableEvent
  ? DurableData<E>
  : E extends PassingEvent
    ? PassingData<E>
    : E extends InsteadEvent
      ? InsteadData<E>
      : never;

export type ClientFrame =
  | { type: "auth"; token: string; since?: number }
  | { type: "subscribe" | "unsubscribe"; topics: string[] }
  | { type: "typing"; conversationId: string; on: boolean }
  | { type: "viewing"; conversationId: string | null }
  | { type: "ping" };

export interface EventFrame {
  type: "event";
  /** Null for passing events, which are never replayed. */
  seq: number | null;
  topic: string;
  event: EventName;
  data: unknown;
}

export type ServerFrame =
  | { type: "connected"; clientId: string; serverTime: string; seq: number }
  | EventFrame
  | { type: "resync"; seq: number }
  | { type: "pong" }
  | { type: "error"; error: string; code: string; requestId?: string };

/** The frame in a text, null when it is not one of ours. */
export function readFrame(text: unknown): ServerFrame | null {
  if (typeof text !== "string") return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "type" in value ? (value as ServerFrame) : null;
  } catch {
    // Awaited: SyntaxError for text that is not JSON.
    return null;
  }
}
