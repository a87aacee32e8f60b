/**
 * The process's side of the search index. Its thread runs while there is something to do, and ends when nothing was asked for a while:
 * an idle server keeps no second engine in memory.
 */
import { join } from "node:path";
import type { Clock, Timer } from "../../core/clock";
import { fail } from "../../core/errors";
import type { Log } from "../../core/log";
import type {
  BuildState,
  BuildStep,
  SearchFound,
  SearchOperation,
  SearchRequest,
  SearchSize,
  SearchTask,
} from "./search-message";
import { openSearchThread, type SearchThread } from "./search-thread";

export const SEARCH_FILE = "search.db";

export interface SearchIndex {
  /** All or nothing, with how far the events have been read. */
  apply(operations: readonly SearchOperation[], position: number): Promise<void>;
  find(request: SearchRequest): Promise<SearchFound>;
  size(): Promise<SearchSize>;
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

/** Starting it again takes some 30 ms, so pauses between two searches of a person should not end it. */
const IDLE_MS = 10_000;

/** Opens DATA_DIR/search.db. Fails when the file cannot be written. */
export async function openSearchIndex({ dataDir, clock, log, idleMs = IDLE_MS }: SearchIndexOptions): Promise<SearchIndex> {
  const path = join(dataDir, SEARCH_FILE);
  let thread: Promise<SearchThread> | null = openSearchThread(path, log);
  let ended: Promise<void> = Promise.resolve();
  let tasks = 0;
  let isBuilding = false;
  let isClosed = false;
  let idle: Timer | null = null;

  /** Only one thread has the file open. */
  async function startAgain(): Promise<SearchThread> {
    await ended;
    return openSearchThread(path, log);
  }

  function end(): Promise<void> {
    const last = thread;
    thread = null;
    if (last)
      ended = last.then(
        (open) => open.close(),
        // It never opened; whoever asked for it was told.
        () => {},
      );
    return ended;
  }

  async function ask<T>(task: SearchTask): Promise<T> {
    if (isClosed) throw fail("search.unavailable");
    idle?.cancel();
    tasks++;
    thread ??= startAgain();
    const current = thread;
    try {
      const open = await current.catch((error: unknown) => {
        if (thread === current) thread = null;
        throw error;
      });
      // One that failed is not asked again; the next task starts another.
      if (open.isBroken && thread === current) void end();
      return await open.ask<T>(task);
    } finally {
      tasks--;
      if (tasks === 0 && !isBuilding && !isClosed) idle = clock.timer(idleMs, () => void end());
    }
  }

  await thread;
  idle = clock.timer(idleMs, () => void end());
  return {
    apply: (operations, position) => ask({ apply: { operations, position } }),
    find: (request) => ask({ find: request }),
    size: () => ask({ size: true }),
    beginBuild(position) {
      isBuilding = true;
      return ask({ beginBuild: { position } });
    },
    build: (operations, step) => ask({ build: { operations, step } }),
    async finishBuild() {
      while (await ask<boolean>({ mergeBuild: true }));
      isBuilding = false;
      await ask({ finishBuild: true });
    },
    async close() {
      isClosed = true;
      idle?.cancel();
      await end();
    },
  };
}
