/** Door and ingest on a real store, with handlers that only write down what they are given. */
import { readWebhook } from "../../src/channels/whatsapp/parse";
import { signBody } from "../../src/channels/whatsapp/signature";
import { type Clock, systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { createAccept } from "../../src/flow/accept";
import { createIngest } from "../../src/flow/ingest";
import type { IngestHandlers } from "../../src/flow/ingest-apply";
import type { JournalEntry } from "../../src/flow/journal.model";
import type { ReceivedEvent } from "../../src/flow/received-event";
import { isStoreUnavailable } from "../../src/store/connect";
import { webhookOf } from "../helpers/api-client";
import type { Rooms } from "../helpers/rooms";

export const NUMBER = "440055660077001";

/** A webhook body with one text a message id. */
export const texts = (...ids: string[]): unknown =>
  webhookOf(
    NUMBER,
    ids.map((id) => ({ from: "51987650700", id, text: `texto ${id}` })),
  );

/** The message WhatsApp could not hand over yet; the same id may come again as itself. */
export function unavailable(id: string): unknown {
  const body = texts(id) as { entry: { changes: { value: { messages: unknown[] } }[] }[] };
  const errors = [{ code: 131_060, title: "Unavailable" }];
  for (const change of body.entry[0]?.changes ?? [])
    change.value.messages = [{ from: "51987650700", id, timestamp: "1790000000", type: "unsupported", errors }];
  return body;
}

export interface IngestWorldOptions {
  rooms: Rooms;
  clock?: Clock;
  /** The name of this process; absent: it is the only one. */
  owner?: string;
  /** Throws for what must fail. */
  fail?: (wamid: string) => void;
  /** Whether what was accepted is handed over at once; else `ingest.look()` finds it. */
  handsOver?: boolean;
}

export function openIngestWorld({ rooms, clock = systemClock, owner, fail, handsOver = true }: IngestWorldOptions) {
  const { inboundEvents: events, journal } = rooms.models;
  /** What each committed transaction was about. */
  const committed: string[][] = [];
  const duplicates: string[] = [];
  const entries: JournalEntry[] = [];
  const nameOf = ({ event }: ReceivedEvent) =>
    "wamid" in event ? `${event.wamid}${"content" in event && event.content.type === "unsupported" ? "?" : ""}` : event.kind;
  const messages: IngestHandlers["messages"] = async (received) => {
    const seen = received.map(nameOf);
    for (const name of seen) fail?.(name);
    return () => committed.push(seen);
  };
  const ingest = createIngest({
    events,
    journal,
    read: readWebhook,
    eventLog: rooms.eventLog,
    isStoreUnavailable,
    owner: owner ?? "alone",
    isAlone: owner === undefined,
    known: async () => new Set(),
    acceptedPerSecond: () => 0,
    clock,
    log: silentLog,
    trace: (stage, { correlationId }) => {
      if (stage === "duplicate") duplicates.push(correlationId ?? "");
    },
    handlers: {
      messages,
      notices: async () => {},
      statuses: async () => ({ orphans: new Map(), afterCommit: () => {} }),
    },
  });
  const door = createAccept({
    journal,
    owner: owner ?? "alone",
    dedupTtlMs: 60_000,
    clock,
    log: silentLog,
    trace: () => {},
    isStoreUnavailable,
    onAccepted: (some) => {
      entries.push(...some);
      if (handsOver) ingest.take(some);
    },
    onRefused: () => {},
  });
  let requests = 0;
  return {
    ingest,
    committed,
    duplicates,
    /** Every entry of the journal so far. */
    entries,
    /** What was committed, in its order. */
    effects: () => committed.flat(),
    post(body: unknown): Promise<void> {
      const raw = Buffer.from(JSON.stringify(body));
      const requestId = `req_${++requests}`;
      return door.accept(raw, { requestId, receivedAt: clock.now(), signature: signBody("secret", raw) });
    },
    /** Looks into the store and works until nothing is left. */
    async work() {
      ingest.look();
      await ingest.drain();
    },
    rows: () => events.find({}).sort({ receivedAt: 1 }).lean(),
    journalled: () => journal.countDocuments({}),
    async stop() {
      door.stop();
      await ingest.stop();
    },
  };
}
