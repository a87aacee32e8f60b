/**
 * Makes commits durable beside the event loop. SQLite writes a commit into its write-ahead log and returns; the log is then synced to
 * disk on another thread, and only after that is anybody told. What commits meanwhile shares the next sync. A sync that was begun
 * after a commit covers everything before it, so whoever acts on what they have read and is acknowledged is safe too.
 *
 * Why here: `npm run bench -- sync` measured the three places on a busy machine with two cores (syncs of 5 ms and more). Within the
 * commit (`synchronous=FULL`) everything else waits 50 ms in the median; beside the event loop it waits 2 ms, at the same cost; with
 * the store in a Worker it waits 2 ms too, but each write costs 1.7 times the processor time and a third fewer are done, for every
 * command and every answer crosses between the threads.
 */
import { closeSync, fdatasync, openSync } from "node:fs";
import type { Clock } from "../../../core/clock";
import type { Log } from "../../../core/log";
import type { Connection } from "./connection";

export interface Waiting {
  resolve: () => void;
}

const AGAIN_MS = 200;

export class LogSync {
  readonly #writer: Connection;
  readonly #clock: Clock;
  readonly #log: Log;
  #handle: number | null = null;
  #waiting: Waiting[] = [];
  #isRunning = false;
  #idle: (() => void)[] = [];
  /** Syncs so far; tests compare it with the number of commits. */
  syncs = 0;

  constructor(writer: Connection, clock: Clock, log: Log) {
    this.#writer = writer;
    this.#clock = clock;
    this.#log = log;
  }

  /** Has just been committed: to be told when it is on disk. */
  add(members: readonly Waiting[]): void {
    this.#waiting.push(...members);
    if (!this.#isRunning) void this.#run();
  }

  /** Resolves when nobody waits any more. */
  async idle(): Promise<void> {
    if (this.#isRunning) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async close(): Promise<void> {
    await this.idle();
    if (this.#handle !== null) closeSync(this.#handle);
    this.#handle = null;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const members = this.#waiting;
      this.#waiting = [];
      await this.#sync();
      for (const member of members) member.resolve();
    }
    this.#isRunning = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves when everything that is committed now is on disk, however long the disk fails. */
  async #sync(): Promise<void> {
    let error = await this.#trySync();
    for (let failures = 1; error; failures++) {
      // Nobody is told meanwhile. After a failed sync the next one may succeed without having written what the first could not, so
      // everything is copied into the file itself, which has a sync of its own.
      this.#log.error("the disk does not take what was written; acknowledgements wait for it", { error, failures });
      await new Promise<void>((resolve) => this.#clock.timer(AGAIN_MS, resolve));
      error = this.#copyAll();
    }
    this.syncs++;
  }

  async #trySync(): Promise<unknown> {
    try {
      // SQLite takes no locks on its log, so a second handle is safe; the log stays the same file until the store is closed.
      const handle = this.#handle ?? openSync(`${this.#writer.file}-wal`, "r+");
      this.#handle = handle;
      await new Promise<void>((resolve, reject) => fdatasync(handle, (error) => (error ? reject(error) : resolve())));
      return null;
    } catch (error) {
      // An error of the operating system: the disk is full or broken.
      return error;
    }
  }

  /** Null when it succeeded, else why not. */
  #copyAll(): unknown {
    if (this.#writer.db.inTransaction) return new Error("a transaction is open");
    try {
      const row = this.#writer.db.query("PRAGMA wal_checkpoint(FULL)").get() as Record<string, number> | null;
      return row?.busy === 0 ? null : new Error("somebody reads an older state");
    } catch (error) {
      // SQLiteError: the disk still fails.
      return error;
    }
  }
}
