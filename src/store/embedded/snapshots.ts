/**
 * The states that reads with readConcern level "snapshot" see outside of transactions: the first read of a session takes one
 * and is told its time, the session's further reads name that time. Each state is a read-only connection whose transaction
 * stays open, with the catalog and the cursors of that moment. They are read here and not in the scan worker, which sees the
 * newest state only: a long one holds up the others, as cursors hold them up for a batch.
 */
import type { Clock } from "../../core/clock";
import { Timestamp } from "./bson/value";
import type { CursorRegistry } from "./command/cursor";
import type { Reply } from "./command/reply";
import type { CommandCall } from "./command/request";
import type { CommandEntry } from "./command/table";
import { type CommandError, commandError } from "./command-error";
import { CommandRunner } from "./runner";
import { Catalog } from "./storage/catalog";
import { Connection } from "./storage/connection";
import type { Watch } from "./watch";

const CACHE_KIB = 1_024;
/** Each keeps the write-ahead log from being written back: how many there may be, and how long they live (MongoDB: 300 s). */
const MOST = 20;
const IDLE_MS = 60_000;
const LIFETIME_MS = 300_000;

const unavailable = (): CommandError =>
  commandError("SnapshotUnavailable", "Unable to read from a snapshot due to pending collection catalog changes or its age.");

class SnapshotConnection extends Connection {
  #isClosed = false;

  /** Throws SnapshotUnavailable when a cursor has outlived its snapshot. */
  override statement(sql: string): ReturnType<Connection["statement"]> {
    if (this.#isClosed) throw unavailable();
    return super.statement(sql);
  }

  override close(): void {
    this.#isClosed = true;
    super.close();
  }
}

interface Snapshot {
  time: Timestamp;
  connection: SnapshotConnection;
  runner: CommandRunner;
  openedAt: number;
  usedAt: number;
}

export interface SnapshotsOptions {
  file: string;
  cursors: CursorRegistry;
  clock: Clock;
  watch: Watch;
}

export class Snapshots {
  readonly #options: SnapshotsOptions;
  /** By time; the one used last is at the end. */
  readonly #open = new Map<string, Snapshot>();
  #newest = new Timestamp(0, 0);

  constructor(options: SnapshotsOptions) {
    this.#options = options;
  }

  /** Runs a read on the state of that time, or on the committed state of now when it names none. Tells the time it has read at. */
  read(entry: CommandEntry, call: CommandCall, at: Timestamp | null): { reply: Reply; time: Timestamp } {
    const snapshot = at ? this.#at(at) : this.#take();
    const { connection, runner, time } = snapshot;
    return { reply: runner.run(entry, call, { connection, outside: false }), time };
  }

  /** Ends those that nobody reads any more. */
  expire(): void {
    const now = this.#options.clock.monotonic();
    for (const [key, { usedAt, openedAt }] of this.#open)
      if (now - usedAt > IDLE_MS || now - openedAt > LIFETIME_MS) this.#end(key);
  }

  close(): void {
    for (const key of this.#open.keys()) this.#end(key);
  }

  #at(time: Timestamp): Snapshot {
    this.expire();
    const key = keyOf(time);
    const snapshot = this.#open.get(key);
    if (!snapshot) throw unavailable();
    snapshot.usedAt = this.#options.clock.monotonic();
    this.#open.delete(key);
    this.#open.set(key, snapshot);
    return snapshot;
  }

  #take(): Snapshot {
    const { file, cursors, clock, watch } = this.#options;
    for (const oldest of this.#open.keys()) {
      if (this.#open.size < MOST) break;
      this.#end(oldest);
    }
    const connection = new SnapshotConnection({ file, readonly: true, cacheKib: CACHE_KIB });
    connection.db.run("BEGIN");
    // Its first read takes the state.
    const storage = { catalog: new Catalog(connection), writer: connection };
    const openedAt = clock.monotonic();
    const time = this.#nextTime();
    const snapshot = {
      time,
      connection,
      runner: new CommandRunner({ storage, cursors, clock, watch }),
      openedAt,
      usedAt: openedAt,
    };
    this.#open.set(keyOf(time), snapshot);
    return snapshot;
  }

  /** Seconds, and a counter within the second: no time is given twice. */
  #nextTime(): Timestamp {
    const seconds = Math.max(this.#newest.seconds, Math.floor(this.#options.clock.now() / 1000));
    this.#newest = new Timestamp(seconds, seconds === this.#newest.seconds ? this.#newest.increment + 1 : 1);
    return this.#newest;
  }

  #end(key: string): void {
    this.#open.get(key)?.connection.close();
    this.#open.delete(key);
  }
}

const keyOf = ({ seconds, increment }: Timestamp): string => `${seconds}:${increment}`;
