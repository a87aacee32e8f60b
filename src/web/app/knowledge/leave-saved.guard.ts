/** A page with something unsaved asks before it is left. */
import type { CanDeactivateFn } from "@angular/router";

export interface CanBeLeft {
  /** False: it stays. Asks the reader where something would be lost. */
  mayLeave(): boolean | Promise<boolean>;
}

export const leaveSaved: CanDeactivateFn<CanBeLeft> = (page) => page.mayLeave();
