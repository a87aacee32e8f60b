/** Writes that wait for a document which a transaction standing aside has changed. Each waits for a limited time. */
import type { Clock, Timer } from "../../../core/clock";

interface Waiting<Job> {
  job: Job;
  timer: Timer;
}

export class RowWait<Job> {
  readonly #clock: Clock;
  #waiting: Waiting<Job>[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps the job for at most `ms` milliseconds, after which `late` is told. */
  add(job: Job, ms: number, late: () => void): void {
    const timer = this.#clock.timer(ms, () => {
      this.#waiting = this.#waiting.filter((waiting) => waiting.job !== job);
      late();
    });
    this.#waiting.push({ job, timer });
  }

  /** Gives back all that wait, in the order in which they came. */
  release(): Job[] {
    const jobs = this.#waiting.map(({ job, timer }) => {
      timer.cancel();
      return job;
    });
    this.#waiting = [];
    return jobs;
  }
}
