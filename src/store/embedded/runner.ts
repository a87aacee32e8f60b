/** Runs one command on one connection: gives it its variables and compilers, and watches its cost. The engine and the scan worker each have one. */
import type { Clock } from "../../core/clock";
import { ExpressionCompiler, scopeOf } from "./aggregate/expression";
import { expressionTest, updatePipeline } from "./aggregate/pipeline";
import { DateTime, Doc, type Value } from "./bson/value";
import type { CommandContext } from "./command/context";
import type { CursorRegistry } from "./command/cursor";
import type { Reply } from "./command/reply";
import type { CommandCall } from "./command/request";
import type { CommandEntry } from "./command/table";
import { timeLimitOf } from "./command/time-limit";
import { truthy } from "./query/leaf";
import type { Catalog } from "./storage/catalog";
import type { CollectionTable } from "./storage/collection-table";
import type { Connection } from "./storage/connection";
import type { Watch } from "./watch";

export interface RunnerOptions {
  storage: { readonly catalog: Catalog; readonly writer: Connection };
  cursors: CursorRegistry;
  clock: Clock;
  watch: Watch;
}

export interface RunOptions {
  connection: Connection;
  /** True when the command must not see what others have not committed yet. */
  outside: boolean;
  /** Documents it may look at before it is sent elsewhere. */
  mostExamined?: number;
  /** What $$NOW means; the clock's time when left out. */
  now?: number;
}

export class CommandRunner {
  readonly #clock: Clock;
  readonly #watch: Watch;
  readonly #context: CommandContext;
  #connection: Connection;
  #outside = false;
  /** The command that runs, and its variables once something has asked for them. */
  #running = new Doc();
  #now: number | undefined;
  #variables: ReadonlyMap<string, Value | undefined> | null = null;

  constructor({ storage, cursors, clock, watch }: RunnerOptions) {
    this.#clock = clock;
    this.#watch = watch;
    this.#connection = storage.writer;
    const current = () => this.#connection;
    this.#context = {
      storage,
      cursors,
      clock,
      get writer() {
        return current();
      },
      connection: current,
      collection: (namespace) => this.#visible(storage.catalog.find(namespace)),
      view: (namespace) => storage.catalog.view(namespace),
      bypassesValidation: () => truthy(this.#running.get("bypassDocumentValidation")),
      command: () => this.#running,
      warn: (message, fields) => watch.warn(message, fields),
      variables: () => this.#variablesNow(),
      expression: (expression) => expressionTest(this.#variablesNow())(expression),
      compute: (expression) => {
        const variables = this.#variablesNow();
        const evaluate = new ExpressionCompiler(variables.keys()).compile(expression);
        return (doc) => evaluate(scopeOf(doc, variables));
      },
      pipeline: (stages) => updatePipeline(stages, this.#variablesNow()),
      planned: (plan, collection) => watch.planned(plan, collection),
      examined: (plan, collection, count) => watch.examined(plan, collection, count),
    };
  }

  /** Runs a command to its end; nothing else runs meanwhile. Throws TooMuchToExamine beyond `mostExamined`. */
  run(entry: CommandEntry, call: CommandCall, { connection, outside, mostExamined, now }: RunOptions): Reply {
    this.#connection = connection;
    this.#outside = outside;
    this.#variables = null;
    this.#running = call.body;
    this.#now = now;
    return this.#watch.run(
      {
        command: call.name,
        namespace: () => `${call.database}.${String(call.body.values[0])}`,
        mostExamined,
        timeLimitMs: timeLimitOf(call.body),
      },
      () => entry.run(call, this.#context),
    );
  }

  #visible(collection: CollectionTable | null): CollectionTable | null {
    return collection && this.#outside && collection.uncommitted ? null : collection;
  }

  #variablesNow(): ReadonlyMap<string, Value | undefined> {
    this.#variables ??= this.#variablesOf(this.#running, this.#now ?? this.#clock.now());
    return this.#variables;
  }

  /** NOW and what `let` defines; definitions may use earlier ones. */
  #variablesOf(body: Doc, now: number): ReadonlyMap<string, Value | undefined> {
    const variables = new Map<string, Value | undefined>([["NOW", new DateTime(now)]]);
    const given = body.get("let");
    if (given instanceof Doc) {
      given.keys.forEach((name, i) => {
        const evaluate = new ExpressionCompiler(variables.keys()).compile(given.values[i]!);
        variables.set(name, evaluate(scopeOf(new Doc(), variables)));
      });
    }
    return variables;
  }
}
