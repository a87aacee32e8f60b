/**
 * Group commit: writes that arrive in one turn of the event loop share one SQLite transaction and one sync to disk.
 * A write is answered only after that sync, which does not hold up those that come next. A session transaction owns the writer
 * while it is open; when it commits, waiting writes and further transactions join its group before the one commit that answers them
 * all. One that keeps others waiting without doing anything stands aside and goes on with a private view (see `aside.ts`).
 */
import type { Clock, Timer } from "../../../core/clock";
import { type CommandError, commandError, TRANSIENT } from "../command-error";
import { Aside } from "./aside";
import { type Catalog, NeedsWriter } from "./catalog";
import type { Connection } from "./connection";
import { isBusy, isSqliteError, toCommandError } from "./failure";
import { Group } from "./group";
import { Journal } from "./journal";
import type { LogSync } from "./log-sync";
import { Patience } from "./patience";
import { keyPlace, RowIsLocked, RowLocks, rowPlace, writeConflict } from "./row-locks";
import { RowWait } from "./row-wait";
import { noSuchTransaction, type Transaction } from "./transaction";

/** A group takes no further transaction after this many members or milliseconds: those who wait for the commit must not wait long. */
const MOST_MEMBERS = 256;
const OPEN_FOR_MS = 5;
/** How long a write waits for the open transaction of someone else before it fails. */
const WAIT_MS = 5_000;
/** While another program holds the file, its lock is asked for this often. */
const BUSY_AGAIN_MS = 50;
/** A transaction that is left open is aborted after this time (MongoDB's transactionLifetimeLimitSeconds). */
const LIFETIME_MS = 60_000;

interface Job {
  transaction: Transaction | null;
  /** Changes of the catalog never share a group that stays open, so that readers see tables and catalog agree. */
  alone: boolean;
  run: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  since: number;
}

export class CommitQueue {
  readonly #writer: Connection;
  readonly #catalog: Catalog;
  readonly #sync: LogSync;
  readonly #clock: Clock;
  readonly #queue: Job[] = [];
  readonly #blocked: RowWait<Job>;
  readonly #patience: Patience;
  /** Sessions whose next transaction leads a group of its own and keeps the writer to its end. */
  readonly #keepers = new Set<string>();
  readonly #locks = new RowLocks<Transaction>();
  readonly #aside: Aside;
  readonly #group: Group;
  #active: Transaction | null = null;
  #journal = new Journal();
  #isKeeper = false;
  #timers: Timer[] = [];
  #scheduled = false;
  #catalogAtSavepoint = 0;
  #closing = false;
  #idle: (() => void)[] = [];

