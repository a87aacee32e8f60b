/** The time as pages show it: moves on by itself twice a minute, so that "5m" does not stay "5m". */
import { inject, Service, signal } from "@angular/core";
import { Clock } from "./clock";

const STEP_MS = 30_000;

@Service()
export class Ticker {
  readonly #clock = inject(Clock);
  readonly #now = signal(this.#clock.now());
  readonly now = this.#now.asReadonly();

  constructor() {
    this.#plan();
  }

  #plan(): void {
    this.#clock.timer(STEP_MS, () => {
      this.#now.set(this.#clock.now());
      this.#plan();
    });
  }
}
