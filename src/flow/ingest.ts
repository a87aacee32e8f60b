/**
 * Turns accepted events into contacts, conversations and messages, many per transaction, in the order of arrival. Running twice
 * over the same event changes nothing. An event that cannot be processed is set aside with its reason; its neighbours go on.
 */
import type { InboundEvent } from "../channels/whatsapp/inbound";
import { type Clock, wait } from "../core/clock";
import { describeError } from "../core/errors";
import { newId } from "../core/id";
import type { Log } from "../core/log";
import { backoffMs } from "../core/retry";
import type { Change, EventLog } from "../events/log";
import type { InboundEventModel, InboundEventRow } from "./inbound-event.model";

export interface ReceivedEvent<E extends InboundEvent = InboundEvent> {
  rowId: string;
  requestId: string;
  receivedAt: number;
  /** The row stood for a message that was unavailable when it was read. */
  isPlaceholder: boolean;
  event: E;
}

/** What has to happen once the transaction has committed: timers, log lines. */
export type AfterCommit = () => void;

export interface IngestHandlers {
  /** Stores customers' messages and echoes; several of one contact may be in one call. */
  messages(events: readonly ReceivedEvent[], change: Change): Promise<AfterCommit>;
  /** News about templates, numbers, preferences and the like: each has its effect or is recorded as it is. */
  notices(events: readonly ReceivedEvent[], change: Change): Promise<void>;
  /** Applies statuses. Gives back the rows whose message is not known. */
  statuses(events: readonly ReceivedEvent[], change: Change): Promise<{ orphans: Map<string, string>; afterCommit: AfterCommit }>;
}

export interface IngestDeps {
  events: InboundEventModel;
  eventLog: EventLog;
  handlers: IngestHandlers;
  isStoreUnavailable: (error: unknown) => boolean;
  clock: Clock;
  log: Log;
}

