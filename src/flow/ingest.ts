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
import type { EventLog } from "../events/log";
import { type Arrival, Arrivals, firstOf } from "./arrivals";
import { giveWay } from "./flood";
import type { InboundEventModel } from "./inbound-event.model";
import { createApply, type IngestHandlers, Overtaken } from "./ingest-apply";
import { createRows } from "./ingest-rows";
import { type JournalEntry, type JournalModel, oldestEntries, oldestTime } from "./journal.model";
import { createOrphans, type KnownMessages } from "./orphans";
import { eventsOf, onlyOnce, type ReceivedEvent, toRow } from "./received-event";
import type { Trace } from "./trace";
import { createUnfold } from "./unfold";

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
  /** Which of these messages, as `channel:wamid`, are stored. */
  known: KnownMessages;
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
  /** The same for all that came in since this time (wall clock): at a start nobody knows what the process before had not done. */
  adoptSince(at: number): Promise<void>;
  /** Whether something accepted before this time (wall clock) still waits to be processed. */
  isBehind(at: number): Promise<boolean>;
  /** Resolves once the events accepted so far are processed. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

/** A transaction is the time for which a webhook may have to wait, so there are as many events in one as fit into this. */
const TRANSACTION_MS = 8;
/** While much waits larger ones are worth more than quick answers: each has a price of its own. */
const CATCHING_UP_MS = 24;
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

export function createIngest(deps: IngestDeps): Ingest {
  const { events, journal, read, eventLog, owner, isAlone, handlers, isStoreUnavailable, acceptedPerSecond, clock, log, trace } =
    deps;
  const newOrder = () => newId(clock.now());
  const arrivals = new Arrivals((entry) => eventsOf(entry, read));
  const orphans = createOrphans({ events, isAlone });
  const apply = createApply({ eventLog, handlers, orphans, newOrder, onReleased: () => (mustLook = again = true) });
  const rows = createRows({ events, apply, isStoreUnavailable, clock, log });
  const unfold = createUnfold({ events, journal, isStoreUnavailable, now: () => clock.now(), trace });
  let running: Promise<void> | null = null;
  let again = false;
  let mustLook = true;
  /** The oldest entry is another process's, which is at work on it. */
  let mustWait = false;
  let lookedAt = 0;
  let pageSize = SMALLEST_PAGE;
  let stopped = false;
  const stopping = Promise.withResolvers<void>();

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
        await Promise.race([wait(clock, backoffMs(failures, { baseMs: 200, maxMs: 10_000 })), stopping.promise]);
      }
    }
  }

  /** Does a piece of work, learns how much fits into a transaction, and lets the door have its turn. */
  async function timed(work: (limit: number) => Promise<number>): Promise<void> {
    const from = systemClock.monotonic();
    const count = await work(pageSize);
    const tookMs = systemClock.monotonic() - from;
    const wantedMs = arrivals.isComplete ? TRANSACTION_MS : CATCHING_UP_MS;
    const fitting = Math.round((count * wantedMs) / Math.max(tookMs, 0.1));
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
      const ready = await rows.ready(LARGEST_PAGE);
      const found = firstOf(ready, LARGEST_PAGE);
      if (found.length === 0) return;
      await timed(async () => {
        await rows.process(found);
        return found.length;
      });
      isMore = found.length < ready.length || ready.length === LARGEST_PAGE;
    }
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
    async adoptSince(at) {
      await orphans.releaseSince(new Date(at), newOrder, deps.known);
      ingest.look();
    },
    async isBehind(at) {
      const oldest = await rows.oldestTime();
      if (oldest !== null && oldest < at) return true;
      const since = await oldestTime(journal);
      return since !== null && since < at;
    },
    async drain() {
      while (running) await running;
    },
    async stop() {
      stopped = true;
      stopping.resolve();
      await ingest.drain();
    },
  };
  return ingest;
}
