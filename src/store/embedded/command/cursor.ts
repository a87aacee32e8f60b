/** Open cursors: results that did not fit into one reply. They expire when nobody asks for ten minutes. */
import type { Clock } from "../../../core/clock";
import { commandError } from "../command-error";
import type { Batch } from "./reply";

const IDLE_MS = 600_000;
/** A reply stays below 16 MiB so that every client accepts it. */
const REPLY_BYTES = 15_000_000;
export const FIRST_BATCH = 101;

interface Source {
  documents: Iterator<Uint8Array>;
  /** Read already, but it did not fit into the last reply. */
  held: Uint8Array | null;
}

interface Cursor {
  source: Source;
  namespace: string;
  /** The transaction it belongs to, or null. */
  transaction: string | null;
  usedAt: number;
}

export interface OpenRequest {
  namespace: string;
  documents: Iterable<Uint8Array>;
  batchSize: number;
  /** Give one batch and forget the rest. */
  single: boolean;
  transaction: string | null;
}

export interface CursorRegistryOptions {
  clock: Clock;
  /** Bits that all ids of this registry carry. */
  mark?: bigint;
  /** True when a batch should end early, so that others get their turn: a client asks again. */
  isTired?: () => boolean;
}

export class CursorRegistry {
  readonly #cursors = new Map<bigint, Cursor>();
  readonly #clock: Clock;
  readonly #mark: bigint;
  readonly #isTired: () => boolean;

  constructor({ clock, mark = 0n, isTired = () => false }: CursorRegistryOptions) {
    this.#clock = clock;
    this.#mark = mark;
    this.#isTired = isTired;
  }

  get size(): number {
    return this.#cursors.size;
  }

  /** The first reply of a find or aggregate; keeps a cursor when there is more. */
  open({ namespace, documents, batchSize, single, transaction }: OpenRequest): Batch {
    const source: Source = { documents: documents[Symbol.iterator](), held: null };
    const { batch, more } = take(source, batchSize, () => false);
    if (!more || single) {
      source.documents.return?.();
      return { namespace, cursor: 0n, field: "firstBatch", documents: batch };
    }
    const id = newCursorId() | this.#mark;
    this.#cursors.set(id, { source, namespace, transaction, usedAt: this.#clock.monotonic() });
    return { namespace, cursor: id, field: "firstBatch", documents: batch };
  }

  /** The next reply; `batchSize` 0 means as much as fits. */
  more(id: bigint, namespace: string, batchSize: number, transaction: string | null): Batch {
    const cursor = this.#cursors.get(id);
    if (!cursor) throw commandError("CursorNotFound", `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw commandError(
        "Unauthorized",
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    }
    if (cursor.transaction !== transaction)
      throw commandError("CursorNotFound", `cursor id ${id} was opened in another transaction`);
    cursor.usedAt = this.#clock.monotonic();
    const { batch, more } = take(cursor.source, batchSize === 0 ? Number.MAX_SAFE_INTEGER : batchSize, this.#isTired);
    if (!more) this.#cursors.delete(id);
    return { namespace, cursor: more ? id : 0n, field: "nextBatch", documents: batch };
  }

  kill(id: bigint): boolean {
    this.#cursors.get(id)?.source.documents.return?.();
    return this.#cursors.delete(id);
  }

  /** Drops the cursors of a transaction that has ended. */
  endTransaction(transaction: string): void {
    for (const [id, cursor] of this.#cursors) if (cursor.transaction === transaction) this.kill(id);
  }

  /** Drops what nobody has asked for lately. */
  expire(): void {
    const oldest = this.#clock.monotonic() - IDLE_MS;
    for (const [id, { usedAt }] of this.#cursors) if (usedAt < oldest) this.kill(id);
  }
}

function take(source: Source, batchSize: number, isTired: () => boolean): { batch: Uint8Array[]; more: boolean } {
  const batch: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    let next = source.held;
    source.held = null;
    if (next === null) {
      // An empty first batch only opens the cursor.
      if (batchSize === 0) return { batch, more: true };
      const result = source.documents.next();
      if (result.done) return { batch, more: false };
      next = result.value;
    }
    if (batch.length >= batchSize || (batch.length > 0 && bytes + next.length > REPLY_BYTES)) {
      source.held = next;
      return { batch, more: true };
    }
    batch.push(next);
    bytes += next.length;
    if (isTired()) return { batch, more: true };
  }
}

function newCursorId(): bigint {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  // 52 bits: exact as a JS number too, with one bit to spare for the mark.
  return (BigInt(high! & 0xfffff) << 32n) | BigInt((low! | 1) >>> 0);
}
