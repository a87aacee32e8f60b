/** Durations for people who wait: `12.3 s`. */
import { systemClock } from "../core/clock";

/** Starts now; each call tells the time since then. */
export function startWatch(): () => string {
  const startedAt = systemClock.monotonic();
  return () => `${((systemClock.monotonic() - startedAt) / 1_000).toFixed(1)} s`;
}
