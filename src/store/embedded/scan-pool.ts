/**
 * The engine's side of the scan worker: starts it when it is needed first, passes commands on, brings their replies back,
 * and ends it when nobody has asked for a while.
 */
import type { Clock, Timer } from "../../core/clock";
import type { Log } from "../../core/log";
import { encode } from "./bson/encode";
import type { CommandRequest } from "./command/request";
import { type CommandError, commandError } from "./command-error";
import type { FromScanWorker, ScanOpen, ScanTask, ToScanWorker } from "./scan-message";

/** In the executable everything of ours is one file at its root, and the worker lies where it lay below src. */
const WORKER_FILE = new URL(Bun.isStandaloneExecutable ? "./store/embedded/scan.worker.js" : "./scan.worker.ts", import.meta.url)
  .href;

/** An idle worker costs memory; starting one takes some 50 ms. */
const IDLE_MS = 60_000;
/** With cursors open: longer than they live without being asked for. */
const IDLE_WITH_CURSORS_MS = 720_000;

export interface ScanPoolOptions extends ScanOpen {
  clock: Clock;
  log: Log;
}

interface Waiting {
  resolve(answer: Uint8Array | string[]): void;
  reject(error: Error): void;
}

export class ScanPool {
  readonly #options: ScanPoolOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #idle: Timer | null = null;
  #nextId = 1;
  /** Open in the worker when it was heard of last. */
  #cursors = 0;
  #closed = false;

  constructor(options: ScanPoolOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#worker !== null;
  }

  /** Runs a reading command in the worker. Rejects when the worker is gone; a refused command is a reply. */
  async command({ database, body }: CommandRequest): Promise<Uint8Array> {
    const now = this.#options.clock.now();
    return (await this.#ask((id) => ({ request: { id, database, body: encode(body), now } }))) as Uint8Array;
  }

  /** Works on the whole file; gives what a check found. */
  async work(task: ScanTask["task"]): Promise<string[]> {
    return (await this.#ask((id) => ({ work: { id, task } }))) as string[];
  }

  #ask(message: (id: number) => ToScanWorker): Promise<Uint8Array | string[]> {
    if (this.#closed) return Promise.reject(commandError("ShutdownInProgress", "The store is closing"));
    this.#idle?.cancel();
    this.#worker ??= this.#start();
    const id = this.#nextId++;
    const answer = new Promise<Uint8Array | string[]>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#worker.postMessage(message(id));
    return answer;
  }

  close(): void {
    this.#closed = true;
    this.#end(commandError("ShutdownInProgress", "The store is closing"));
  }

  #start(): Worker {
    const { file, failScansOver, log } = this.#options;
    const worker = new Worker(WORKER_FILE);
    worker.onmessage = ({ data }: MessageEvent<FromScanWorker>) => {
      if ("slow" in data) log.warn(data.slow.message, data.slow.fields);
      else if ("answer" in data) this.#answered(data.answer.id, data.answer.reply, data.answer.cursors);
      else if ("found" in data.done) this.#answered(data.done.id, data.done.found);
      else this.#answered(data.done.id, new Error(data.done.failed));
    };
    worker.onerror = (event) => {
      log.error("the scan worker failed", { reason: event.message });
      if (this.#worker === worker) this.#end(commandError("InternalError", "The scan worker failed; ask again"));
    };
    worker.postMessage({ open: { file, failScansOver } } satisfies ToScanWorker);
    return worker;
  }

  #answered(id: number, answer: Uint8Array | string[] | Error, cursors = this.#cursors): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (answer instanceof Error) waiting?.reject(answer);
    else waiting?.resolve(answer);
    this.#cursors = cursors;
    if (this.#waiting.size > 0) return;
    const wait = this.#cursors > 0 ? IDLE_WITH_CURSORS_MS : IDLE_MS;
    this.#idle = this.#options.clock.timer(wait, () => this.#end(null));
  }

  #end(failure: CommandError | null): void {
    this.#idle?.cancel();
    this.#idle = null;
    this.#worker?.terminate();
    this.#worker = null;
    this.#cursors = 0;
    for (const { reject } of this.#waiting.values())
      reject(failure ?? commandError("InternalError", "The scan worker has ended"));
    this.#waiting.clear();
  }
}
