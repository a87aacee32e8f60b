/** What one transaction has changed, document by document, so that it can be done again: on a private view, or at its commit. */
import { decodeFields } from "../bson/decode";
import { keyOf } from "../bson/key";
import type { CommandError } from "../command-error";
import type { CollectionTable } from "./collection-table";
import type { ChangeSink, Connection } from "./connection";
import { writeConflict } from "./row-locks";

/** A transaction with more changes than this keeps the writer. */
const MOST_BYTES = 67_108_864;

interface Change {
  before: Uint8Array | null;
  after: Uint8Array | null;
}

export class Journal implements ChangeSink {
  readonly #collections = new Map<number, Map<number, Change>>();
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#collections.size === 0;
  }

  /** True when it has become too large to be done again; it is not complete then. */
  get isTooLarge(): boolean {
    return this.#bytes > MOST_BYTES;
  }

  /** Notes a change: `before` counts the first time, `after` the last time. */
  record(collection: number, rid: number, before: Uint8Array | null, after: Uint8Array | null): void {
    this.#bytes += (before?.length ?? 0) + (after?.length ?? 0);
    if (this.isTooLarge) {
      this.#collections.clear();
      return;
    }
    let rows = this.#collections.get(collection);
    if (!rows) {
      rows = new Map();
      this.#collections.set(collection, rows);
    }
    const known = rows.get(rid);
    if (known) known.after = after;
    else rows.set(rid, { before, after });
  }

  /** True when the document was there before and has been changed already. */
  has(collection: number, rid: number): boolean {
    return this.#collections.get(collection)?.has(rid) ?? false;
  }

  /** The documents that were there before: those that nobody else may change meanwhile. */
  *stored(): Generator<[collection: number, rid: number]> {
    for (const [collection, rows] of this.#collections) for (const [rid, { before }] of rows) if (before) yield [collection, rid];
  }

  /**
   * Does everything again. Entries leave the indexes before any come in, so that documents may swap unique values.
   * `keepRows`: new documents get the row ids they had. Throws WriteConflict when a document is no longer as it was, or E11000.
   */
  apply(connection: Connection, find: (id: number) => CollectionTable | null, keepRows: boolean): void {
    const tables = [...this.#collections].map(([id, rows]) => {
      const collection = find(id);
      if (!collection) throw writeConflict();
      return { collection, rows };
    });
    for (const { collection, rows } of tables) {
      for (const [rid, { before }] of rows) {
        if (!before) continue;
        const current = collection.atRow(connection, rid);
        if (!current || Buffer.compare(current, before) !== 0) throw writeConflict();
        collection.unindex(connection, { rid, d: before });
      }
    }
    for (const { collection, rows } of tables) {
      const fresh: [rid: number, bytes: Uint8Array][] = [];
      for (const [rid, { before, after }] of rows) {
        if (before && after && sameId(before, after)) collection.putBack(connection, { rid, d: after });
        else {
          // A new document may have got the row id of one that was removed before.
          if (before) collection.drop(connection, rid);
          if (after) fresh.push([rid, after]);
        }
      }
      for (const [rid, bytes] of fresh) collection.insert(connection, bytes, keepRows ? rid : null);
    }
  }
}

const ID: ReadonlySet<string> = new Set(["_id"]);
const idOf = (bytes: Uint8Array): Uint8Array => keyOf(decodeFields(bytes, ID).get("_id") ?? null);
const sameId = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(idOf(a), idOf(b)) === 0;

/** A unique key that somebody else has taken meanwhile is a conflict between transactions, not the caller's mistake. */
export const asConflict = (error: CommandError): CommandError => (error.code === 11000 ? writeConflict() : error);
