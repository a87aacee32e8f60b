/**
 * The engine's side of the scan worker: starts it when it is needed first, passes commands on, brings their replies back,
 * and ends it when nobody has asked for a while.
 */
import type { Clock, Timer } from "../../core/clock";
import type { Log } from "../../core/log";
import { encode } from "./bson/encode";
import type { CommandRequest } from "./command/request";
import { type CommandError, commandError } from "./command-error";
import type { FromScanWorker, ScanOpen, ScanRequest, ToScanWorker } from "./scan-message";

/** An idle worker costs memory; starting one takes some 50 ms. */
const IDLE_MS = 60_000;
/** With cursors open: longer than they live without being asked for. */
const IDLE_WITH_CURSORS_MS = 720_000;

export interface ScanPoolOptions extends ScanOpen {
  clock: Clock;
  log: Log;
}

interface Waiting {
  resolve(reply: Uint8Array): void;
  reject(error: CommandError): void;
}

export class ScanPool {
  readonly #options: ScanPoolOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #idle: Timer | null = null;
  #nextId = 1;
  #closed = false;

  constructor(options: ScanPoolOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#worker !== null;
  }

  /** Runs a reading command in the worker. Rejects when the worker is gone; a refused command is a reply. */
  command({ database, body }: CommandRequest): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(commandError("ShutdownInProgress", "The store is closing"));
    this.#idle?.cancel();
    this.#worker ??= this.#start();
    const id = this.#nextId++;
    const answer = new Promise<Uint8Array>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    const request: ScanRequest = { id, database, body: encode(body), now: this.#options.clock.now() };
    this.#worker.postMessage({ request } satisfies ToScanWorker);
    return answer;
  }

  close(): void {
    this.#closed = true;
    this.#end(commandError("ShutdownInProgress", "The store is closing"));
  }

  #start(): Worker {
    const { file, failScansOver, log } = this.#options;
    const worker = new Worker(new URL("./scan.worker.ts", import.meta.url).href);
    worker.onmessage = ({ data }: MessageEvent<FromScanWorker>) => {
      if ("slow" in data) log.warn(data.slow.message, data.slow.fields);
      else this.#answered(data.answer.id, data.answer.reply, data.answer.cursors);
    };
    worker.onerror = (event) => {
      log.error("the scan worker failed", { reason: event.message });
      if (this.#worker === worker) this.#end(commandError("InternalError", "The scan worker failed; ask again"));
    };
    worker.postMessage({ open: { file, failScansOver } } satisfies ToScanWorker);
    return worker;
  }

  #answered(id: number, reply: Uint8Array, cursors: number): void {
    this.#waiting.get(id)?.resolve(reply);
    this.#waiting.delete(id);
    if (this.#waiting.size > 0) return;
    const wait = cursors > 0 ? IDLE_WITH_CURSORS_MS : IDLE_MS;
    this.#idle = this.#options.clock.timer(wait, () => this.#end(null));
  }

  #end(failure: CommandError | null): void {
    this.#idle?.cancel();
    this.#idle = null;
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values())
      reject(failure ?? commandError("InternalError", "The scan worker has ended"));
    this.#waiting.clear();
  }
}
