/**
 * Makes events durable before the webhook is answered. The unique key is the dedup for ever; a Map with TTL in front spares the
 * store the repetitions that come within seconds. Requests of the same moment share one insert and one commit.
 */
import type { InboundEvent } from "../channels/whatsapp/inbound";
import type { Clock } from "../core/clock";
import { fail } from "../core/errors";
import { newId, shortHash } from "../core/id";
import type { Log } from "../core/log";
import { TtlMap } from "../core/ttl-map";
import { createRate } from "./flood";
import type { InboundEventModel, InboundEventRow } from "./inbound-event.model";
import type { ReceivedEvent } from "./received-event";
import type { Trace } from "./trace";

const DUPLICATE_KEY = 11_000;
const MAX_ROWS_PER_INSERT = 1_000;

export interface AcceptMeta {
  requestId: string;
  receivedAt: number;
}

export interface AcceptDeps {
  events: InboundEventModel;
  dedupTtlMs: number;
  clock: Clock;
  log: Log;
  trace: Trace;
  /** Tells failures of the store itself from mistakes of ours. */
  isStoreUnavailable: (error: unknown) => boolean;
  /** Called after each commit with the work it has left. */
  onAccepted: (events: readonly ReceivedEvent[]) => void;
  /** Called when events could not be made durable and WhatsApp has to deliver them again. */
  onRefused: () => void;
}

export interface Accept {
  /** Resolves once every event is durable, or known to be a repetition. Throws `store.unavailable` when it cannot be. */
  accept(events: readonly InboundEvent[], meta: AcceptMeta): Promise<void>;
  /** How many events a second have come in just now. */
  perSecond(): number;
  stop(): void;
}

type Known = "placeholder" | "final";

interface Incoming {
  row: InboundEventRow;
  event: InboundEvent;
  /** The real message after an unavailable one. */
  isUpgrade?: boolean;
}

interface Job extends AcceptMeta {
  incoming: Incoming[];
  done: () => void;
  failed: (error: unknown) => void;
}

