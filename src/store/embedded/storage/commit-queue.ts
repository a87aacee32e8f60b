/**
 * Group commit: writes that arrive in one turn of the event loop share one SQLite transaction and one sync to disk.
 * A write is answered only after that sync, which does not hold up those that come next. A session transaction owns the writer while it is open; when it commits,
 * waiting writes and further transactions join its group before the one commit that answers them all.
 */
import type { Clock, Timer } from "../../../core/clock";
import { commandError, TRANSIENT } from "../command-error";
import type { Catalog } from "./catalog";
import type { Connection } from "./connection";
import { isBusy, isSqliteError, toCommandError } from "./failure";
import type { LogSync } from "./log-sync";

/** A group takes no further transaction after this many members or milliseconds: those who wait for the commit must not wait long. */
const MOST_MEMBERS = 256;
const OPEN_FOR_MS = 5;
/** An open transaction that keeps finished members of its group waiting is sent back after this time. */
const OVERRUN_MS = 250;
/** How long a write waits for the open transaction of someone else before it fails. */
const WAIT_MS = 5_000;
/** While another program holds the file, its lock is asked for this often. */
const BUSY_AGAIN_MS = 50;
/** A transaction that is left open is aborted after this time (MongoDB's transactionLifetimeLimitSeconds). */
const LIFETIME_MS = 60_000;

