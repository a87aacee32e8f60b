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
import type { InboundEventModel, InboundEventRow } from "./inbound-event.model";
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
  /** Called after each commit that left work to do. */
  onAccepted: () => void;
  /** Called when events could not be made durable and WhatsApp has to deliver them again. */
  onRefused: () => void;
}

export interface Accept {
  /** Resolves once every event is durable, or known to be a repetition. Throws `store.unavailable` when it cannot be. */
  accept(events: readonly InboundEvent[], meta: AcceptMeta): Promise<void>;
  stop(): void;
}

type Known = "placeholder" | "final";

interface Job extends AcceptMeta {
  rows: InboundEventRow[];
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
    const rows = new Map<string, InboundEventRow>();
    const repeated: InboundEventRow[] = [];
    for (const row of jobs.flatMap((job) => job.rows)) {
      const first = rows.get(row._id);
      if (!first) rows.set(row._id, row);
      else if (first.isPlaceholder && !row.isPlaceholder) rows.set(row._id, row);
      else repeated.push(row);
    }
    try {
      const all = [...rows.values()];
      for (let start = 0; start < all.length; start += MAX_ROWS_PER_INSERT)
        repeated.push(...(await insert(all.slice(start, start + MAX_ROWS_PER_INSERT))));
      for (const row of all) recent.set(row._id, row.isPlaceholder ? "placeholder" : "final");
      for (const { requestId, channel } of repeated)
        trace("duplicate", { correlationId: requestId, detail: `known already, ignored (${channel})` });
      for (const job of jobs) {
        job.done();
        trace("webhook", {
          correlationId: job.requestId,
          ms: clock.now() - job.receivedAt,
          detail: `200 · ${job.rows.length === 1 ? "1 event" : `${job.rows.length} events`} stored`,
        });
      }
      onAccepted();
    } catch (error) {
      // Whatever it was: nothing may be acknowledged, and Meta will deliver again.
      onRefused();
      for (const job of jobs)
        job.failed(isStoreUnavailable(error) ? fail("store.unavailable", { cause: error, retryAfter: 5 }) : error);
    }
  }

  /** Inserts what is new. Gives back the repetitions that changed nothing. */
  async function insert(rows: InboundEventRow[]): Promise<InboundEventRow[]> {
    const duplicates = await insertNew(rows);
    const unchanged: InboundEventRow[] = [];
    for (const row of duplicates) if (row.isPlaceholder || row.kind !== "message" || !(await upgrade(row))) unchanged.push(row);
    return unchanged;
  }

  async function insertNew(rows: InboundEventRow[]): Promise<InboundEventRow[]> {
    try {
      await events.collection.insertMany(rows as unknown as never[], { ordered: false });
      return [];
    } catch (error) {
      // Unordered: every new row is stored, and each repetition is reported as a duplicate key.
      const failures = writeErrorsOf(error);
      if (failures.length === 0 || failures.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
      return failures.flatMap(({ index }) => rows[index] ?? []);
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

  return {
    accept(incoming, meta) {
      const rows = incoming
        .map((event) => toRow(event, meta))
        .filter((row) => {
          const known = recent.get(row._id);
          const isRepetition = known === "final" || (known === "placeholder" && row.isPlaceholder === true);
          if (isRepetition) trace("duplicate", { correlationId: meta.requestId, detail: "seen a moment ago, ignored" });
          return !isRepetition;
        });
      if (rows.length === 0) return Promise.resolve();
      return new Promise((done, failed) => {
        waiting.push({ ...meta, rows, done, failed });
        // One insert for everything that arrives in this turn of the event loop.
        if (waiting.length === 1) setImmediate(() => void flush().catch((error) => log.error("accepting failed", { error })));
      });
    },
    stop: () => recent.clear(),
  };
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
