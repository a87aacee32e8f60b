/** Memory of long jobs. */
import type { Clock } from "./clock";

/** Taking garbage away costs some milliseconds of everybody's time. */
const NOT_SOONER_MS = 2_000;

/**
 * For jobs that leave much garbage for minutes: the engine takes its time while memory is to be had. Gives a function, cheap to call
 * often, that has garbage taken away whenever the process holds more than `mostBytes`.
 */
export function createTidyMemory(clock: Clock, mostBytes: number): () => void {
  let tidiedAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock.monotonic();
    if (now - tidiedAt < NOT_SOONER_MS || process.memoryUsage.rss() < mostBytes) return;
    tidiedAt = now;
    Bun.gc(true);
  };
}
