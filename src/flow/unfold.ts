/**
 * Turns what stands in the journal into rows of single events that wait to be processed one by one. Not the usual way: for bodies
 * that hold very much, for repetitions, and for what could not be processed together. Doing it twice changes nothing.
 */
import { describeError } from "../core/errors";
import { newId } from "../core/id";
import type { InboundEventModel, InboundEventRow } from "./inbound-event.model";
import type { JournalModel } from "./journal.model";
import { onlyOnce, type ReceivedEvent, toRow } from "./received-event";
import type { Trace } from "./trace";

const DUPLICATE_KEY = 11_000;
const MAX_ROWS_PER_INSERT = 1_000;

export interface UnfoldDeps {
  events: InboundEventModel;
  journal: JournalModel;
  isStoreUnavailable: (error: unknown) => boolean;
  now: () => number;
  trace: Trace;
}

/** Stores these events of these entries as rows, each event once for ever, and takes the entries out of the journal. */
export type Unfold = (received: readonly ReceivedEvent[], entries: readonly string[]) => Promise<void>;

export function createUnfold({ events, journal, isStoreUnavailable, now, trace }: UnfoldDeps): Unfold {
  /** Gives back the repetitions that changed nothing. */
  async function insert(rows: InboundEventRow[]): Promise<InboundEventRow[]> {
    const unchanged: InboundEventRow[] = [];
    for (const row of await insertNew(rows)) {
      const isUpgrade = !row.isPlaceholder && row.kind === "message" && (await upgrade(row));
      if (!isUpgrade) unchanged.push(row);
    }
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

  /** A row that the store does not take must not stop the journal: its text is set aside for people to look at. */
  async function insertAlone(row: InboundEventRow): Promise<void> {
    try {
      await insert([row]);
    } catch (error) {
      if (isStoreUnavailable(error)) throw error;
      const { order: _, ...rest } = row;
      const reason = `it could not be stored: ${describeError(error)}`.slice(0, 500);
      const dead: InboundEventRow = {
        ...rest,
        state: "dead",
        deadAt: new Date(now()),
        body: row.body?.slice(0, 1_000_000) ?? null,
        reason,
      };
      await insertNew([dead]);
    }
  }

  return async (received, entries) => {
    const { once, repeated } = onlyOnce(received);
    const told: Pick<InboundEventRow, "requestId" | "channel">[] = repeated.map(({ requestId, event }) => ({
      requestId,
      channel: event.channel,
    }));
    const rows = once.map((one) => toRow(one, newId(now())));
    for (let start = 0; start < rows.length; start += MAX_ROWS_PER_INSERT) {
      const some = rows.slice(start, start + MAX_ROWS_PER_INSERT);
      try {
        told.push(...(await insert(some)));
      } catch (error) {
        if (isStoreUnavailable(error)) throw error;
        for (const row of some) await insertAlone(row);
      }
    }
    await journal.collection.deleteMany({ _id: { $in: entries as never[] } });
    for (const { requestId, channel } of told)
      trace("duplicate", { correlationId: requestId, detail: `known already, ignored (${channel})` });
  };
}

/** The rows that a bulk insert could not write. Empty for any other kind of error. */
function writeErrorsOf(error: unknown): { index: number; code: number }[] {
  const { writeErrors, code } = error as { writeErrors?: unknown; code?: unknown };
  if (Array.isArray(writeErrors))
    return writeErrors.map((one: { index: number; code: number }) => ({ index: one.index, code: one.code }));
  return code === DUPLICATE_KEY ? [{ index: 0, code: DUPLICATE_KEY }] : [];
}
