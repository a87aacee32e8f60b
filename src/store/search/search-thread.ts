/** One run of the search thread: the file is open in it from its start to its end. */
import { fail } from "../../core/errors";
import type { Log } from "../../core/log";
import type { FromSearchWorker, SearchTask, ToSearchWorker } from "./search-message";

/** In the executable everything of ours is one file at its root, and the worker lies where it lay below src. */
const WORKER_FILE = new URL(
  Bun.isStandaloneExecutable ? "./store/search/search.worker.js" : "./search.worker.ts",
  import.meta.url,
).href;

export interface SearchThread {
  /** The thread itself failed: it answers no more. */
  readonly isBroken: boolean;
  /** Fails with `search.unavailable` when the file or the thread fails. */
  ask<T>(task: SearchTask): Promise<T>;
  /** Ends when the file is closed. What has not been answered by then fails. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Opens the file in a new thread. Fails when the file cannot be written. */
export async function openSearchThread(path: string, log: Log): Promise<SearchThread> {
  const worker = new Worker(WORKER_FILE);
  const waiting = new Map<number, Waiting>();
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  let nextId = 1;
  let broken: string | null = null;
  const post = (message: ToSearchWorker) => worker.postMessage(message);

  worker.onmessage = ({ data }: MessageEvent<FromSearchWorker>) => {
    if ("opened" in data) return opened.resolve();
    if ("closed" in data) return closed.resolve();
    const one = waiting.get(data.id);
    waiting.delete(data.id);
    if ("failed" in data) one?.reject(fail("search.unavailable", { cause: new Error(data.failed) }));
    else one?.resolve(data.value);
  };
  worker.onerror = (event) => {
    broken = event.message;
    log.error("the search worker failed", { reason: event.message });
    const failure = fail("search.unavailable", { cause: new Error(event.message) });
    opened.reject(failure);
    closed.resolve();
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };

  post({ open: path });
  await opened.promise;
  return {
    get isBroken() {
      return broken !== null;
    },
    ask<T>(task: SearchTask): Promise<T> {
      if (broken !== null) return Promise.reject(fail("search.unavailable", { cause: new Error(broken) }));
      const id = nextId++;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(id, answer);
      post({ id, task });
      return answer.promise as Promise<T>;
    },
    async close() {
      if (broken === null) post({ close: true });
      await closed.promise;
      worker.terminate();
      for (const { reject } of waiting.values()) reject(fail("search.unavailable"));
      waiting.clear();
    },
  };
}
