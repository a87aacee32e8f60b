/** A clock that moves only when a test says so. */
import type { Cancelable, Clock } from "./clock";

interface Waiting {
  at: number;
  work: () => void;
}

export class TestClock implements Clock {
  #now = Date.parse("2026-11-20T12:00:00Z");
  readonly #waiting = new Set<Waiting>();

  now(): number {
    return this.#now;
  }

  timer(ms: number, work: () => void): Cancelable {
    const entry = { at: this.#now + ms, work };
    this.#waiting.add(entry);
    return { cancel: () => void this.#waiting.delete(entry) };
  }

  /** Moves the time on and runs what has become due, earliest first. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#waiting].filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#waiting.delete(due);
      this.#now = due.at;
      due.work();
    }
    this.#now = end;
  }
}
