/** A worker thread that runs while there is something to do: an idle server keeps no further engine in memory. */
import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import type { Clock, Timer } from "../core/clock";
import { fail } from "../core/errors";
import { openThread, type Thread, type ThreadOptions } from "./thread";

export interface IdleThreadOptions extends ThreadOptions {
  clock: Clock;
  /** It ends after that long without a task, in milliseconds. */
  idleMs?: number | undefined;
}

export interface IdleThread<T> {
  ask<A>(task: T): Promise<A>;
  /** While held it goes on without tasks: what it has begun is only in its memory. */
  hold(isHeld: boolean): void;
  /** How far the events have been read, without a thread where none runs; null when there is no file yet. */
  position(bySize: T): Promise<number | null>;
  close(): Promise<void>;
}

/** Starting it takes some 30 ms, so pauses between two questions of a person should not end it. */
const IDLE_MS = 10_000;

export function idleThread<T>({ clock, idleMs = IDLE_MS, ...options }: IdleThreadOptions): IdleThread<T> {
  let thread: Promise<Thread<T>> | null = null;
  let ended: Promise<void> = Promise.resolve();
  let tasks = 0;
  let isHeld = false;
  let isClosed = false;
  let idle: Timer | null = null;

  /** Only one thread has the file open. */
  async function start(): Promise<Thread<T>> {
    await ended;
    return openThread<T>(options);
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

  async function ask<A>(task: T): Promise<A> {
    if (isClosed) throw fail(options.unavailable);
    idle?.cancel();
    tasks++;
    thread ??= start();
    const current = thread;
    try {
      const open = await current.catch((error: unknown) => {
        if (thread === current) thread = null;
        throw error;
      });
      // One that failed is not asked again; the next task starts another.
      if (open.isBroken && thread === current) void end();
      return await open.ask<A>(task);
    } finally {
      tasks--;
      if (tasks === 0 && !isHeld && !isClosed) idle = clock.timer(idleMs, () => void end());
    }
  }

  return {
    ask,
    hold(held) {
      isHeld = held;
    },
    async position(bySize) {
      if (!thread && !existsSync(options.path)) return null;
      const read = thread ? undefined : storedPosition(options.path);
      return read === undefined ? (await ask<{ position: number | null }>(bySize)).position : read;
    },
    async close() {
      isClosed = true;
      idle?.cancel();
      await end();
    },
  };
}

/** Undefined when the file cannot be read this way. */
function storedPosition(file: string): number | null | undefined {
  let database: Database | null = null;
  try {
    database = new Database(file, { readonly: true });
    const row = database.query("SELECT value FROM state WHERE key = 'position'").get() as { value: number } | null;
    return row?.value ?? null;
  } catch {
    // SQLiteError: another format, or a file that has to be repaired first. Its thread knows how.
    return undefined;
  } finally {
    database?.close();
  }
}
