/** The only place that reads the time. Everything that waits or stamps takes a Clock, so tests can move it. */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970 (wall clock: may jump). */
  now(): number;
  /** Milliseconds from an arbitrary origin that never go back, for measuring durations. */
  monotonic(): number;
  /** Runs `fn` once after `ms` milliseconds. A pending timer does not keep the process alive. */
  timer(ms: number, fn: () => void): Timer;
}

/** setTimeout fires at once for anything above 2^31-1 ms, so longer waits are taken in hops of a day. */
const LONGEST_HOP_MS = 86_400_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(ms, fn) {
    let handle: ReturnType<typeof setTimeout>;
    const arm = (left: number) => {
      const hop = Math.min(Math.max(left, 0), LONGEST_HOP_MS);
      handle = setTimeout(() => (left > hop ? arm(left - hop) : fn()), hop);
      handle.unref();
    };
    arm(ms);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `ms` milliseconds of the given clock. */
export const wait = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.timer(ms, resolve);
  });
