/** Open cursors: results that did not fit into one reply. They expire when nobody asks for ten minutes. */
import type { Clock } from "../../../core/clock";
import { commandError } from "../command-error";
import { cursorReply } from "./reply";

const IDLE_MS = 600_000;
/** A reply stays below 16 MiB so that every client accepts it. */
const REPLY_BYTES = 15_000_000;
export const FIRST_BATCH = 101;

interface Cursor {
  id: bigint;
  namespace: string;
  documents: Iterator<Uint8Array>;
  /** Read already, but it did not fit into the last reply. */
  held: Uint8Array | null;
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
  open({ namespace, documents, batchSize, single, transaction }: OpenRequest): Uint8Array {
    const cursor: Cursor = {
      id: newCursorId() | this.#mark,
      namespace,
      documents: documents[Symbol.iterator](),
      held: null,
      transaction,
      usedAt: this.#clock.monotonic(),
    };
    const { batch, more } = take(cursor, batchSize, () => false);
    if (more && !single) this.#cursors.set(cursor.id, cursor);
    else cursor.documents.return?.();
    return cursorReply({ namespace, cursor: more && !single ? cursor.id : 0n, field: "firstBatch", documents: batch });
  }

  /** The next reply; `batchSize` 0 means as much as fits. */
  more(id: bigint, namespace: string, batchSize: number, transaction: string | null): Uint8Array {
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
    const { batch, more } = take(cursor, batchSize === 0 ? Number.MAX_SAFE_INTEGER : batchSize, this.#isTired);
    if (!more) this.#cursors.delete(id);
    return cursorReply({ namespace, cursor: more ? id : 0n, field: "nextBatch", documents: batch });
  }

  kill(id: bigint): boolean {
    this.#cursors.get(id)?.documents.return?.();
    return this.#cursors.delete(id);
  }

  /** Drops the cursors of a transaction that has ended. */
  endTransaction(transaction: string): void {
    for (const cursor of this.#cursors.values()) if (cursor.transaction === transaction) this.kill(cursor.id);
  }

  /** Drops what nobody has asked for lately. */
  expire(): void {
    const oldest = this.#clock.monotonic() - IDLE_MS;
    for (const cursor of this.#cursors.values()) if (cursor.usedAt < oldest) this.kill(cursor.id);
  }
}

function take(cursor: Cursor, batchSize: number, isTired: () => boolean): { batch: Uint8Array[]; more: boolean } {
  const batch: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    let next = cursor.held;
    cursor.held = null;
    if (next === null) {
      // An empty first batch only opens the cursor.
      if (batchSize === 0) return { batch, more: true };
      const result = cursor.documents.next();
      if (result.done) return { batch, more: false };
      next = result.value;
    }
    if (batch.length >= batchSize || (batch.length > 0 && bytes + next.length > REPLY_BYTES)) {
      cursor.held = next;
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
