/**
 * Turns accepted events into contacts, conversations and messages, many per transaction, in the order of arrival. Running twice
 * over the same event changes nothing. An event that cannot be processed is set aside with its reason; its neighbours go on.
 */
import { type Clock, systemClock, wait } from "../core/clock";
import { describeError } from "../core/errors";
import { newId } from "../core/id";
import type { Log } from "../core/log";
import { backoffMs } from "../core/retry";
import type { Change, EventLog } from "../events/log";
import { Arrivals, firstOf } from "./arrivals";
import { giveWay } from "./flood";
import type { InboundEventModel, InboundEventRow } from "./inbound-event.model";
import { createOrphans } from "./orphans";
import { type ReceivedEvent, runsOf, StoredEvent, sentElsewhere } from "./received-event";

/** What has to happen once the transaction has committed: timers, log lines. */
export type AfterCommit = () => void;

export interface IngestHandlers {
  /**
   * Stores customers' messages and echoes; several of one contact may be in one call. `areNew`: none of them can be stored yet,
   * unless it came by another way; the store's unique key tells then.
   */
  messages(events: readonly ReceivedEvent[], change: Change, areNew: boolean): Promise<AfterCommit>;
  /** News about templates, numbers, preferences and the like: each has its effect or is recorded as it is. */
  notices(events: readonly ReceivedEvent[], change: Change): Promise<void>;
  /** Applies statuses. Gives back the rows whose message is not known. */
  statuses(events: readonly ReceivedEvent[], change: Change): Promise<{ orphans: Map<string, string>; afterCommit: AfterCommit }>;
}

export interface IngestDeps {
  events: InboundEventModel;
  eventLog: EventLog;
  /** No other process works on these events. */
  isAlone: boolean;
  handlers: IngestHandlers;
  isStoreUnavailable: (error: unknown) => boolean;
  /** How many events a second are being accepted: processing stands back during a flood. */
  acceptedPerSecond: () => number;
  clock: Clock;
  log: Log;
}

