/** One part of a report that is loaded by itself: what it shows, whether that is being renewed, and why it could not be. */
import { signal } from "@angular/core";
import { type ApiFailure, asFailure } from "../api/api-failure";

export class ReportPart<T> {
  readonly #data = signal<T | null>(null);
  readonly #failure = signal<ApiFailure | null>(null);
  readonly #isStale = signal(false);
  readonly data = this.#data.asReadonly();
  readonly failure = this.#failure.asReadonly();
  /** What is shown belongs to another question: the answer is on its way. */
  readonly isStale = this.#isStale.asReadonly();
  #key = "";
  #asked = 0;

  /** Asks when the question has changed, or `isForced`; what is shown stays until the answer is there. */
  async load(key: string, ask: () => Promise<T>, isForced = false): Promise<void> {
    if (key === this.#key && !isForced) return;
    const asked = ++this.#asked;
    this.#isStale.set(key !== this.#key && this.#data() !== null);
    this.#key = key;
    try {
      const data = await ask();
      if (asked !== this.#asked) return;
      this.#data.set(data);
      this.#failure.set(null);
      this.#isStale.set(false);
    } catch (error) {
      // Awaited: ApiFailure, shown in the place of the part, with a way to try again.
      if (asked === this.#asked) this.#failure.set(asFailure(error));
    }
  }
}