  constructor(writer: Connection, catalog: Catalog, sync: LogSync, clock: Clock) {
    this.#writer = writer;
    this.#catalog = catalog;
    this.#sync = sync;
    this.#clock = clock;
    this.#group = new Group(writer, catalog, sync, clock);
    this.#blocked = new RowWait(clock);
    this.#patience = new Patience({
      clock,
      isWanted: () => this.#queue.length > 0 || this.#group.size > 0,
      makeWay: (isLate) => this.#makeWay(isLate),
    });
    this.#aside = new Aside(writer, catalog, this.#locks);
    writer.claim = ({ table }, _collection, rid) => {
      if (!this.#locks.isEmpty) this.#locks.check(null, rowPlace(table, rid));
    };
    writer.claimKey = (table, key) => {
      if (!this.#locks.isEmpty) this.#locks.check(null, keyPlace(table, key));
    };
  }

  /** True while uncommitted changes exist: reads from outside must use the reader connection. */
  get isOpen(): boolean {
    return this.#group.isOpen;
  }

  /** Commits so far; tests and metrics compare it with the number of writes. */
  get commits(): number {
    return this.#group.commits;
  }

  /** Runs a write in the next group; resolves with its result after the commit. `run` must be synchronous. */
  write<T>(run: () => T, alone = false): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#enqueue({
        transaction: null,
        alone,
        run,
        resolve: (value) => resolve(value as T),
        reject,
        since: this.#clock.monotonic(),
      });
    });
  }

  /** Resolves when the transaction owns the writer. */
  begin(transaction: Transaction): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#enqueue({
        transaction,
        alone: false,
        run: () => {},
        resolve: () => resolve(),
        reject,
        since: this.#clock.monotonic(),
      });
    });
  }

  /** Runs a command inside the open transaction; an error aborts the transaction, as in MongoDB. */
  inside<T>(transaction: Transaction, run: (connection: Connection) => T): T {
    const isAside = this.#aside.has(transaction);
    if (this.#active !== transaction && !isAside) throw noSuchTransaction(transaction);
    try {
      return isAside ? this.#aside.run(transaction, run) : run(this.#writer);
    } catch (error) {
      if (isSqliteError(error) && !isAside) this.#failGroup(error);
      else this.abort(transaction);
      throw this.#inTransactionsWords(error, transaction);
    } finally {
      if (!isAside) this.#patience.used();
    }
  }

  #inTransactionsWords(error: unknown, { session }: Transaction): unknown {
    if (error instanceof NeedsWriter) this.#keepers.add(session);
    return error instanceof NeedsWriter || error instanceof RowIsLocked ? writeConflict() : error;
  }

  /** Resolves when the changes of the transaction are safely on disk. Rejects with WriteConflict when somebody came first. */
  commit(transaction: Transaction): Promise<void> {
    if (this.#aside.has(transaction)) return this.#commitAside(transaction);
    if (this.#active !== transaction) return Promise.reject(noSuchTransaction(transaction));
    return new Promise((resolve, reject) => {
      this.#release(transaction, "committing");
      this.#writer.statement("RELEASE t").run();
      // Committed only when the group is: a client that asks again must not be told so too early.
      this.#group.add({
        resolve: () => {
          transaction.state = "committed";
          resolve();
        },
        reject: (error) => {
          transaction.state = "aborted";
          reject(error);
        },
      });
      this.#schedule();
    });
  }

  async #commitAside(transaction: Transaction): Promise<void> {
    transaction.state = "committing";
    try {
      if (this.#aside.isUnchanged(transaction)) this.#aside.close(transaction);
      else await this.write(() => this.#aside.write(transaction));
      transaction.state = "committed";
    } catch (error) {
      transaction.state = "aborted";
      throw this.#inTransactionsWords(error, transaction);
    } finally {
      this.#aside.close(transaction);
      this.#unblock();
    }
  }

  /** Takes back everything the transaction did. */
  abort(transaction: Transaction): void {
    if (this.#aside.has(transaction)) {
      transaction.state = "aborted";
      this.#aside.close(transaction);
      this.#unblock();
    }
    if (this.#active !== transaction) return;
    this.#takeBack(transaction, "aborted");
    this.#schedule();
  }

  #takeBack(transaction: Transaction, state: Transaction["state"]): void {
    this.#release(transaction, state);
    this.#writer.statement("ROLLBACK TO t").run();
    this.#writer.statement("RELEASE t").run();
    this.#group.afterRollback(this.#catalogAtSavepoint);
  }

  /** Lets the open transaction go on without the writer; false when it cannot. */
  #standAside(transaction: Transaction): boolean {
    const journal = this.#journal;
    const changedCatalog = this.#catalog.changes !== this.#catalogAtSavepoint;
    if (this.#isKeeper || changedCatalog || journal.isTooLarge || this.#aside.isFull) return false;
    const left = LIFETIME_MS - this.#group.age;
    this.#takeBack(transaction, "open");
    // What its group has done before it is part of what it has seen.
    this.#group.commit();
    try {
      this.#aside.open(transaction, journal);
      this.#aside.endAfter(
        transaction,
        this.#clock.timer(left, () => this.abort(transaction)),
      );
    } catch (error) {
      // A commit that failed has taken away what it built on, or the file cannot be opened once more.
      transaction.state = "aborted";
      if (isSqliteError(error)) this.#keepers.add(transaction.session);
    }
    this.#schedule();
    return true;
  }

  /** Somebody wants the writer for which the open transaction has no use at the moment. */
  #makeWay(isLate: boolean): boolean {
    const transaction = this.#active;
    if (!transaction) return false;
    if (this.#standAside(transaction)) return true;
    // Finished members of the group cannot wait for as long as it likes.
    if (isLate && this.#group.size > 0) {
      this.#keepers.add(transaction.session);
      this.abort(transaction);
    }
    return false;
  }

  /** Those that wait for documents try again. */
  #unblock(): void {
    this.#queue.unshift(...this.#blocked.release());
    if (this.#queue.length > 0) this.#schedule();
  }

  /** Resolves when everything queued has been answered; further writes are refused. An open transaction is aborted. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#active) this.abort(this.#active);
    for (const transaction of this.#aside.all()) this.abort(transaction);
    if (this.#queue.length > 0 || this.#group.isOpen) {
      await new Promise<void>((resolve) => {
        this.#idle.push(resolve);
        this.#schedule();
      });
    }
    await this.#sync.close();
  }

  #enqueue(job: Job): void {
    if (this.#closing) {
      job.reject(commandError("ShutdownInProgress", "The store is closing"));
      return;
    }
    this.#queue.push(job);
    if (this.#active) this.#patience.ask();
    else this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#active) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#queue.length > 0 && !this.#active) {
      const job = this.#queue[0]!;
      if (this.#group.isOpen && !this.#mayJoin(job)) break;
      this.#queue.shift();
      if (!this.#group.isOpen) {
        const begun = this.#begin(job);
        if (begun === "busy") return;
        if (!begun) continue;
      }
      if (job.transaction) this.#start(job.transaction, job);
      else this.#runWrite(job);
      if (job.alone) break;
    }
    if (this.#active) return;
    if (this.#group.isOpen) this.#group.commit();
    if (this.#queue.length > 0) this.#schedule();
    else for (const resolve of this.#idle.splice(0)) resolve();
  }

  #mayJoin(job: Job): boolean {
    if (this.#group.size === 0) return true;
    if (job.alone || this.#group.size >= MOST_MEMBERS) return false;
    if (!job.transaction) return true;
    return !this.#keepers.has(job.transaction.session) && this.#group.age < OPEN_FOR_MS;
  }

  /** `busy`: the job is first in the queue again, and the lock will be asked for in a moment. */
  #begin(job: Job): boolean | "busy" {
    try {
      this.#group.begin();
    } catch (error) {
      if (isBusy(error) && !this.#closing && this.#clock.monotonic() - job.since < WAIT_MS) {
        this.#queue.unshift(job);
        this.#scheduled = true;
        this.#clock.timer(BUSY_AGAIN_MS, () => {
          this.#scheduled = false;
          this.#schedule();
        });
        return "busy";
      }
      // SQLITE_IOERR and the like, or busy for too long: this caller is told, the next one tries again.
      job.reject(toCommandError(error));
      return false;
    }
    return true;
  }

  #runWrite(job: Job): void {
    const before = this.#catalog.changes;
    try {
      this.#writer.statement("SAVEPOINT w").run();
      const result = job.run();
      this.#writer.statement("RELEASE w").run();
      this.#group.add({ resolve: () => job.resolve(result), reject: job.reject });
    } catch (error) {
      if (!(error instanceof RowIsLocked) || !this.#waitForRow(job))
        job.reject(error instanceof NeedsWriter ? error : toCommandError(error instanceof RowIsLocked ? stillLocked() : error));
      if (isSqliteError(error)) {
        this.#failGroup(error);
        return;
      }
      // A refused command: only its own changes are taken back.
      this.#writer.statement("ROLLBACK TO w").run();
      this.#writer.statement("RELEASE w").run();
      this.#group.afterRollback(before);
    }
  }

  /** The write is done when the transaction that has the document has ended; false when it has waited long enough. */
  #waitForRow(job: Job): boolean {
    const left = WAIT_MS - (this.#clock.monotonic() - job.since);
    if (left <= 0 || this.#closing) return false;
    this.#blocked.add(job, left, () => job.reject(stillLocked()));
    return true;
  }

  #start(transaction: Transaction, job: Job): void {
    this.#isKeeper = this.#keepers.delete(transaction.session);
    this.#journal = new Journal();
    this.#writer.changes = this.#journal;
    this.#writer.statement("SAVEPOINT t").run();
    this.#catalogAtSavepoint = this.#catalog.changes;
    this.#active = transaction;
    transaction.state = "open";
    this.#timers = [this.#clock.timer(LIFETIME_MS, () => this.abort(transaction)), this.#watchWaiting(transaction)];
    this.#patience.start();
    job.resolve(undefined);
  }

  /** Fails what has waited too long for the open transaction: most likely it waits for itself. */
  #watchWaiting(transaction: Transaction): Timer {
    return this.#clock.timer(WAIT_MS / 5, () => {
      if (this.#active !== transaction) return;
      const now = this.#clock.monotonic();
      const late = this.#queue.filter((job) => now - job.since >= WAIT_MS);
      for (const job of late) {
        this.#queue.splice(this.#queue.indexOf(job), 1);
        const error = stillLocked();
        job.reject(job.transaction ? error.withLabel(TRANSIENT) : error);
      }
      this.#timers[1] = this.#watchWaiting(transaction);
    });
  }

  #release(transaction: Transaction, state: Transaction["state"]): void {
    transaction.state = state;
    this.#active = null;
    this.#writer.changes = null;
    this.#patience.end();
    for (const timer of this.#timers.splice(0)) timer.cancel();
  }

  #failGroup(error: unknown): void {
    if (this.#active) this.#release(this.#active, "aborted");
    this.#group.fail(error);
    this.#schedule();
  }
}

const stillLocked = (): CommandError =>
  commandError(
    "WriteConflict",
    "Waited 5 s for an open transaction. Was a write awaited inside a transaction without its session?",
  );