export interface Ingest {
  /** Something was accepted: process until nothing is left. Cheap to call often. */
  wake(): void;
  /** Statuses that came before we knew the message are looked at again. */
  adopt(channel: string, wamid: string): Promise<void>;
  /** Resolves once the events accepted so far are processed. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

const PAGE = 200;
/** Longer texts go in several transactions, between which new events get their turn. */
const MOST_CHARS = 500_000;
const MAX_ATTEMPTS = 3;

export function createIngest({ events, eventLog, handlers, isStoreUnavailable, clock, log }: IngestDeps): Ingest {
  let running: Promise<void> | null = null;
  let again = false;
  let stopped = false;

  async function run(): Promise<void> {
    for (let failures = 0; !stopped; ) {
      again = false;
      try {
        const found = (await events
          .find({ order: { $exists: true } })
          .sort({ order: 1 })
          .limit(PAGE)
          .lean()) as InboundEventRow[];
        const rows = atOnce(found);
        if (rows.length > 0) await processAll(rows);
        failures = 0;
        if (rows.length < PAGE && rows.length === found.length && !again) return;
      } catch (error) {
        // The store itself fails: what is accepted stays there, so wait and go on.
        failures++;
        log.error("ingest waits for the store", { reason: describeError(error), failures });
        await wait(clock, backoffMs(failures, { baseMs: 200, maxMs: 10_000 }));
      }
    }
  }

  async function processAll(rows: readonly InboundEventRow[]): Promise<void> {
    try {
      await process(rows);
    } catch (error) {
      if (isStoreUnavailable(error)) throw error;
      // One of them is poison: find it by taking each alone, in order.
      if (rows.length > 1) for (const row of rows) await processAll([row]);
      else if (rows[0]) await setAside(rows[0], error);
    }
  }

  async function process(rows: readonly InboundEventRow[]): Promise<void> {
    const received = rows.map(read);
    const afterCommit = await eventLog.change(async (change) => {
      const steps: AfterCommit[] = [];
      const statuses = received.filter(({ event }) => event.kind === "status");
      // Between a customer's messages and the news about them the order of arrival counts.
      for (const run of runsOf(received)) {
        if (run[0]?.event.kind === "notice") await handlers.notices(run, change);
        else steps.push(await handlers.messages(run, change));
      }
      const { orphans, afterCommit: step } = statuses.length > 0 ? await handlers.statuses(statuses, change) : NO_STATUSES;
      steps.push(step);
      await close(received, orphans, change);
      if (
        await revive(
          received.flatMap(({ event }) => sentElsewhere(event)),
          change.session,
        )
      )
        again = true;
      return steps;
    });
    for (const step of afterCommit) step();
  }

  async function close(
    received: readonly ReceivedEvent[],
    orphans: ReadonlyMap<string, string>,
    { session }: Change,
  ): Promise<void> {
    const processed = received.filter(({ rowId }) => !orphans.has(rowId));
    const finish = async (rows: readonly ReceivedEvent[], filter: Record<string, unknown>) => {
      if (rows.length > 0)
        await events.collection.updateMany(
          { _id: { $in: rows.map(({ rowId }) => rowId) as never[] }, ...filter },
          { $set: { state: "done" }, $unset: { order: "" } } as never,
          { session },
        );
    };
    await finish(
      processed.filter(({ isPlaceholder }) => !isPlaceholder),
      {},
    );
    // One that became the real message since it was read stays ready: what it says now has not been looked at.
    await finish(
      processed.filter(({ isPlaceholder }) => isPlaceholder),
      { isPlaceholder: true },
    );
    for (const [rowId, orphanOf] of orphans)
      await events.collection.updateOne(
        { _id: rowId as never },
        { $set: { state: "orphan", orphanOf }, $unset: { order: "" } } as never,
        { session },
      );
  }

  /** Statuses that came before we knew the message are ready once more. Says whether there were any. */
  async function revive(keys: readonly string[], session?: Change["session"]): Promise<boolean> {
    if (keys.length === 0) return false;
    const options = session ? { session } : {};
    const early = await events
      .find({ orphanOf: { $exists: true, $in: keys } }, { _id: 1 }, options)
      .sort({ receivedAt: 1 })
      .lean();
    for (const { _id } of early)
      await events.collection.updateOne(
        { _id: _id as never },
        { $set: { state: "ready", order: newId(clock.now()) }, $unset: { orphanOf: "" } } as never,
        options,
      );
    return early.length > 0;
  }

  async function setAside(row: InboundEventRow, error: unknown): Promise<void> {
    const attempts = row.attempts + 1;
    const isDead = attempts >= MAX_ATTEMPTS;
    log.error(isDead ? "an event cannot be processed and is set aside" : "an event failed and is tried again", {
      correlationId: row.requestId,
      event: row._id,
      kind: row.kind,
      attempts,
      error,
    });
    const fields = {
      attempts,
      reason: describeError(error).slice(0, 500),
      ...(isDead ? { state: "dead", deadAt: new Date(clock.now()) } : {}),
    };
    await events.collection.updateOne({ _id: row._id as never }, {
      $set: fields,
      ...(isDead ? { $unset: { order: "" } } : {}),
    } as never);
    if (!isDead) await processAll([{ ...row, attempts }]);
  }

  const ingest: Ingest = {
    wake() {
      again = true;
      if (running || stopped) return;
      running = run().finally(() => {
        running = null;
        if (again && !stopped) ingest.wake();
      });
    },
    async adopt(channel, wamid) {
      if (await revive([`${channel}:${wamid}`])) ingest.wake();
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

/** The first rows whose texts are not too long for one transaction. */
function atOnce(rows: readonly InboundEventRow[]): readonly InboundEventRow[] {
  let chars = 0;
  const tooLong = rows.findIndex(({ body }, index) => {
    chars += body?.length ?? 0;
    return chars > MOST_CHARS && index > 0;
  });
  return tooLong === -1 ? rows : rows.slice(0, tooLong);
}

/** Messages and notices in the order of arrival, as runs of one or the other. Statuses are taken at the end. */
function runsOf(received: readonly ReceivedEvent[]): ReceivedEvent[][] {
  const runs: ReceivedEvent[][] = [];
  let isNotice: boolean | null = null;
  for (const one of received) {
    const { kind } = one.event;
    if (kind !== "message" && kind !== "echo" && kind !== "notice") continue;
    if ((kind === "notice") !== isNotice) runs.push([]);
    isNotice = kind === "notice";
    runs.at(-1)?.push(one);
  }
  return runs;
}

/** Messages of ours that did not go through us, as `channel:wamid`: their statuses may have come first. */
function sentElsewhere(event: InboundEvent): string[] {
  if (event.kind === "echo") return [`${event.channel}:${event.wamid}`];
  if (event.kind !== "notice" || (event.name !== "history" && event.name !== "standby:message")) return [];
  const kept = event.name === "history" ? event.payload.messages : [event.payload];
  return kept.flatMap(({ direction, wamid }) => (direction === "outbound" ? [`${event.channel}:${wamid}`] : []));
}

const NO_STATUSES = { orphans: new Map<string, string>(), afterCommit: () => {} };

const read = (row: InboundEventRow): ReceivedEvent => ({
  rowId: row._id,
  requestId: row.requestId,
  receivedAt: row.receivedAt.getTime(),
  isPlaceholder: row.isPlaceholder === true,
  event: JSON.parse(row.body ?? "{}") as InboundEvent,
});
