/** The process's side of a worker thread that owns a file: starts it, passes tasks on and brings the answers back. */
import { type ErrorCode, fail } from "../core/errors";
import type { Log } from "../core/log";

export type ToThread<T> = { open: string } | { close: true } | { id: number; task: T };
export type FromThread = { opened: true } | { closed: true } | { id: number; value: unknown } | { id: number; failed: string };

export interface Thread<T> {
  /** The thread itself failed: it answers no more. */
  readonly isBroken: boolean;
  /** Fails with the code the thread was opened with. */
  ask<A>(task: T): Promise<A>;
  close(): Promise<void>;
}

export interface ThreadOptions {
  /** Address of the worker's code. */
  worker: string;
  /** The file it owns. */
  path: string;
  /** Named in the log. */
  name: string;
  unavailable: ErrorCode;
  log: Log;
}

/** Fails when the file cannot be written. */
export async function openThread<T>({ worker: code, path, name, unavailable, log }: ThreadOptions): Promise<Thread<T>> {
  const worker = new Worker(code);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  let nextId = 1;
  let broken: string | null = null;
  const refuse = (reason: string) => fail(unavailable, { cause: new Error(reason) });
  const post = (message: ToThread<T>) => worker.postMessage(message);

  worker.onmessage = ({ data }: MessageEvent<FromThread>) => {
    if ("opened" in data) return opened.resolve();
    if ("closed" in data) return closed.resolve();
    const one = waiting.get(data.id);
    waiting.delete(data.id);
    if ("failed" in data) one?.reject(refuse(data.failed));
    else one?.resolve(data.value);
  };
  worker.onerror = (event) => {
    broken = event.message;
    log.error(`${name} failed`, { reason: event.message });
    opened.reject(refuse(event.message));
    closed.resolve();
    for (const { reject } of waiting.values()) reject(refuse(event.message));
    waiting.clear();
  };

  post({ open: path });
  await opened.promise;
  return {
    get isBroken() {
      return broken !== null;
    },
    ask<A>(task: T): Promise<A> {
      if (broken !== null) return Promise.reject(refuse(broken));
      const id = nextId++;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(id, answer);
      post({ id, task });
      return answer.promise as Promise<A>;
    },
    async close() {
      if (broken === null) post({ close: true });
      await closed.promise;
      worker.terminate();
      for (const { reject } of waiting.values()) reject(refuse("closed"));
      waiting.clear();
    },
  };
}
