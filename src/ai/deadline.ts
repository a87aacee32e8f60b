/** A signal that ends when its parent does or when a time of the injected clock is over, and knows which of both it was. */
import type { Clock } from "../core/clock";

export interface Deadline {
  readonly signal: AbortSignal;
  /** True when the time ran out, false when the parent was aborted or nothing happened yet. */
  readonly expired: boolean;
  /** Must be called when the work is over: frees the timer and the listener. */
  done(): void;
}

/** Aborts after `ms` milliseconds or together with `parent`, whichever comes first. */
export function startDeadline(clock: Clock, ms: number, parent: AbortSignal): Deadline {
  const controller = new AbortController();
  let expired = false;
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener("abort", follow, { once: true });
  const timer = clock.timer(ms, () => {
    if (controller.signal.aborted) return;
    expired = true;
    controller.abort(new DOMException("The time is over.", "TimeoutError"));
  });
  return {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    done() {
      timer.cancel();
      parent.removeEventListener("abort", follow);
    },
  };
}

/** Waits `ms` milliseconds or until the signal is aborted; never throws. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      timer.cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = clock.timer(ms, end);
    signal.addEventListener("abort", end, { once: true });
  });
}
