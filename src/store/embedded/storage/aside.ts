/**
 * Transactions that have let go of the writer because others were waiting for it. Each goes on with a private view of the
 * state it began with; its changes are written at its commit, unless somebody has changed the same documents meanwhile.
 * The documents it has changed are locked: whoever comes second loses, as in MongoDB.
 *
 * Unlike MongoDB: (1) SQLite has one writer, so the first command of a transaction waits until the one before has been idle
 * for 20 ms, or has had the writer for 250 ms; (2) one that has made a collection or an index, or has changed more than
 * 64 MiB, keeps the writer, and whoever has waited 5 s for it gets a transient WriteConflict; (3) a change of the catalog is
 * a conflict for all that stand aside.
 */
import type { Timer } from "../../../core/clock";
import { CommandError } from "../command-error";
import { type Catalog, NeedsWriter } from "./catalog";
import type { CollectionTable } from "./collection-table";
import type { Connection, DocumentSql } from "./connection";
import { asConflict, type Journal } from "./journal";
import { PrivateView } from "./private-view";
import { keyPlace, type RowLocks, rowPlace, writeConflict } from "./row-locks";
import type { Transaction } from "./transaction";

/** Each of them has a connection with a cache of its own, and keeps the log from being written back. */
const MOST_ASIDE = 100;

interface Place {
  view: PrivateView;
  journal: Journal;
  /** The state of the catalog the view was opened with. */
  catalog: number;
  /** Ends it when nobody else does. */
  timer: Timer | null;
}

export class Aside {
  readonly #places = new Map<Transaction, Place>();
  readonly #writer: Connection;
  readonly #catalog: Catalog;
  readonly #locks: RowLocks<Transaction>;

  constructor(writer: Connection, catalog: Catalog, locks: RowLocks<Transaction>) {
    this.#writer = writer;
    this.#catalog = catalog;
    this.#locks = locks;
  }

  get isFull(): boolean {
    return this.#places.size >= MOST_ASIDE;
  }

  has(transaction: Transaction): boolean {
    return this.#places.has(transaction);
  }

  all(): Transaction[] {
    return [...this.#places.keys()];
  }

  /** Takes in a transaction whose changes have just been rolled back; the committed state must be the one it has seen. */
  open(transaction: Transaction, journal: Journal): void {
    const view = new PrivateView(this.#writer.db.filename);
    view.claimKey = (table, key) => this.#takeKey(transaction, view, table, key);
    try {
      journal.apply(view, (id) => this.#collection(id), true);
    } catch (error) {
      view.close();
      this.#locks.release(transaction);
      throw error;
    }
    for (const [collection, rid] of journal.stored()) this.#locks.take(transaction, rowPlace(`c${collection}`, rid));
    view.changes = journal;
    view.claim = (document, collection, rid) => {
      if (!journal.has(collection, rid)) this.#take(transaction, view, document, rid);
    };
    this.#places.set(transaction, { view, journal, catalog: this.#catalog.changes, timer: null });
  }

  /** Hands over the timer that ends the transaction; it is cancelled with it. */
  endAfter(transaction: Transaction, timer: Timer): void {
    this.#placeOf(transaction).timer = timer;
  }

  /** Somebody else may have changed the document since the view was opened, committed or not. */
  #take(transaction: Transaction, view: PrivateView, { table }: DocumentSql, rid: number): void {
    const place = rowPlace(table, rid);
    this.#locks.check(transaction, place);
    const sql = `SELECT rid, d FROM main.${table} WHERE rid = ?`;
    const mine = view.statement(sql).get(rid);
    const newest = this.#writer.statement(sql).get(rid);
    if (!mine || !newest || Buffer.compare(mine.d, newest.d) !== 0) throw writeConflict();
    this.#locks.take(transaction, place);
  }

  /** The view does not have the key; somebody else may have got it since the view was opened, committed or not. */
  #takeKey(transaction: Transaction, view: PrivateView, table: string, key: Uint8Array): void {
    this.#locks.take(transaction, keyPlace(table, key));
    const newest = this.#writer.statement(`SELECT rid FROM ${table} WHERE k = ?`).get(key);
    if (newest && !view.hasGivenUp(table, key, newest.rid)) throw writeConflict();
  }

  /** Runs a command on the view of the transaction. Throws NeedsWriter when it would change the catalog. */
  run<T>(transaction: Transaction, run: (connection: Connection) => T): T {
    const { view, catalog } = this.#placeOf(transaction);
    if (catalog !== this.#catalog.changes) throw writeConflict();
    this.#catalog.isFixed = true;
    try {
      return run(view);
    } finally {
      this.#catalog.isFixed = false;
    }
  }

  /** True when the commit has nothing to write. */
  isUnchanged(transaction: Transaction): boolean {
    return this.#placeOf(transaction).journal.isEmpty;
  }

  /** Writes what the transaction has changed, in the group that is open on the writer. Throws WriteConflict or NeedsWriter. */
  write(transaction: Transaction): void {
    const { journal, catalog } = this.#placeOf(transaction);
    this.close(transaction);
    if (journal.isTooLarge) throw new NeedsWriter();
    if (catalog !== this.#catalog.changes) throw writeConflict();
    try {
      journal.apply(this.#writer, (id) => this.#collection(id), false);
    } catch (error) {
      throw error instanceof CommandError ? asConflict(error) : error;
    }
  }

  /** Forgets the view and its locks. */
  close(transaction: Transaction): void {
    const place = this.#places.get(transaction);
    place?.timer?.cancel();
    place?.view.close();
    this.#places.delete(transaction);
    this.#locks.release(transaction);
  }

  #placeOf(transaction: Transaction): Place {
    const place = this.#places.get(transaction);
    if (!place) throw writeConflict();
    return place;
  }

  #collection(id: number): CollectionTable | null {
    return this.#catalog.all().find((collection) => collection.id === id) ?? null;
  }
}
