/** The worst delay of the last minutes, by number. */
import type { Clock } from "../../core/clock";

const WINDOW_MS = 60_000;

export interface Lateness {
  note(channel: string, ms: number): void;
  get(channel: string): number;
}

/** Keeps the maximum of the running window and of the one before it: nothing is forgotten in less than a window. */
export function createLateness(clock: Pick<Clock, "monotonic">): Lateness {
  const worst = new Map<string, { begun: number; now: number; before: number }>();
  const current = (channel: string) => {
    const at = clock.monotonic();
    const entry = worst.get(channel) ?? { begun: at, now: 0, before: 0 };
    const age = at - entry.begun;
    if (age >= WINDOW_MS) Object.assign(entry, { begun: at, now: 0, before: age < 2 * WINDOW_MS ? entry.now : 0 });
    worst.set(channel, entry);
    return entry;
  };
  return {
    note(channel, ms) {
      const entry = current(channel);
      entry.now = Math.max(entry.now, ms);
    },
    get(channel) {
      const { now, before } = current(channel);
      return Math.max(now, before);
    },
  };
}