export function createAccept({
  events,
  dedupTtlMs,
  clock,
  log,
  trace,
  isStoreUnavailable,
  onAccepted,
  onRefused,
}: AcceptDeps): Accept {
  const recent = new TtlMap<string, Known>({ ttlMs: dedupTtlMs, clock });
  const rate = createRate();
  let waiting: Job[] = [];

  function toRow(event: InboundEvent, { requestId, receivedAt }: AcceptMeta): InboundEventRow {
    const isIgnored = event.kind === "ignored";
    return {
      _id: shortHash(event.key),
      channel: event.channel,
      kind: event.kind,
      state: isIgnored ? "ignored" : "ready",
      ...(isIgnored ? {} : { order: newId(clock.now()) }),
      ...(isPlaceholder(event) ? { isPlaceholder: true } : {}),
      body: JSON.stringify(event),
      receivedAt: new Date(receivedAt),
      requestId,
      attempts: 0,
      reason: isIgnored ? event.reason : null,
    };
  }

  async function flush(): Promise<void> {
    const jobs = waiting;
    waiting = [];
    const fresh = new Map<string, Incoming>();
    const repeated: InboundEventRow[] = [];
    for (const { incoming } of jobs)
      for (const one of incoming) {
        const first = fresh.get(one.row._id)?.row;
        if (!first || (first.isPlaceholder && !one.row.isPlaceholder)) fresh.set(one.row._id, one);
        else repeated.push(one.row);
      }
    try {
      const all = [...fresh.values()];
      for (let start = 0; start < all.length; start += MAX_ROWS_PER_INSERT)
        for (const { row } of await insert(all.slice(start, start + MAX_ROWS_PER_INSERT))) {
          fresh.delete(row._id);
          repeated.push(row);
        }
      for (const { row } of all) recent.set(row._id, row.isPlaceholder ? "placeholder" : "final");
      for (const { requestId, channel } of repeated)
        trace("duplicate", { correlationId: requestId, detail: `known already, ignored (${channel})` });
      for (const job of jobs) {
        job.done();
        trace("webhook", {
          correlationId: job.requestId,
          ms: clock.now() - job.receivedAt,
          detail: `200 · ${job.incoming.length === 1 ? "1 event" : `${job.incoming.length} events`} stored`,
        });
      }
      onAccepted([...fresh.values()].flatMap(toWork));
    } catch (error) {
      // Whatever it was: nothing may be acknowledged, and Meta will deliver again.
      onRefused();
      for (const job of jobs)
        job.failed(isStoreUnavailable(error) ? fail("store.unavailable", { cause: error, retryAfter: 5 }) : error);
    }
  }

  /** Inserts what is new. Gives back the repetitions that changed nothing. */
  async function insert(incoming: Incoming[]): Promise<Incoming[]> {
    const unchanged: Incoming[] = [];
    for (const one of await insertNew(incoming)) {
      const { row } = one;
      one.isUpgrade = !row.isPlaceholder && row.kind === "message" && (await upgrade(row));
      if (!one.isUpgrade) unchanged.push(one);
    }
    return unchanged;
  }

  async function insertNew(incoming: Incoming[]): Promise<Incoming[]> {
    try {
      await events.collection.insertMany(incoming.map(({ row }) => row) as unknown as never[], { ordered: false });
      return [];
    } catch (error) {
      // Unordered: every new row is stored, and each repetition is reported as a duplicate key.
      const failures = writeErrorsOf(error);
      if (failures.length === 0 || failures.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
      return failures.flatMap(({ index }) => incoming[index] ?? []);
    }
  }

  /** The one lawful second delivery: the real message after an unavailable one. */
  async function upgrade({ _id, body, order }: InboundEventRow): Promise<boolean> {
    const result = await events.collection.updateOne({ _id: _id as never, isPlaceholder: true }, {
      $set: { body, order, state: "ready", attempts: 0 },
      $unset: { isPlaceholder: "" },
    } as never);
    return result.modifiedCount === 1;
  }

  function isRepetition({ _id, isPlaceholder }: InboundEventRow): boolean {
    const known = recent.get(_id);
    return known === "final" || (known === "placeholder" && isPlaceholder === true);
  }

  return {
    accept(events, meta) {
      rate.count(events.length);
      const incoming: Incoming[] = [];
      for (const event of events) {
        const row = toRow(event, meta);
        if (isRepetition(row)) trace("duplicate", { correlationId: meta.requestId, detail: "seen a moment ago, ignored" });
        else incoming.push({ row, event });
      }
      if (incoming.length === 0) return Promise.resolve();
      return new Promise((done, failed) => {
        waiting.push({ ...meta, incoming, done, failed });
        // One insert for everything that arrives in this turn of the event loop.
        if (waiting.length === 1) setImmediate(() => void flush().catch((error) => log.error("accepting failed", { error })));
      });
    },
    perSecond: rate.perSecond,
    stop: () => recent.clear(),
  };
}

/** What is left to be done about a stored row: nothing when it is ignored. */
function toWork({ row, event, isUpgrade = false }: Incoming): ReceivedEvent[] {
  if (row.state !== "ready") return [];
  const { _id: rowId, requestId, isPlaceholder = false, kind } = row;
  const [receivedAt, size] = [row.receivedAt.getTime(), row.body?.length ?? 0];
  return [{ rowId, requestId, receivedAt, isPlaceholder, isUpgrade, attempts: 0, kind, size, event }];
}

/** A message that WhatsApp could not hand over (131060 above all): the real one may follow under the same id (facts §2.4). */
const isPlaceholder = (event: InboundEvent): boolean => event.kind === "message" && event.content.type === "unsupported";

/** The rows that a bulk insert could not write. Empty for any other kind of error. */
function writeErrorsOf(error: unknown): { index: number; code: number }[] {
  const { writeErrors, code } = error as { writeErrors?: unknown; code?: unknown };
  if (Array.isArray(writeErrors))
    return writeErrors.map((one: { index: number; code: number }) => ({ index: one.index, code: one.code }));
  return code === DUPLICATE_KEY ? [{ index: 0, code: DUPLICATE_KEY }] : [];
}
