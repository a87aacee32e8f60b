/**
 * Watches what commands cost: slow ones are logged with their plan, those with a time limit are stopped, large reads
 * are sent to the scan worker, and scans can be made to fail, for tests.
 */
import type { Clock } from "../../core/clock";
import type { Log } from "../../core/log";
import { commandError } from "./command-error";
import { planText } from "./plan/explain";
import type { Plan } from "./plan/planner";
import type { CollectionTable } from "./storage/collection-table";

/** Commands above this are logged; the event loop stood still for so long. */
const SLOW_MS = 50;
/** The time is looked at once in so many documents. */
const TIME_EVERY = 64;

export interface WatchOptions {
  clock: Clock;
  log: Log;
  /** A scan without index over more documents than this fails; undefined: never. */
  failScansOver?: number | undefined;
}

export interface WatchedCommand {
  command: string;
  namespace: () => string;
  mostExamined?: number | undefined;
  timeLimitMs?: number | null;
}

/** The command has looked at more documents than the event loop can wait for; nothing has been answered yet. */
export class TooMuchToExamine extends Error {
  override name = "TooMuchToExamine";
}

export class Watch {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #failScansOver: number;
  #plans: string[] = [];
  #examined = 0;
  #mostExamined = Number.POSITIVE_INFINITY;
  #deadline = Number.POSITIVE_INFINITY;
  /** Documents looked at since the start. */
  examinedInAll = 0;

  constructor({ clock, log, failScansOver }: WatchOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#failScansOver = failScansOver ?? Number.POSITIVE_INFINITY;
  }

  /** Documents looked at by the command that runs. */
  get examinedSoFar(): number {
    return this.#examined;
  }

  /** Runs one command and logs it when it was slow. */
  run<T>({ command, namespace, mostExamined, timeLimitMs }: WatchedCommand, work: () => T): T {
    this.#plans.length = 0;
    this.#examined = 0;
    this.#mostExamined = mostExamined ?? Number.POSITIVE_INFINITY;
    const from = this.#clock.monotonic();
    this.#deadline = timeLimitMs == null ? Number.POSITIVE_INFINITY : from + timeLimitMs;
    try {
      return work();
    } finally {
      const tookMs = this.#clock.monotonic() - from;
      if (tookMs > SLOW_MS) {
        this.#log.warn("slow store command", {
          command,
          namespace: namespace(),
          tookMs: Math.round(tookMs),
          plans: [...this.#plans],
          examined: this.#examined,
        });
      }
    }
  }

  warn(message: string, fields: Record<string, unknown>): void {
    this.#log.warn(message, fields);
  }

  planned(plan: Plan, collection: CollectionTable): void {
    if (this.#plans.length < 10) this.#plans.push(planText(plan, collection));
  }

  examined(plan: Plan, collection: CollectionTable, count: number): void {
    this.#examined++;
    this.examinedInAll++;
    if (plan.kind === "scan" && count > this.#failScansOver) {
      throw commandError(
        "NoQueryExecutionPlans",
        `COLLSCAN of ${collection.namespace} went over ${this.#failScansOver} documents: an index is missing`,
      );
    }
    if (this.#examined > this.#mostExamined) throw new TooMuchToExamine();
    if (this.#examined % TIME_EVERY === 0 && this.#clock.monotonic() > this.#deadline)
      throw commandError("MaxTimeMSExpired", "operation exceeded time limit");
  }
}
