/**
 * Events that wait as rows of their own are processed together where that goes, and one by one where one of them is poison: that one is
 * set aside with its reason, and its neighbours go on.
 */
import type { Clock } from "../core/clock";
import { describeError } from "../core/errors";
import type { Log } from "../core/log";
import type { Change } from "../events/log";
import type { InboundEventModel, InboundEventRow } from "./inbound-event.model";
import { type Apply, Overtaken } from "./ingest-apply";
import { StoredEvent } from "./received-event";

const MAX_ATTEMPTS = 3;

export interface RowsDeps {
  events: InboundEventModel;
  apply: Apply;
  isStoreUnavailable: (error: unknown) => boolean;
  clock: Clock;
  log: Log;
}

export interface Rows {
  /** The oldest of those that wait, at most `limit`. */
  ready(limit: number): Promise<StoredEvent[]>;
  /** Processes them in their order. Rejects when the store itself fails. */
  process(received: readonly StoredEvent[]): Promise<void>;
  /** When the oldest of those that wait came in, or null. */
  oldestTime(): Promise<number | null>;
}

export function createRows({ events, apply, isStoreUnavailable, clock, log }: RowsDeps): Rows {
  async function read(filter: Record<string, unknown>, limit: number): Promise<StoredEvent[]> {
    const rows = (await events
      .find({ ...filter, order: { $exists: true } })
      .sort({ order: 1 })
      .limit(limit)
      .lean()) as InboundEventRow[];
    return rows.map((row) => new StoredEvent(row));
  }

  async function process(received: readonly StoredEvent[]): Promise<void> {
    if (received.length === 0) return;
    try {
      await apply(received, false, (change) => close(received, change));
    } catch (error) {
      if (isStoreUnavailable(error)) throw error;
      // Some are done already: read again what is still to be done.
      if (error instanceof Overtaken)
        return process(await read({ _id: { $in: received.map(({ rowId }) => rowId) } }, received.length));
      // One of them is poison: find it by taking each alone, in order.
      if (received.length > 1) for (const one of received) await process([one]);
      else if (received[0]) await setAside(received[0], error);
    }
  }

  async function close(received: readonly StoredEvent[], { session }: Change): Promise<void> {
    const finish = async (rows: readonly StoredEvent[], filter: Record<string, unknown>) => {
      if (rows.length === 0) return 0;
      const result = await events.collection.updateMany(
        { _id: { $in: rows.map(({ rowId }) => rowId) as never[] }, ...filter },
        { $set: { state: "done" }, $unset: { order: "" } } as never,
        { session },
      );
      return result.modifiedCount;
    };
    const real = received.filter(({ isPlaceholder }) => !isPlaceholder);
    if ((await finish(real, {})) < new Set(real.map(({ rowId }) => rowId)).size) throw new Overtaken();
    // One that became the real message since it was read stays ready: what it says now has not been looked at.
    await finish(
      received.filter(({ isPlaceholder }) => isPlaceholder),
      { isPlaceholder: true },
    );
  }

  async function setAside(received: StoredEvent, error: unknown): Promise<void> {
    const attempts = received.attempts + 1;
    const isDead = attempts >= MAX_ATTEMPTS;
    log.error(isDead ? "an event cannot be processed and is set aside" : "an event failed and is tried again", {
      correlationId: received.requestId,
      event: received.rowId,
      kind: received.kind,
      attempts,
      error,
    });
    const fields = {
      attempts,
      reason: describeError(error).slice(0, 500),
      ...(isDead ? { state: "dead", deadAt: new Date(clock.now()) } : {}),
    };
    await events.collection.updateOne({ _id: received.rowId as never }, {
      $set: fields,
      ...(isDead ? { $unset: { order: "" } } : {}),
    } as never);
    received.attempts = attempts;
    if (!isDead) await process([received]);
  }

  return {
    ready: (limit) => read({}, limit),
    process,
    async oldestTime() {
      const oldest = (await events
        .findOne({ order: { $exists: true } }, { receivedAt: 1 })
        .sort({ order: 1 })
        .lean()) as Pick<InboundEventRow, "receivedAt"> | null;
      return oldest?.receivedAt.getTime() ?? null;
    },
  };
}
