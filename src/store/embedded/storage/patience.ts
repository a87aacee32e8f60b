/**
 * Watches the transaction that owns the writer while others want it: one that does nothing for a moment, or has had the
 * writer for long, is asked to make way.
 */
import type { Clock, Timer } from "../../../core/clock";

/** An open transaction that does nothing for so long lets go of the writer when somebody else wants it. */
const IDLE_MS = 20;
/** One that keeps others waiting for so long lets go of it in any case, or is sent back when it cannot. */
const OVERRUN_MS = 250;

export interface PatienceOptions {
  clock: Clock;
  /** True while somebody waits for the writer, or for the commit of the group. */
  isWanted: () => boolean;
  /** Asked to let go of the writer; returns false when the transaction has to keep it. */
  makeWay: (isLate: boolean) => boolean;
}

export class Patience {
  readonly #options: PatienceOptions;
  #timer: Timer | null = null;
  #startedAt = 0;
  #usedAt = 0;
  /** Counts transactions, so that what was planned for one is not done to the next. */
  #turn = 0;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** A transaction has got the writer. */
  start(): void {
    this.#startedAt = this.#options.clock.monotonic();
    this.#usedAt = this.#startedAt;
    if (this.#options.isWanted()) this.ask();
  }

  /** The transaction has run a command. */
  used(): void {
    this.#usedAt = this.#options.clock.monotonic();
  }

  /** The transaction has let go of the writer. */
  end(): void {
    this.#turn++;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Somebody wants the writer. */
  ask(): void {
    this.#timer ??= this.#options.clock.timer(IDLE_MS, () => {
      this.#timer = null;
      this.#look();
    });
  }

  #look(): void {
    const { clock, isWanted } = this.#options;
    if (!isWanted()) return;
    const usedAt = this.#usedAt;
    const turn = this.#turn;
    const now = clock.monotonic();
    const isLate = now - this.#startedAt >= OVERRUN_MS;
    if (!isLate && now - usedAt < IDLE_MS) {
      this.ask();
      return;
    }
    // One more turn of the event loop: perhaps its next command has been on the way while everything stood still.
    setImmediate(() => {
      if (turn !== this.#turn) return;
      const wasUsed = this.#usedAt !== usedAt;
      if ((wasUsed && !isLate) || (!this.#options.makeWay(isLate) && !isLate)) this.ask();
    });
  }
}
