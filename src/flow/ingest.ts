/**
 * Turns accepted webhook bodies into contacts, conversations and messages, many per transaction, in the order of arrival. The same
 * transaction stores a row for each event, whose unique key is the dedup for ever, and takes the bodies out of the journal. What cannot
 * go this way (a repetition, poison, a giant body) becomes rows that are processed one by one. Running twice over the same event
 * changes nothing; one that cannot be processed is set aside with its reason, and its neighbours go on.
 */
import type { InboundEvent } from "../channels/whatsapp/inbound";
import { type Clock, systemClock, wait } from "../core/clock";
import { describeError } from "../core/errors";
import { newId } from "../core/id";
import type { Log } from "../core/log";
import { backoffMs } from "../core/retry";
import type { Change, EventLog } from "../events/log";
import { type Arrival, Arrivals, firstOf } from "./arrivals";
import { giveWay } from "./flood";
import type { InboundEventModel, InboundEventRow } from "./inbound-event.model";
import { type JournalEntry, type JournalModel, oldestEntries, oldestTime } from "./journal.model";
import { createOrphans } from "./orphans";
import { eventsOf, onlyOnce, type ReceivedEvent, runsOf, StoredEvent, sentElsewhere, toRow } from "./received-event";
import type { Trace } from "./trace";
import { createUnfold } from "./unfold";

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
  journal: JournalModel;
  /** What a webhook body says; never throws. */
  read: (body: Uint8Array, receivedAt: number) => InboundEvent[];
  eventLog: EventLog;
  /** This process. */
  owner: string;
  /** No other process works on these events. */
  isAlone: boolean;
  handlers: IngestHandlers;
  isStoreUnavailable: (error: unknown) => boolean;
  /** How many events a second are being accepted: processing stands back during a flood. */
  acceptedPerSecond: () => number;
  clock: Clock;
  log: Log;
  trace: Trace;
}

