/**
 * Makes webhook bodies durable before they are answered. Requests of the same moment share one insert and one commit. What a body
 * says is read behind the door; there the unique key of each event is the dedup for ever. A Map with TTL in front spares the store
 * the repetitions that come within seconds.
 */
import type { Clock } from "../core/clock";
import { fail } from "../core/errors";
import { newId } from "../core/id";
import type { Log } from "../core/log";
import { TtlMap } from "../core/ttl-map";
import { createRate } from "./flood";
import type { JournalEntry, JournalModel } from "./journal.model";
import type { Trace } from "./trace";

/** An entry is taken out in one transaction, for which the next webhook has to wait. */
const MOST_REQUESTS_IN_ENTRY = 25;
const MOST_BYTES_IN_ENTRY = 200_000;

export interface AcceptMeta {
  requestId: string;
  receivedAt: number;
  /** The proof that came with the body: the same for the same body. */
  signature: string;
}

export interface AcceptDeps {
  journal: JournalModel;
  /** This process. */
  owner: string;
  dedupTtlMs: number;
  clock: Clock;
  log: Log;
  trace: Trace;
  /** Tells failures of the store itself from mistakes of ours. */
  isStoreUnavailable: (error: unknown) => boolean;
  /** Called after each commit with the work it has left. */
  onAccepted: (entries: readonly JournalEntry[]) => void;
  /** Called when bodies could not be made durable and WhatsApp has to deliver them again. */
  onRefused: () => void;
}

export interface Accept {
  /** Resolves once the body is durable, or known to be a repetition. Throws `store.unavailable` when it cannot be. */
  accept(body: Uint8Array, meta: AcceptMeta): Promise<void>;
  /** How many requests a second have come in just now. */
  perSecond(): number;
  stop(): void;
}

interface Job extends AcceptMeta {
  body: Uint8Array;
  done: () => void;
  failed: (error: unknown) => void;
}

export function createAccept({
  journal,
  owner,
  dedupTtlMs,
  clock,
  log,
  trace,
  isStoreUnavailable,
  onAccepted,
  onRefused,
}: AcceptDeps): Accept {
  const recent = new TtlMap<string, true>({ ttlMs: dedupTtlMs, clock });
  const rate = createRate();
  let waiting: Job[] = [];

  async function flush(): Promise<void> {
    const jobs = waiting;
    waiting = [];
    const entries = entriesOf(jobs, owner, clock.now());
    try {
      await journal.collection.insertMany(entries as unknown as never[]);
    } catch (error) {
      // Whatever it was: nothing may be acknowledged, and Meta will deliver again.
      onRefused();
      const reason = isStoreUnavailable(error) ? fail("store.unavailable", { cause: error, retryAfter: 5 }) : error;
      for (const job of jobs) job.failed(reason);
      return;
    }
    for (const job of jobs) {
      recent.set(job.signature, true);
      job.done();
    }
    onAccepted(entries);
    for (const { requestId, receivedAt, body } of jobs)
      trace("webhook", {
        correlationId: requestId,
        ms: clock.now() - receivedAt,
        detail: `200 · ${body.length} bytes stored`,
      });
  }

  return {
    accept(body, meta) {
      rate.count(1);
      if (recent.has(meta.signature)) {
        trace("duplicate", { correlationId: meta.requestId, detail: "seen a moment ago, ignored" });
        return Promise.resolve();
      }
      return new Promise((done, failed) => {
        waiting.push({ ...meta, body, done, failed });
        // One insert for everything that arrives in this turn of the event loop.
        if (waiting.length === 1) setImmediate(() => void flush().catch((error) => log.error("accepting failed", { error })));
      });
    },
    perSecond: rate.perSecond,
    stop: () => recent.clear(),
  };
}

/** The requests in their order, in entries of a bounded size. */
function entriesOf(jobs: readonly Job[], owner: string, now: number): JournalEntry[] {
  const entries: JournalEntry[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const { requestId, receivedAt, body } of jobs) {
    let entry = entries.at(-1);
    bytes += body.length;
    if (!entry || bytes > MOST_BYTES_IN_ENTRY || entry.requests.length === MOST_REQUESTS_IN_ENTRY) {
      entry = { _id: newId(now), owner, requests: [] };
      entries.push(entry);
      bytes = body.length;
    }
    entry.requests.push({ id: requestId, at: new Date(receivedAt), body });
  }
  return entries;
}
