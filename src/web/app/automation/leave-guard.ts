/** Leaving a form with something unsaved asks first: inside the app with a dialog, on closing the window with the browser's own question. */
import { DestroyRef, inject, signal } from "@angular/core";
import type { CanDeactivateFn } from "@angular/router";

export class LeaveGuard {
  /** Somebody wants to leave and is asked. */
  readonly isAsking = signal(false);
  #answer: ((leaves: boolean) => void) | null = null;

  constructor(private readonly isUnsaved: () => boolean) {
    const warn = (event: BeforeUnloadEvent) => {
      if (this.isUnsaved()) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    inject(DestroyRef).onDestroy(() => window.removeEventListener("beforeunload", warn));
  }

  /** True at once when nothing is lost; else what the person says. */
  mayLeave(): boolean | Promise<boolean> {
    if (!this.isUnsaved()) return true;
    this.#answer?.(false);
    this.isAsking.set(true);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  answer(leaves: boolean): void {
    this.isAsking.set(false);
    this.#answer?.(leaves);
    this.#answer = null;
  }
}

/** A page that knows whether it can be left. */
export interface Leavable {
  readonly leaving: LeaveGuard;
}

export const askBeforeLeaving: CanDeactivateFn<Leavable> = (page) => page.leaving.mayLeave();