export interface Ingest {
  /** These have just been accepted. */
  take(entries: readonly JournalEntry[]): void;
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
/** What is read of the journal at once. */
const MOST_ENTRIES = 20;
/**
 * What another process took in is older news of the same customers perhaps, so its turn comes first. It is left to that process for so
 * long, which must have died then.
 */
const PATIENCE_MS = 1_000;
const LOOK_AGAIN_MS = 10;
const MAX_ATTEMPTS = 3;

/** Another process has processed some of these events meanwhile. */
class Overtaken extends Error {}

export function createIngest(deps: IngestDeps): Ingest {
  const { events, journal, read, eventLog, owner, isAlone, handlers, isStoreUnavailable, acceptedPerSecond, clock, log, trace } =
    deps;
  const arrivals = new Arrivals((entry) => eventsOf(entry, read));
  const orphans = createOrphans({ events, isAlone });
  const unfold = createUnfold({ events, journal, isStoreUnavailable, now: clock.now, trace });
  let running: Promise<void> | null = null;
  let again = false;
  let mustLook = true;
  /** The oldest entry is another process's, which is at work on it. */
  let mustWait = false;
  let lookedAt = 0;
  let pageSize = SMALLEST_PAGE;
  let stopped = false;
  const newOrder = () => newId(clock.now());

  async function run(): Promise<void> {
    for (let failures = 0; !stopped; ) {
      again = false;
      try {
        await lookIfTime();
        if (!arrivals.isEmpty) await timed((limit) => processArrivals(arrivals.take(limit)));
        else if (mustWait) await wait(systemClock, LOOK_AGAIN_MS);
        else if (!again) return;
        failures = 0;
      } catch (error) {
        // The store itself fails: what is accepted stays there, so wait and go on.
        arrivals.forget();
        mustLook = true;
        failures++;
        log.error("ingest waits for the store", { reason: describeError(error), failures });
        await wait(clock, backoffMs(failures, { baseMs: 200, maxMs: 10_000 }));
      }
    }
  }

  /** Does a piece of work, learns how much fits into a transaction, and lets the door have its turn. */
  async function timed(work: (limit: number) => Promise<number>): Promise<void> {
    const from = systemClock.monotonic();
    const count = await work(pageSize);
    const tookMs = systemClock.monotonic() - from;
    const fitting = Math.round((count * TRANSACTION_MS) / Math.max(tookMs, 0.1));
    pageSize = Math.min(Math.max(fitting, SMALLEST_PAGE), LARGEST_PAGE, pageSize * 2);
    await giveWay(acceptedPerSecond(), tookMs);
  }

  async function lookIfTime(): Promise<void> {
    const isTime = arrivals.isEmpty || systemClock.monotonic() - lookedAt > LOOK_EVERY_MS;
    const isAsked = (mustLook && isTime) || !isAlone;
    if (!isAsked && (arrivals.isComplete || !arrivals.isEmpty)) return;
    if (isAsked) {
      mustLook = false;
      lookedAt = systemClock.monotonic();
      // Rows are older than what is still in the journal.
      await processRows();
    }
    arrivals.beginReading();
    const found = await oldestEntries(journal, MOST_ENTRIES);
    const foreign = isAlone ? -1 : found.findIndex(isTheirs);
    mustWait = foreign === 0;
    arrivals.endReading(foreign < 0 ? found : found.slice(0, foreign), isAlone && found.length < MOST_ENTRIES);
  }

  function isTheirs({ owner: whose, requests }: JournalEntry): boolean {
    const ageMs = clock.now() - (requests[0]?.at.getTime() ?? 0);
    return whose !== owner && ageMs >= 0 && ageMs < PATIENCE_MS;
  }

  /** Gives the number of events. */
  async function processArrivals(taken: readonly Arrival[]): Promise<number> {
    const entries = taken.map(({ id }) => id);
    const received = taken.flatMap((one) => one.events);
    if (received.length > LARGEST_PAGE || !(await processAtOnce(received, entries))) {
      await unfold(received, entries);
      await processRows();
    }
    return received.length;
  }

  /** The usual way. False when it did not go: nothing has happened then. */
  async function processAtOnce(received: readonly ReceivedEvent[], entries: readonly string[]): Promise<boolean> {
    const { once, repeated } = onlyOnce(received);
    try {
      await apply(once, true, async ({ session }) => {
        // First: a repetition ends it here, before anything else was done.
        if (once.length > 0) await events.collection.insertMany(once.map((one) => toRow(one)) as unknown as never[], { session });
        const { deletedCount } = await journal.collection.deleteMany({ _id: { $in: entries as never[] } }, { session });
        if (deletedCount < entries.length) throw new Overtaken();
      });
    } catch (error) {
      if (isStoreUnavailable(error)) throw error;
      return false;
    }
    for (const { requestId } of repeated)
      trace("duplicate", { correlationId: requestId, detail: "came twice in one moment, ignored" });
    return true;
  }

  /** Everything that waits as a row, in its order. */
  async function processRows(): Promise<void> {
    for (let isMore = true; isMore && !stopped; ) {
      const rows = await readyRows({});
      const found = firstOf(rows, LARGEST_PAGE);
      if (found.length === 0) return;
      await timed(async () => {
        await processAll(found);
        return found.length;
      });
      isMore = found.length < rows.length || rows.length === LARGEST_PAGE;
    }
  }

  async function readyRows(filter: Record<string, unknown>): Promise<StoredEvent[]> {
    const rows = (await events
      .find({ ...filter, order: { $exists: true } })
      .sort({ order: 1 })
      .limit(LARGEST_PAGE)
      .lean()) as InboundEventRow[];
    return rows.map((row) => new StoredEvent(row));
  }

  async function processAll(received: readonly StoredEvent[]): Promise<void> {
    if (received.length === 0) return;
    try {
      await apply(received, false, (change) => close(received, change));
    } catch (error) {
      if (isStoreUnavailable(error)) throw error;
      // Some are done already: read again what is still to be done.
      if (error instanceof Overtaken) return processAll(await readyRows({ _id: { $in: received.map(({ rowId }) => rowId) } }));
      // One of them is poison: find it by taking each alone, in order.
      if (received.length > 1) for (const one of received) await processAll([one]);
      else if (received[0]) await setAside(received[0], error);
    }
  }

  /** What these events mean, in one transaction. `first`: what has to hold for it. */
  async function apply(
    received: readonly ReceivedEvent[],
    areNew: boolean,
    first: (change: Change) => Promise<void>,
  ): Promise<void> {
    const afterCommit = await eventLog.change(async (change) => {
      const steps: AfterCommit[] = [];
      await first(change);
      const statuses = received.filter(({ event }) => event.kind === "status");
      // Between a customer's messages and the news about them the order of arrival counts.
      for (const run of runsOf(received)) {
        if (run[0]?.event.kind === "notice") await handlers.notices(run, change);
        else steps.push(await handlers.messages(run, change, areNew));
      }
      if (statuses.length > 0) {
        const { orphans: orphaned, afterCommit } = await handlers.statuses(statuses, change);
        steps.push(afterCommit);
        await orphans.put(orphaned, change.session);
      }
      const elsewhere = received.flatMap(({ event }) => sentElsewhere(event));
      if (await orphans.release(elsewhere, newOrder, change.session)) mustLook = again = true;
      return steps;
    });
    for (const step of afterCommit) step();
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
    if (!isDead) await processAll([received]);
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
    take(entries) {
      // Where others work too, what is next can only be seen in the store.
      if (isAlone) arrivals.offer(entries);
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
      if (oldest !== null && oldest.receivedAt.getTime() < at) return true;
      const since = await oldestTime(journal);
      return since !== null && since < at;
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
