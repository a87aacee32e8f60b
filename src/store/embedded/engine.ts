/**
 * The embedded MongoDB: commands in, BSON replies out. Reads are answered at once from committed data, writes after
 * the commit of their group. It knows nothing of drivers and sockets; the front ends in `front/` bring the commands.
 */
import type { Clock, Timer } from "../../core/clock";
import type { Log } from "../../core/log";
import { ExpressionCompiler, scopeOf } from "./aggregate/expression";
import { expressionTest, updatePipeline } from "./aggregate/pipeline";
import { DateTime, Doc, type Value } from "./bson/value";
import type { CommandContext } from "./command/context";
import { CursorRegistry } from "./command/cursor";
import { errorReply, okReply, type Reply, replyBytes } from "./command/reply";
import type { CommandCall, CommandRequest } from "./command/request";
import { COMMANDS, type CommandEntry } from "./command/table";
import { commandError, TRANSIENT } from "./command-error";
import { SessionRegistry } from "./session";
import { backupTo } from "./storage/backup";
import type { CollectionTable } from "./storage/collection-table";
import { CommitQueue, noSuchTransaction } from "./storage/commit-queue";
import type { Connection } from "./storage/connection";
import { EXPIRE_PORTION, removeExpired, ttlIndexes } from "./storage/expiry";
import { toCommandError } from "./storage/failure";
import { checkIntegrity } from "./storage/integrity";
import { Storage } from "./storage/storage";
import { Watch } from "./watch";

const SWEEP_MS = 60_000;

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
  readonly #context: CommandContext;
  readonly #watch: Watch;
  readonly #log: Log;
  #sweeper: Timer;
  #connection: Connection;
  /** True while a command must not see uncommitted data. */
  #outside = false;
  /** The command that runs, and its variables once something has asked for them. */
  #running = new Doc();
  #variables: ReadonlyMap<string, Value | undefined> | null = null;

  constructor({ file, clock, log, failScansOver }: EngineOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#watch = new Watch({ clock, log, failScansOver });
    this.storage = new Storage(file);
    this.queue = new CommitQueue(this.storage.writer, this.storage.catalog, clock);
    this.#cursors = new CursorRegistry(clock);
    this.#connection = this.storage.writer;
    this.#context = this.#makeContext();
    this.#sweeper = clock.timer(SWEEP_MS, () => this.#sweep());
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
    this.#sweeper.cancel();
    await this.queue.close();
    this.storage.close();
  }

  /** Writes a compact copy of the committed state to a new file. Blocks for as long as copying the file takes. */
  backup(target: string): void {
    backupTo(this.storage, target);
  }

  /** What is wrong with the file, its documents and its indexes; empty when nothing is. */
  check(): string[] {
    return checkIntegrity(this.storage);
  }

  #dispatch(request: CommandRequest): Reply | Promise<Reply> {
    const { database, body, payload } = request;
    const name = body.keys[0] ?? "";
    if (name === "commitTransaction" || name === "abortTransaction") return this.#endTransaction(request, name);
    const entry = COMMANDS.get(name);
    if (!entry) throw commandError("CommandNotFound", `no such command: '${name}'`);
    const call: CommandCall = { database, body, payload, name, transaction: null };
    if (body.get("autocommit") === false) return this.#inTransaction(call, entry);
    switch (entry.kind) {
      case "write":
        return this.queue.write(() => this.#run(entry, call, this.storage.writer, false));
      case "catalog":
        return this.queue.write(() => this.#run(entry, call, this.storage.writer, false), true);
      default: {
        const outside = this.queue.isOpen;
        return this.#run(entry, call, outside ? this.storage.reader : this.storage.writer, outside);
      }
    }
  }

  /** Runs a command to its end; nothing else runs meanwhile. */
  #run(entry: CommandEntry, call: CommandCall, connection: Connection, outside: boolean): Reply {
    this.#connection = connection;
    this.#outside = outside;
    this.#variables = null;
    this.#running = call.body;
    return this.#watch.run(
      call.name,
      () => `${call.database}.${String(call.body.values[0])}`,
      () => entry.run(call, this.#context),
    );
  }

  #inTransaction(call: CommandCall, entry: CommandEntry): Reply | Promise<Reply> {
    if (!entry.inTransaction) {
      throw commandError("OperationNotSupportedInTransaction", `Cannot run '${call.name}' in a multi-document transaction.`);
    }
    const { transaction, isNew } = this.#sessions.transaction(call.body);
    call.transaction = transaction;
    const run = () => this.queue.inside(transaction, () => this.#run(entry, call, this.storage.writer, false));
    if (isNew) return this.queue.begin(transaction).then(run);
    if (transaction.state !== "open") throw noSuchTransaction(transaction);
    return run();
  }

  async #endTransaction(request: CommandRequest, name: string): Promise<Uint8Array> {
    const transaction = this.#sessions.existing(request.body);
    if (transaction) this.#cursors.endTransaction(transaction.id);
    if (name === "commitTransaction") {
      // A client that lost the answer asks again: a committed transaction stays committed.
      if (transaction?.state === "committed") return okReply();
      if (!transaction) throw noSuchTransaction(null);
      await this.queue.commit(transaction);
      return okReply();
    }
    if (transaction?.state !== "open") throw noSuchTransaction(transaction);
    this.queue.abort(transaction);
    return okReply();
  }

  #makeContext(): CommandContext {
    const { storage } = this;
    return {
      storage,
      cursors: this.#cursors,
      clock: this.#clock,
      writer: storage.writer,
      connection: () => this.#connection,
      collection: (namespace) => this.#visible(storage.catalog.find(namespace)),
      variables: () => this.#variablesNow(),
      expression: (expression) => expressionTest(this.#variablesNow())(expression),
      compute: (expression) => {
        const variables = this.#variablesNow();
        const evaluate = new ExpressionCompiler(variables.keys()).compile(expression);
        return (doc) => evaluate(scopeOf(doc, variables));
      },
      pipeline: (stages) => updatePipeline(stages, this.#variablesNow()),
      planned: (plan, collection) => this.#watch.planned(plan, collection),
      examined: (plan, collection, count) => this.#watch.examined(plan, collection, count),
    };
  }

  #visible(collection: CollectionTable | null): CollectionTable | null {
    return collection && this.#outside && collection.uncommitted ? null : collection;
  }

  #variablesNow(): ReadonlyMap<string, Value | undefined> {
    this.#variables ??= this.#variablesOf(this.#running);
    return this.#variables;
  }

  /** NOW and what `let` defines; definitions may use earlier ones. */
  #variablesOf(body: Doc): ReadonlyMap<string, Value | undefined> {
    const variables = new Map<string, Value | undefined>([["NOW", new DateTime(this.#clock.now())]]);
    const given = body.get("let");
    if (given instanceof Doc) {
      given.keys.forEach((name, i) => {
        const evaluate = new ExpressionCompiler(variables.keys()).compile(given.values[i]!);
        variables.set(name, evaluate(scopeOf(new Doc(), variables)));
      });
    }
    return variables;
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
    this.#sessions.trim();
    this.#sweeper = this.#clock.timer(SWEEP_MS, () => this.#sweep());
  }
}

function refusal(request: CommandRequest, error: unknown): Uint8Array {
  const failure = toCommandError(error);
  const isConflict = request.body.has("autocommit") && failure.code === 112 && !failure.extra.errorLabels;
  return errorReply(isConflict ? failure.withLabel(TRANSIENT) : failure);
}
