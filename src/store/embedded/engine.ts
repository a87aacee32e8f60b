/**
 * The embedded MongoDB: commands in, BSON replies out. Reads are answered at once from committed data, writes after
 * the commit of their group. It knows nothing of drivers and sockets; the front ends in `front/` bring the commands.
 */
import type { Clock, Timer } from "../../core/clock";
import type { Log } from "../../core/log";
import type { Doc } from "./bson/value";
import { checkApi } from "./command/api-version";
import { checkConcerns, snapshotOf, withClusterTime, withWriteConcernError } from "./command/concern";
import { CursorRegistry } from "./command/cursor";
import { refuseUnknownFields } from "./command/known-fields";
import { errorReply, okReply, type Reply, replyBytes } from "./command/reply";
import type { CommandCall, CommandRequest } from "./command/request";
import { type CommandEntry, entryOf } from "./command/table";
import { commandError, TRANSIENT } from "./command-error";
import { CommandRunner } from "./runner";
import { ScanPool } from "./scan-pool";
import { SessionRegistry } from "./session";
import { Snapshots } from "./snapshots";
import { CommitQueue } from "./storage/commit-queue";
import { EXPIRE_PORTION, removeExpired, ttlIndexes } from "./storage/expiry";
import { toCommandError } from "./storage/failure";
import { LogSync } from "./storage/log-sync";
import { Storage } from "./storage/storage";
import { noSuchTransaction } from "./storage/transaction";
import { TooMuchToExamine, Watch } from "./watch";

const SWEEP_MS = 60_000;
/** A read that looks at more documents than this (some 20 ms) goes to the scan worker. */
const MOST_EXAMINED = 2_000;

export interface EngineOptions {
  file: string;
  clock: Clock;
  log: Log;
  /** Makes scans without index over more documents than this fail: for tests. */
  failScansOver?: number | undefined;
}

export class Engine {
  readonly storage: Storage;
  readonly queue: CommitQueue;
  readonly #clock: Clock;
  readonly #cursors: CursorRegistry;
  readonly #sessions = new SessionRegistry();
  readonly #runner: CommandRunner;
  readonly #scans: ScanPool;
  readonly #snapshots: Snapshots;
  readonly #log: Log;
  readonly #watch: Watch;
  #sweeper: Timer;
  #closing = false;

  constructor({ file, clock, log, failScansOver }: EngineOptions) {
    this.#clock = clock;
    this.#log = log;
    const watch = new Watch({ clock, log, failScansOver });
    this.#watch = watch;
    this.storage = new Storage(file);
    const { writer, catalog } = this.storage;
    this.queue = new CommitQueue(writer, catalog, new LogSync(writer, clock, log), clock);
    this.#cursors = new CursorRegistry({ clock, isTired: () => watch.examinedSoFar >= MOST_EXAMINED });
    this.#runner = new CommandRunner({ storage: this.storage, cursors: this.#cursors, clock, watch });
    this.#scans = new ScanPool({ file, failScansOver, clock, log });
    this.#snapshots = new Snapshots({ file, cursors: this.#cursors, clock, watch });
    this.#sweeper = clock.timer(SWEEP_MS, () => this.#sweep());
  }

  /** Documents looked at so far, without those that the scan worker looked at. */
  get examined(): number {
    return this.#watch.examinedInAll;
  }

  /** True while the scan worker is up. */
  get scanning(): boolean {
    return this.#scans.isRunning;
  }

  /** Runs one command; its answer as one message. Never rejects: failures are replies with ok: 0. */
  async command(request: CommandRequest): Promise<Uint8Array> {
    return replyBytes(await this.execute(request));
  }

  /** Runs one command: reads are answered at once, writes after their commit. Never fails: failures are replies. */
  execute(request: CommandRequest): Reply | Promise<Reply> {
    try {
      const reply = this.#dispatch(request);
      return reply instanceof Promise ? reply.catch((error: unknown) => refusal(request, error)) : reply;
    } catch (error) {
      // Everything a command can throw becomes MongoDB's error reply, as from a server.
      return refusal(request, error);
    }
  }

  /** Answers what is pending, writes the log back into the file and closes it. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#sweeper.cancel();
    this.#scans.close();
    this.#snapshots.close();
    await this.queue.close();
    this.storage.close();
  }

  /** Writes a compact copy of the committed state to a new file and checks it; writers go on meanwhile. */
  async backup(target: string): Promise<void> {
    const wrong = await this.#scans.work({ kind: "backup", target });
    if (wrong.length > 0) throw new Error(`The copy in ${target} is damaged: ${wrong.join("; ")}`);
  }

  /** What is wrong with the file, its documents and its indexes; empty when nothing is. */
  check(): Promise<string[]> {
    return this.#scans.work({ kind: "check" });
  }

