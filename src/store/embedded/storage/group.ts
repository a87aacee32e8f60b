/** The SQLite transaction that a group of writes shares: all are told when its one commit is on disk, or all that it failed. */
import type { Clock } from "../../../core/clock";
import type { Catalog } from "./catalog";
import type { Connection } from "./connection";
import { isSqliteError, toCommandError } from "./failure";
import type { LogSync } from "./log-sync";

export interface Member {
  resolve: () => void;
  reject: (error: unknown) => void;
}

export class Group {
  readonly #writer: Connection;
  readonly #catalog: Catalog;
  readonly #sync: LogSync;
  readonly #clock: Clock;
  #finished: Member[] = [];
  #isOpen = false;
  #openedAt = 0;
  #catalogAtStart = 0;
  /** Commits so far. */
  commits = 0;

  constructor(writer: Connection, catalog: Catalog, sync: LogSync, clock: Clock) {
    this.#writer = writer;
    this.#catalog = catalog;
    this.#sync = sync;
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many have finished and wait for the commit. */
  get size(): number {
    return this.#finished.length;
  }

  /** For how long it has been open, in milliseconds. */
  get age(): number {
    return this.#clock.monotonic() - this.#openedAt;
  }

  /** Takes the write lock. Throws SQLite's error, also when another program has the lock. */
  begin(): void {
    this.#writer.statement("BEGIN IMMEDIATE").run();
    this.#isOpen = true;
    this.#openedAt = this.#clock.monotonic();
    this.#catalogAtStart = this.#catalog.changes;
  }

  /** Has done its part: it is told when the group is on disk. */
  add(member: Member): void {
    this.#finished.push(member);
  }

  /** Commits; the members are told when the log is on disk. False when the commit failed, and they were told so. */
  commit(): boolean {
    try {
      this.#writer.statement("COMMIT").run();
    } catch (error) {
      this.fail(error);
      return false;
    }
    this.#isOpen = false;
    this.commits++;
    this.#catalog.committed();
    this.#sync.add(this.#finished.splice(0));
    return true;
  }

  /** The file or the disk failed: nothing of the group is kept, everyone is told, the next group starts afresh. */
  fail(error: unknown): void {
    const failure = toCommandError(error);
    const members = this.#finished.splice(0);
    this.#isOpen = false;
    try {
      if (this.#writer.db.inTransaction) this.#writer.db.run("ROLLBACK");
    } catch (second) {
      // SQLite has rolled back already, or the disk is still failing: BEGIN of the next group will tell.
      if (!isSqliteError(second)) throw second;
    }
    this.afterRollback(this.#catalogAtStart);
    for (const member of members) member.reject(failure);
  }

  /** Brings the catalog in line with the file, after changes since `catalogChanges` may have been taken back. */
  afterRollback(catalogChanges: number): void {
    if (this.#catalog.changes === catalogChanges) {
      this.#catalog.rereadState();
      return;
    }
    this.#writer.forgetStatements();
    this.#catalog.reload();
  }
}
