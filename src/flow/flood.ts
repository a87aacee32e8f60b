/** Measures how fast events come in, and lets work behind the door stand back while they come faster than it can follow. */
import { systemClock, wait } from "../core/clock";

const WINDOW_MS = 250;
/** Twice what WhatsApp sends for one number at most: above this the door comes first. */
const FLOOD_PER_SECOND = 2_000;
/** Where a flood begins the work behind the door gets a quarter of the time, and less the higher it rises. */
const PAUSE_FACTOR = 3;
const LONGEST_PAUSE_MS = 500;

export interface Rate {
  count(events: number): void;
  perSecond(): number;
}

/** Counts over the last quarter of a second. It is about the machine's real load, so it does not follow a clock that tests move. */
export function createRate(): Rate {
  let since = systemClock.monotonic();
  let current = 0;
  let previous = 0;
  const turn = () => {
    const now = systemClock.monotonic();
    const windows = Math.floor((now - since) / WINDOW_MS);
    if (windows > 0) {
      previous = windows === 1 ? current : 0;
      current = 0;
      since += windows * WINDOW_MS;
    }
    return now - since;
  };
  return {
    count(events) {
      turn();
      current += events;
    },
    perSecond() {
      const share = turn() / WINDOW_MS;
      return ((previous * (1 - share) + current) * 1_000) / WINDOW_MS;
    },
  };
}

/** To be awaited after a piece of work that took `tookMs`: a turn of the event loop, or a longer pause while there is a flood. */
export function giveWay(perSecond: number, tookMs: number): Promise<void> {
  if (perSecond <= FLOOD_PER_SECOND) return new Promise((resolve) => setImmediate(resolve));
  const ms = Math.min((tookMs * PAUSE_FACTOR * perSecond) / FLOOD_PER_SECOND, LONGEST_PAUSE_MS);
  return wait(systemClock, ms);
}