export interface Ingest {
  /** These have just been accepted. */
  take(events: readonly ReceivedEvent[]): void;
  /** The store may hold work that nobody has told of: look there too. Cheap to call often. */
  look(): void;
  /** Statuses that came before we knew the message are looked at again. */
  adopt(channel: string, wamid: string): Promise<void>;
  /** Whether something accepted before this time (wall clock) still waits to be processed. */
  isBehind(at: number): Promise<boolean>;
  /** Resolves once the events accepted so far are processed. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

/** A transaction is the time for which a webhook may have to wait, so there are as many events in one as fit into this. */
const TRANSACTION_MS = 8;
const SMALLEST_PAGE = 20;
const LARGEST_PAGE = 200;
/** However busy it is, the store is looked at so often for work that nobody has told of. */
const LOOK_EVERY_MS = 1_000;
const MAX_ATTEMPTS = 3;
const DUPLICATE_KEY = 11_000;

/** Another process has processed some of these events meanwhile. */
class Overtaken extends Error {}

export function createIngest(deps: IngestDeps): Ingest {
  const { events, eventLog, isAlone, handlers, isStoreUnavailable, acceptedPerSecond, clock, log } = deps;
  const arrivals = new Arrivals();
  const orphans = createOrphans({ events, isAlone });
  let running: Promise<void> | null = null;
  let again = false;
  let mustLook = true;
  let lookedAt = 0;
  let pageSize = SMALLEST_PAGE;
  let stopped = false;
  const newOrder = () => newId(clock.now());

  async function run(): Promise<void> {
    for (let failures = 0; !stopped; ) {
      again = false;
      try {
        const page = await nextPage();
        if (page.events.length > 0) {
          const from = systemClock.monotonic();
          await processAll(page.events, page.areNew);
          const tookMs = systemClock.monotonic() - from;
          const fitting = Math.round((page.events.length * TRANSACTION_MS) / Math.max(tookMs, 0.1));
          pageSize = Math.min(Math.max(fitting, SMALLEST_PAGE), LARGEST_PAGE, pageSize * 2);
          await giveWay(acceptedPerSecond(), tookMs);
        } else if (!again) return;
        failures = 0;
      } catch (error) {
        // The store itself fails: what is accepted stays there, so wait and go on.
        arrivals.forget();
        failures++;
        log.error("ingest waits for the store", { reason: describeError(error), failures });
        await wait(clock, backoffMs(failures, { baseMs: 200, maxMs: 10_000 }));
      }
    }
  }

  async function nextPage(): Promise<{ events: ReceivedEvent[]; areNew: boolean }> {
    const isTime = arrivals.size === 0 || systemClock.monotonic() - lookedAt > LOOK_EVERY_MS;
    if (arrivals.isComplete && !(mustLook && isTime)) return { events: arrivals.take(pageSize), areNew: true };
    mustLook = false;
    lookedAt = systemClock.monotonic();
    arrivals.beginReading();
    const rows = (await events
      .find({ order: { $exists: true } })
      .sort({ order: 1 })
      .limit(LARGEST_PAGE)
      .lean()) as InboundEventRow[];
    const found = firstOf(
      rows.map((row) => new StoredEvent(row)),
      LARGEST_PAGE,
    );
    arrivals.endReading(found, found.length === rows.length && rows.length < LARGEST_PAGE);
    if (found.length === 0 && arrivals.isComplete) return { events: arrivals.take(pageSize), areNew: true };
    return { events: found, areNew: false };
  }

  async function processAll(received: readonly ReceivedEvent[], areNew: boolean): Promise<void> {
    try {
      await process(received, areNew);
    } catch (error) {
      if (isStoreUnavailable(error)) throw error;
      // Some are stored or done already: read again what is still to be done, and take nothing for new.
      const isKnown = error instanceof Overtaken || (areNew && (error as { code?: unknown }).code === DUPLICATE_KEY);
      if (isKnown) return processAll(await reread(received), false);
      // One of them is poison: find it by taking each alone, in order.
      if (received.length > 1) for (const one of received) await processAll([one], areNew);
      else if (received[0]) await setAside(received[0], error);
    }
  }

  async function reread(received: readonly ReceivedEvent[]): Promise<ReceivedEvent[]> {
    const rows = (await events
      .find({ _id: { $in: received.map(({ rowId }) => rowId) }, order: { $exists: true } })
      .sort({ order: 1 })
      .lean()) as InboundEventRow[];
    return rows.map((row) => new StoredEvent(row));
  }

  async function process(received: readonly ReceivedEvent[], areNew: boolean): Promise<void> {
    if (received.length === 0) return;
    const afterCommit = await eventLog.change(async (change) => {
      const steps: AfterCommit[] = [];
      const statuses = received.filter(({ event }) => event.kind === "status");
      // Between a customer's messages and the news about them the order of arrival counts.
      for (const run of runsOf(received)) {
        if (run[0]?.event.kind === "notice") await handlers.notices(run, change);
        else steps.push(await handlers.messages(run, change, areNew));
      }
      const { orphans: orphaned, afterCommit } = statuses.length > 0 ? await handlers.statuses(statuses, change) : NO_STATUSES;
      steps.push(afterCommit);
      await close(received, orphaned, change);
      const elsewhere = received.flatMap(({ event }) => sentElsewhere(event));
      if (await orphans.release(elsewhere, newOrder, change.session)) mustLook = again = true;
      return steps;
    });
    for (const step of afterCommit) step();
  }

  async function close(
    received: readonly ReceivedEvent[],
    orphaned: ReadonlyMap<string, string>,
    { session }: Change,
  ): Promise<void> {
    const processed = received.filter(({ rowId }) => !orphaned.has(rowId));
    const finish = async (rows: readonly ReceivedEvent[], filter: Record<string, unknown>) => {
      if (rows.length === 0) return 0;
      const result = await events.collection.updateMany(
        { _id: { $in: rows.map(({ rowId }) => rowId) as never[] }, ...filter },
        { $set: { state: "done" }, $unset: { order: "" } } as never,
        { session },
      );
      return result.modifiedCount;
    };
    const real = processed.filter(({ isPlaceholder }) => !isPlaceholder);
    if ((await finish(real, {})) < new Set(real.map(({ rowId }) => rowId)).size) throw new Overtaken();
    // One that became the real message since it was read stays ready: what it says now has not been looked at.
    await finish(
      processed.filter(({ isPlaceholder }) => isPlaceholder),
      { isPlaceholder: true },
    );
    await orphans.put(orphaned, session);
  }

  async function setAside(received: ReceivedEvent, error: unknown): Promise<void> {
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
    if (!isDead) await processAll([received], false);
  }

  function wake(): void {
    again = true;
    if (running || stopped) return;
    running = run().finally(() => {
      running = null;
      if (again && !stopped) wake();
    });
  }

  const ingest: Ingest = {
    take(accepted) {
      arrivals.offer(accepted);
      wake();
    },
    look() {
      mustLook = true;
      wake();
    },
    async adopt(channel, wamid) {
      if (await orphans.release([`${channel}:${wamid}`], newOrder)) ingest.look();
    },
    async isBehind(at) {
      const oldest = (await events
        .findOne({ order: { $exists: true } }, { receivedAt: 1 })
        .sort({ order: 1 })
        .lean()) as Pick<InboundEventRow, "receivedAt"> | null;
      return oldest !== null && oldest.receivedAt.getTime() < at;
    },
    async drain() {
      while (running) await running;
    },
    async stop() {
      stopped = true;
      await ingest.drain();
    },
  };
  return ingest;
}

const NO_STATUSES = { orphans: new Map<string, string>(), afterCommit: () => {} };