  #dispatch(request: CommandRequest): Reply | Promise<Reply> {
    if (this.#closing) throw commandError("ShutdownInProgress", "The store is closing");
    const { database, body, payload } = request;
    const name = body.keys[0] ?? "";
    if (name === "commitTransaction" || name === "abortTransaction") return this.#endTransaction(request, name);
    checkApi(name, body);
    const entry = entryOf(name, request.body);
    if (!entry) throw commandError("CommandNotFound", `no such command: '${name}'`);
    refuseUnknownFields(name, body);
    checkConcerns(body);
    const call: CommandCall = { database, body, payload, name, transaction: null };
    if (body.get("autocommit") === false) return this.#inTransaction(call, entry);
    const run = () => this.#runner.run(entry, call, { connection: this.storage.writer, outside: false });
    switch (entry.kind) {
      case "write":
        return this.#once(call, () => this.#write(body, run, false));
      case "catalog":
        return this.#write(body, run, true);
      default:
        return this.#read(entry, call);
    }
  }

  #write(body: Doc, run: () => Reply, alone: boolean): Promise<Reply> {
    const done = this.queue.write(run, alone);
    return body.has("writeConcern") ? done.then((reply) => withWriteConcernError(body, reply)) : done;
  }

  /** Does a write that may be sent twice at most once. */
  #once(call: CommandCall, write: () => Promise<Reply>): Promise<Reply> {
    const before = this.#sessions.answered(call.body);
    if (before?.answer) return before.answer;
    const answer = write();
    if (before) this.#sessions.remember(before.session, before.number, answer);
    return answer;
  }

  /** Reads the committed state: here when that is quick, in the worker when it is not. */
  #read(entry: CommandEntry, call: CommandCall): Reply | Promise<Reply> {
    const snapshot = call.body.has("readConcern") ? snapshotOf(call.body) : null;
    if (snapshot) {
      const { reply, time } = this.#snapshots.read(entry, call, snapshot.at);
      return withClusterTime(reply, time);
    }
    if (entry.heavy?.(call)) return this.#scans.command(call);
    const outside = this.queue.isOpen;
    const connection = outside ? this.storage.reader : this.storage.writer;
    const mostExamined = entry.mayMove ? MOST_EXAMINED : undefined;
    try {
      return this.#runner.run(entry, call, { connection, outside, mostExamined });
    } catch (error) {
      // Nothing was answered yet, so the worker can begin afresh.
      if (error instanceof TooMuchToExamine) return this.#scans.command(call);
      throw error;
    }
  }

  #inTransaction(call: CommandCall, entry: CommandEntry): Reply | Promise<Reply> {
    if (!entry.inTransaction) {
      throw commandError("OperationNotSupportedInTransaction", `Cannot run '${call.name}' in a multi-document transaction.`);
    }
    const { transaction, isNew } = this.#sessions.transaction(call.body);
    call.transaction = transaction;
    const { writer } = this.storage;
    const run = () =>
      this.queue.inside(transaction, (connection) =>
        this.#runner.run(entry, call, { connection, outside: connection !== writer }),
      );
    if (isNew) return this.queue.begin(transaction).then(run);
    if (transaction.state !== "open") throw noSuchTransaction(transaction);
    return run();
  }

  async #endTransaction(request: CommandRequest, name: string): Promise<Reply> {
    const transaction = this.#sessions.existing(request.body);
    if (transaction) this.#cursors.endTransaction(transaction.id);
    if (name === "commitTransaction") {
      // A client that lost the answer asks again: a committed transaction stays committed.
      if (!transaction) throw noSuchTransaction(null);
      if (transaction.state !== "committed") await this.queue.commit(transaction);
      return withWriteConcernError(request.body, okReply());
    }
    if (transaction?.state !== "open") throw noSuchTransaction(transaction);
    this.queue.abort(transaction);
    return okReply();
  }

  /** Removes the documents whose TTL index says so; returns how many. */
  async expire(): Promise<number> {
    let removed = 0;
    for (const collection of this.storage.catalog.all()) {
      for (const { spec } of ttlIndexes(collection)) removed += await this.#expireBy(collection.namespace, spec.name);
    }
    return removed;
  }

  async #expireBy(namespace: string, name: string): Promise<number> {
    for (let removed = 0; ; ) {
      // Looked up each time: both may have been dropped meanwhile.
      const portion = await this.queue.write(() => {
        const collection = this.storage.catalog.find(namespace);
        const index = collection?.indexes.find(({ spec }) => spec.name === name);
        if (!collection || !index || index.spec.expireAfterSeconds === null) return 0;
        return removeExpired(collection, index, this.storage.writer, this.#clock.now());
      });
      removed += portion;
      if (portion < EXPIRE_PORTION) return removed;
    }
  }

  #sweep(): void {
    this.expire().catch((error: unknown) => this.#log.warn("expired documents could not be removed", { error }));
    this.#cursors.expire();
    this.#snapshots.expire();
    this.#sessions.trim();
    this.#sweeper = this.#clock.timer(SWEEP_MS, () => this.#sweep());
  }
}

function refusal(request: CommandRequest, error: unknown): Uint8Array {
  const failure = toCommandError(error);
  const isConflict = request.body.has("autocommit") && failure.code === 112 && !failure.extra.errorLabels;
  return errorReply(isConflict ? failure.withLabel(TRANSIENT) : failure);
}
