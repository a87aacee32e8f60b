/**
 * An alarm clock for work that is stored with its time: it rings when the soonest is due, and looks again now and then for what other
 * processes have stored. After a restart nothing is forgotten, because the times are in the store and not here.
 */
import type { Clock, Timer } from "./clock";
import { describeError } from "./errors";
import type { Log } from "./log";

export interface Alarm {
  /** Something was stored, changed or removed: look at the times anew. */
  look(): void;
  stop(): Promise<void>;
}

export interface AlarmOptions {
  /** Named in the log. */
  name: string;
  /** When the soonest piece of work is due, or null. */
  soonest(): Promise<Date | null>;
  /** Does what is due, some of it at least. Must be safe to run twice and in several processes. */
  ring(now: Date): Promise<void>;
  clock: Clock;
  log: Log;
}

/** Wall clocks jump and other processes store: nobody sleeps longer than this. */
const LONGEST_SLEEP_MS = 30_000;
const AFTER_FAILURE_MS = 2_000;
/** Due work that ringing does not remove must not become an endless loop. */
const LEAST_SLEEP_MS = 20;

export function createAlarm({ name, soonest, ring, clock, log }: AlarmOptions): Alarm {
  let timer: Timer | null = null;
  let running: Promise<void> | null = null;
  let again = false;
  let isStopped = false;

  function sleep(ms: number): void {
    timer?.cancel();
    timer = isStopped ? null : clock.timer(Math.min(Math.max(ms, LEAST_SLEEP_MS), LONGEST_SLEEP_MS), look);
  }

  async function run(): Promise<void> {
    try {
      const at = await soonest();
      if (at && at.getTime() <= clock.now()) {
        await ring(new Date(clock.now()));
        return sleep(0);
      }
      sleep(at ? at.getTime() - clock.now() : LONGEST_SLEEP_MS);
    } catch (error) {
      // The store fails for now, or one piece of work does: the rest is looked at again soon.
      log.error("work that is due could not be done", { what: name, reason: describeError(error) });
      sleep(AFTER_FAILURE_MS);
    }
  }

  function look(): void {
    again = true;
    if (running || isStopped) return;
    again = false;
    running = run().finally(() => {
      running = null;
      if (again) look();
    });
  }

  return {
    look,
    async stop() {
      isStopped = true;
      timer?.cancel();
      await running;
    },
  };
}
