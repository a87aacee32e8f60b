/**
 * The scan worker: answers reads that look at many documents on a read-only connection of its own, in a thread of its
 * own, so that the event loop of the server never waits for them. A second entrypoint of the build.
 */
import { systemClock } from "../../core/clock";
import { describeError } from "../../core/errors";
import { type Log, silentLog } from "../../core/log";
import { decode } from "./bson/decode";
import { CursorRegistry } from "./command/cursor";
import { errorReply, replyBytes } from "./command/reply";
import { COMMANDS } from "./command/table";
import { commandError } from "./command-error";
import { CommandRunner } from "./runner";
import {
  type FromScanWorker,
  type ScanOpen,
  type ScanRequest,
  type ScanTask,
  type ToScanWorker,
  WORKER_CURSOR,
} from "./scan-message";
import { backupTo, checkBackup } from "./storage/backup";
import { toCommandError } from "./storage/failure";
import { checkIntegrity } from "./storage/integrity";
import { ReadOnlyStorage } from "./storage/read-only-storage";
import { Watch } from "./watch";

declare const self: Worker;

const SWEEP_MS = 60_000;

const post = (message: FromScanWorker): void => self.postMessage(message);

const log: Log = {
  ...silentLog,
  warn: (message, fields = {}) => post({ slow: { message, fields: { ...fields, worker: true } } }),
};

class ScanEngine {
  readonly #storage: ReadOnlyStorage;
  readonly #cursors = new CursorRegistry({ clock: systemClock, mark: WORKER_CURSOR });
  readonly #runner: CommandRunner;

  constructor({ file, failScansOver }: ScanOpen) {
    this.#storage = new ReadOnlyStorage(file);
    const watch = new Watch({ clock: systemClock, log, failScansOver });
    this.#runner = new CommandRunner({ storage: this.#storage, cursors: this.#cursors, clock: systemClock, watch });
    const sweep = () => {
      this.#cursors.expire();
      systemClock.timer(SWEEP_MS, sweep);
    };
    sweep();
  }

  answer({ id, database, body, now }: ScanRequest): void {
    post({ answer: { id, reply: this.#reply(database, body, now), cursors: this.#cursors.size } });
  }

  /** Rejects nothing: a failure is told as one. */
  work({ id, task }: ScanTask): void {
    try {
      // SQLite takes its own snapshot for a backup, and does not copy from inside a transaction.
      if (task.kind === "backup") backupTo(this.#storage.writer, task.target);
      const found =
        task.kind === "backup" ? checkBackup(task.target) : this.#storage.snapshot(() => checkIntegrity(this.#storage));
      post({ done: { id, found } });
    } catch (error) {
      // A target that exists, a full disk, a file that cannot be read.
      post({ done: { id, failed: describeError(error) } });
    }
  }

  #reply(database: string, bytes: Uint8Array, now: number): Uint8Array {
    try {
      const body = decode(bytes);
      const name = body.keys[0] ?? "";
      const entry = COMMANDS.get(name);
      if (entry?.kind !== "read") throw commandError("CommandNotFound", `no such command: '${name}'`);
      const call = { database, body, payload: null, name, transaction: null };
      return this.#storage.snapshot((connection) =>
        replyBytes(this.#runner.run(entry, call, { connection, outside: false, now })),
      );
    } catch (error) {
      // As in the engine: everything a command can throw becomes MongoDB's error reply.
      return errorReply(toCommandError(error));
    }
  }
}

let engine: ScanEngine | null = null;

self.onmessage = ({ data }: MessageEvent<ToScanWorker>) => {
  if ("open" in data) engine = new ScanEngine(data.open);
  else if ("work" in data) engine?.work(data.work);
  else engine?.answer(data.request);
};
