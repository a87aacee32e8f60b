/** The process's side of the search index: starts its thread, passes tasks on and brings the answers back. */
import { join } from "node:path";
import { fail } from "../../core/errors";
import type { Log } from "../../core/log";
import type {
  FromSearchWorker,
  SearchFound,
  SearchOperation,
  SearchRequest,
  SearchSize,
  SearchTask,
  ToSearchWorker,
} from "./search-message";

/** In the executable everything of ours is one file at its root, and the worker lies where it lay below src. */
const WORKER_FILE = new URL(
  Bun.isStandaloneExecutable ? "./store/search/search.worker.js" : "./search.worker.ts",
  import.meta.url,
).href;

export const SEARCH_FILE = "search.db";

export interface SearchIndex {
  /** All or nothing, with how far the events have been read. */
  apply(operations: readonly SearchOperation[], position: number): Promise<void>;
  find(request: SearchRequest): Promise<SearchFound>;
  size(): Promise<SearchSize>;
  /** A new index is built beside the one in use, and takes its place when it is finished. */
  beginBuild(): Promise<void>;
  build(operations: readonly SearchOperation[]): Promise<void>;
  finishBuild(position: number): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Opens DATA_DIR/search.db in a thread. Fails when the file cannot be written. */
export async function openSearchIndex({ dataDir, log }: { dataDir: string; log: Log }): Promise<SearchIndex> {
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

  const ask = <T>(task: SearchTask): Promise<T> => {
    if (broken !== null) return Promise.reject(fail("search.unavailable", { cause: new Error(broken) }));
    const id = nextId++;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    post({ id, task });
    return answer.promise as Promise<T>;
  };

  post({ open: join(dataDir, SEARCH_FILE) });
  await opened.promise;
  return {
    apply: (operations, position) => ask({ apply: { operations, position } }),
    find: (request) => ask({ find: request }),
    size: () => ask({ size: true }),
    beginBuild: () => ask({ beginBuild: true }),
    build: (operations) => ask({ build: operations }),
    async finishBuild(position) {
      while (await ask<boolean>({ mergeBuild: true }));
      await ask({ finishBuild: { position } });
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
