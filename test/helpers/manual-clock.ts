/** A clock that stands still until a test moves it: waiting costs nothing and ends at an exact moment. */
import type { Clock, Timer } from "../../src/core/clock";

interface Pending {
  at: number;
  order: number;
  fn: () => void;
}

export class ManualClock implements Clock {
  #wall: number;
  #elapsed = 0;
  #order = 0;
  readonly #timers = new Set<Pending>();

  constructor(start: number = Date.now()) {
    this.#wall = start;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  timer(ms: number, fn: () => void): Timer {
    const pending = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, fn };
    this.#timers.add(pending);
    return { cancel: () => void this.#timers.delete(pending) };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets `ms` milliseconds pass; timers ring at their own moment, in order. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#pass(next.at - this.#elapsed);
      next.fn();
    }
    this.#pass(end - this.#elapsed);
  }

  /** Somebody sets the wall clock: no time passes, no timer rings. */
  setWall(now: number): void {
    this.#wall = now;
  }

  #pass(ms: number): void {
    this.#elapsed += ms;
    this.#wall += ms;
  }

  #next(end: number): Pending | undefined {
    return [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}

/**
 * Lets time fly in steps until `check` gives something truthy: for work that alternates between waiting and real input and output.
 * Fails after `limit` milliseconds of the manual clock, but never before the real work had REAL_PATIENCE_MS: a busy machine is slow.
 */
export async function untilAdvancing<T>(
  clock: ManualClock,
  check: () => T | Promise<T>,
  { step = 100, limit = 120_000, what = "the condition" }: { step?: number; limit?: number; what?: string } = {},
): Promise<NonNullable<T>> {
  const giveUpAt = performance.now() + REAL_PATIENCE_MS;
  for (let passed = 0; ; passed += step) {
    const value = await check();
    if (value) return value as NonNullable<T>;
    const isLate = passed > limit;
    if (isLate && performance.now() > giveUpAt) throw new Error(`${limit} ms of the manual clock passed without ${what}`);
    clock.advance(step);
    await breathe(step, isLate ? 20 : 2);
  }
}

/**
 * To be awaited after a step of the clock: the work that its timers began is real and gets a moment, a longer one after a longer step,
 * and a longer one where the machine is so busy that even sleeping takes too long. Else a call that is answered late would have "timed
 * out" on the manual clock. A step beyond every timeout has nothing to wait for.
 */
export async function breathe(step: number, least = 2): Promise<void> {
  const ms = step > LONGEST_TIMEOUT_MS ? least : Math.min(30, Math.max(least, step / 100));
  const from = performance.now();
  await Bun.sleep(ms);
  const late = performance.now() - from - ms;
  if (late > 2) await Bun.sleep(Math.min(60, 2 * late));
}

const LONGEST_TIMEOUT_MS = 20_000;
const REAL_PATIENCE_MS = 15_000;
