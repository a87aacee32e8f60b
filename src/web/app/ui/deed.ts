/** One thing that is being done on a page: whether it runs, and why it was refused. */
import { signal } from "@angular/core";
import { type ApiFailure, asFailure } from "../api/api-failure";

export class Deed {
  readonly failure = signal<ApiFailure | null>(null);
  readonly isBusy = signal(false);

  /** Runs `work`; false when it was refused, and `failure` says why. A second one waits for nobody: it is not begun. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.isBusy()) return false;
    this.isBusy.set(true);
    this.failure.set(null);
    try {
      await work();
      return true;
    } catch (error) {
      // Awaited: ApiFailure.
      this.failure.set(asFailure(error));
      return false;
    } finally {
      this.isBusy.set(false);
    }
  }
}
