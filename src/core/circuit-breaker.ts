/**
 * Keeps calls away from an upstream that is down. After some failures in a row it opens; after a pause one call goes through as a
 * probe; its success closes it again, its failure doubles the pause. Books and answers only: it never waits itself.
 */
import type { Clock } from "./clock";

export interface BreakerOptions {
  clock: Pick<Clock, "monotonic">;
  /** Failures in a row that open it. */
  threshold: number;
  /** First pause in milliseconds; doubles with every failed probe. */
  pauseMs: number;
  longestPauseMs: number;
  /** Told when it opens and when it closes again. */
  onChange?: (state: "open" | "closed") => void;
}

export interface Breaker {
  /** Milliseconds until a call could be made; asking books nothing. */
  waitMs(): number;
  /** 0: the call may be made, and its outcome must be told. More: milliseconds until trying makes sense. */
  enter(): number;
  /** The upstream answered. */
  succeeded(): void;
  /** It did not answer, or said that it cannot; `retryAfterMs` when it said for how long. */
  failed(retryAfterMs?: number): void;
  /** A call that was allowed has not been made, or says nothing about the upstream. */
  forgotten(): void;
  readonly isOpen: boolean;
}

export function createBreaker({ clock, threshold, pauseMs, longestPauseMs, onChange }: BreakerOptions): Breaker {
  let failures = 0;
  let openUntil: number | null = null;
  let pause = pauseMs;
  let isProbing = false;

  const open = (ms: number) => {
    const isNew = openUntil === null;
    openUntil = clock.monotonic() + ms;
    isProbing = false;
    if (isNew) onChange?.("open");
  };

  const waitMs = () => {
    if (openUntil === null) return 0;
    const left = Math.ceil(openUntil - clock.monotonic());
    // While a probe is under way everybody else waits for its outcome.
    return isProbing ? Math.max(left, pauseMs) : Math.max(left, 0);
  };

  return {
    waitMs,
    enter() {
      const left = waitMs();
      if (left === 0 && openUntil !== null) isProbing = true;
      return left;
    },
    succeeded() {
      failures = 0;
      pause = pauseMs;
      isProbing = false;
      if (openUntil === null) return;
      openUntil = null;
      onChange?.("closed");
    },
    failed(retryAfterMs = 0) {
      failures++;
      if (openUntil === null) {
        if (failures >= threshold) open(Math.max(pause, retryAfterMs));
      } else if (isProbing) {
        pause = Math.min(longestPauseMs, pause * 2);
        open(Math.max(pause, retryAfterMs));
      }
    },
    forgotten() {
      isProbing = false;
    },
    get isOpen() {
      return openUntil !== null;
    },
  };
}
