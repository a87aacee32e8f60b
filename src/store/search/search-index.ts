/** The process's side of the search index. */
import { join } from "node:path";
import type { Clock } from "../../core/clock";
import type { Log } from "../../core/log";
import { idleThread } from "../idle-thread";
import type {
  BuildState,
  BuildStep,
  SearchFound,
  SearchOperation,
  SearchRequest,
  SearchSize,
  SearchTask,
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
  /** How far the events have been read; null when there is nothing yet. */
  position(): Promise<number | null>;
  /** A new index is built beside the one in use, and takes its place when it is finished. */
  beginBuild(position: number): Promise<BuildState>;
  build(operations: readonly SearchOperation[], step: BuildStep): Promise<void>;
  finishBuild(): Promise<void>;
  close(): Promise<void>;
}

export interface SearchIndexOptions {
  dataDir: string;
  clock: Clock;
  log: Log;
  /** The thread ends after that long without a task, in milliseconds. */
  idleMs?: number;
}

/** DATA_DIR/search.db, opened in a thread by the first task. Tasks fail with `search.unavailable` when the file cannot be written. */
export function openSearchIndex({ dataDir, clock, log, idleMs }: SearchIndexOptions): SearchIndex {
  const thread = idleThread<SearchTask>({
    worker: WORKER_FILE,
    path: join(dataDir, SEARCH_FILE),
    name: "the search worker",
    unavailable: "search.unavailable",
    clock,
    log,
    idleMs,
  });
  return {
    apply: (operations, position) => thread.ask({ apply: { operations, position } }),
    find: (request) => thread.ask({ find: request }),
    size: () => thread.ask({ size: true }),
    position: () => thread.position({ size: true }),
    beginBuild(position) {
      thread.hold(true);
      return thread.ask({ beginBuild: { position } });
    },
    build: (operations, step) => thread.ask({ build: { operations, step } }),
    async finishBuild() {
      while (await thread.ask<boolean>({ mergeBuild: true }));
      thread.hold(false);
      await thread.ask({ finishBuild: true });
    },
    close: () => thread.close(),
  };
}