/** A session transaction; the engine keeps one for each session. */
export interface Transaction {
  readonly id: string;
  /** The session: one whose transaction overran starts its next one in a group of its own. */
  readonly session: string;
  state: "waiting" | "open" | "committing" | "committed" | "aborted";
}

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
  readonly #overran = new Set<string>();
  #acknowledge: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #active: Transaction | null = null;
  #timers: Timer[] = [];
  #open = false;
  #openedAt = 0;
  #members = 0;
  #scheduled = false;
  #catalogAtGroup = 0;
  #catalogAtSavepoint = 0;
  #closing = false;
  #idle: (() => void)[] = [];
  /** Commits so far; tests and metrics compare it with the number of writes. */
  commits = 0;

  constructor(writer: Connection, catalog: Catalog, sync: LogSync, clock: Clock) {
    this.#writer = writer;
    this.#catalog = catalog;
    this.#sync = sync;
    this.#clock = clock;
  }

  /** True while uncommitted changes exist: reads from outside must use the reader connection. */
  get isOpen(): boolean {
    return this.#open;
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
  inside<T>(transaction: Transaction, run: () => T): T {
    if (this.#active !== transaction) throw noSuchTransaction(transaction);
    try {
      return run();
    } catch (error) {
      if (isSqliteError(error)) this.#failGroup(error);
      else this.abort(transaction);
      throw error;
    }
  }

  /** Resolves when the changes of the transaction are safely on disk. */
  commit(transaction: Transaction): Promise<void> {
    if (this.#active !== transaction) return Promise.reject(noSuchTransaction(transaction));
    return new Promise((resolve, reject) => {
      this.#release(transaction, "committing");
      this.#writer.statement("RELEASE t").run();
      this.#members++;
      // Committed only when the group is: a client that asks again must not be told so too early.
      this.#acknowledge.push({
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

  /** Takes back everything the transaction did. */
  abort(transaction: Transaction): void {
    if (this.#active !== transaction) return;
    this.#release(transaction, "aborted");
    this.#writer.statement("ROLLBACK TO t").run();
    this.#writer.statement("RELEASE t").run();
    this.#afterRollback(this.#catalogAtSavepoint);
    this.#schedule();
  }

  /** Resolves when everything queued has been answered; further writes are refused. An open transaction is aborted. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#active) this.abort(this.#active);
    if (this.#queue.length > 0 || this.#open) {
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
    this.#schedule();
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
      if (this.#open && !this.#mayJoin(job)) break;
      this.#queue.shift();
      if (!this.#open) {
        const begun = this.#begin(job);
        if (begun === "busy") return;
        if (!begun) continue;
      }
      if (job.transaction) this.#start(job.transaction, job);
      else this.#runWrite(job);
      if (job.alone) break;
    }
    if (this.#active) return;
    if (this.#open) this.#commitGroup();
    if (this.#queue.length > 0) this.#schedule();
    else for (const resolve of this.#idle.splice(0)) resolve();
  }

  #mayJoin(job: Job): boolean {
    if (this.#members === 0) return true;
    if (job.alone || this.#members >= MOST_MEMBERS) return false;
    if (!job.transaction) return true;
    return !this.#overran.has(job.transaction.session) && this.#clock.monotonic() - this.#openedAt < OPEN_FOR_MS;
  }

  /** `busy`: the job is first in the queue again, and the lock will be asked for in a moment. */
  #begin(job: Job): boolean | "busy" {
    try {
      this.#writer.statement("BEGIN IMMEDIATE").run();
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
    this.#open = true;
    this.#openedAt = this.#clock.monotonic();
    this.#members = 0;
    this.#catalogAtGroup = this.#catalog.changes;
    return true;
  }

  #runWrite(job: Job): void {
    const before = this.#catalog.changes;
    try {
      this.#writer.statement("SAVEPOINT w").run();
      const result = job.run();
      this.#writer.statement("RELEASE w").run();
      this.#members++;
      this.#acknowledge.push({ resolve: () => job.resolve(result), reject: job.reject });
    } catch (error) {
      job.reject(toCommandError(error));
      if (isSqliteError(error)) {
        this.#failGroup(error);
        return;
      }
      // A refused command: only its own changes are taken back.
      this.#writer.statement("ROLLBACK TO w").run();
      this.#writer.statement("RELEASE w").run();
      this.#afterRollback(before);
    }
  }

  #start(transaction: Transaction, job: Job): void {
    this.#overran.delete(transaction.session);
    this.#writer.statement("SAVEPOINT t").run();
    this.#catalogAtSavepoint = this.#catalog.changes;
    this.#active = transaction;
    transaction.state = "open";
    this.#timers = [this.#clock.timer(LIFETIME_MS, () => this.abort(transaction)), this.#watchWaiting(transaction)];
    if (this.#acknowledge.length > 0) {
      this.#timers.push(
        this.#clock.timer(OVERRUN_MS, () => {
          this.#overran.add(transaction.session);
          this.abort(transaction);
        }),
      );
    }
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
        const error = commandError(
          "WriteConflict",
          "Waited 5 s for an open transaction (the embedded store has one writer). Was a write awaited inside a transaction without its session?",
        );
        job.reject(job.transaction ? error.withLabel(TRANSIENT) : error);
      }
      this.#timers[1] = this.#watchWaiting(transaction);
    });
  }

  #release(transaction: Transaction, state: "committing" | "aborted"): void {
    transaction.state = state;
    this.#active = null;
    for (const timer of this.#timers.splice(0)) timer.cancel();
  }

  #commitGroup(): void {
    const members = this.#acknowledge;
    try {
      this.#writer.statement("COMMIT").run();
    } catch (error) {
      this.#failGroup(error);
      return;
    }
    this.#open = false;
    this.#acknowledge = [];
    this.commits++;
    this.#catalog.committed();
    this.#sync.add(members);
  }

  /** The file or the disk failed: nothing of the group is kept, everyone is told, the next group starts afresh. */
  #failGroup(error: unknown): void {
    const failure = toCommandError(error);
    const members = this.#acknowledge.splice(0);
    if (this.#active) this.#release(this.#active, "aborted");
    this.#open = false;
    try {
      if (this.#writer.db.inTransaction) this.#writer.db.run("ROLLBACK");
    } catch (second) {
      // SQLite has rolled back already, or the disk is still failing: BEGIN of the next group will tell.
      if (!isSqliteError(second)) throw second;
    }
    this.#afterRollback(this.#catalogAtGroup);
    for (const member of members) member.reject(failure);
    this.#schedule();
  }

  #afterRollback(catalogChanges: number): void {
    if (this.#catalog.changes === catalogChanges) {
      this.#catalog.rereadState();
      return;
    }
    this.#writer.forgetStatements();
    this.#catalog.reload();
  }
}

export function noSuchTransaction(transaction: Transaction | null): Error {
  const gone = transaction?.state === "aborted" ? "has been aborted" : "does not match any in-progress transactions";
  return commandError("NoSuchTransaction", `Given transaction number ${gone}.`).withLabel(TRANSIENT);
}
