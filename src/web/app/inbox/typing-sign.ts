/** Tells that somebody writes: once, again while they go on, and once that they have stopped. */
import type { Cancelable, Clock } from "../clock";

const STOPPED_MS = 4_000;
/** Told again while somebody goes on: the sign ends by itself where it is shown. */
const AGAIN_MS = 8_000;

export class TypingSign {
  #pause: Cancelable | null = null;
  #toldAt = 0;

  constructor(
    private readonly clock: Clock,
    private readonly tell: (on: boolean) => void,
  ) {}

  /** Something was typed; `isText`: and is there now. */
  typed(isText: boolean): void {
    const now = this.clock.now();
    if (isText && (!this.#pause || now - this.#toldAt >= AGAIN_MS)) {
      this.#toldAt = now;
      this.tell(true);
    }
    this.#pause?.cancel();
    this.#pause = this.clock.timer(STOPPED_MS, () => this.stop());
  }

  stop(): void {
    if (!this.#pause) return;
    this.drop();
    this.tell(false);
  }

  /** Nobody can be told any more: the sign ends by itself where it is shown. */
  drop(): void {
    this.#pause?.cancel();
    this.#pause = null;
  }
}
