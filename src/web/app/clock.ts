/** The only place of the web client that reads the time or waits: tests put a clock of their own in its place. */
import { Service } from "@angular/core";

export interface Cancelable {
  cancel(): void;
}

@Service()
export class Clock {
  /** Milliseconds since 1970. */
  now(): number {
    return Date.now();
  }

  /** Runs `work` once after `ms` milliseconds. */
  timer(ms: number, work: () => void): Cancelable {
    const handle = setTimeout(work, ms);
    return { cancel: () => clearTimeout(handle) };
  }
}
