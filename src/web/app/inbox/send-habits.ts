/** How this person likes to send: kept in the browser. */
import { Service, signal } from "@angular/core";
import { recall, remember } from "../browser-memory";

const ENTER = "chasqui.enter-sends";
const UNDO = "chasqui.undo";
const HOLD_MS = 5_000;

@Service()
export class SendHabits {
  readonly #enterSends = signal(recall(ENTER) !== "no");
  readonly #holdMs = signal(recall(UNDO) === "yes" ? HOLD_MS : 0);
  readonly enterSends = this.#enterSends.asReadonly();
  /** How long a message can be taken back before it leaves. */
  readonly holdMs = this.#holdMs.asReadonly();

  setEnterSends(on: boolean): void {
    remember(ENTER, on ? null : "no");
    this.#enterSends.set(on);
  }

  setUndo(on: boolean): void {
    remember(UNDO, on ? "yes" : null);
    this.#holdMs.set(on ? HOLD_MS : 0);
  }
}
