/** The copilot's words in the field, and what somebody had written there: one can always be had for the other. */
import { signal } from "@angular/core";
import type { CopilotPut } from "./copilot-put";

export class ComposerSwap {
  readonly #other = signal<{ text: string; isUndone: boolean } | null>(null);
  /** Null: there is nothing to go back to. */
  readonly other = this.#other.asReadonly();

  put(field: HTMLTextAreaElement, { text, how }: CopilotPut): void {
    const before = field.value;
    if (how === "replace") field.value = text;
    else field.setRangeText(text, field.selectionEnd, field.selectionEnd, "end");
    this.#other.set(before.trim() === "" ? null : { text: before, isUndone: false });
  }

  /** Changes the one for the other, as they are now. */
  back(field: HTMLTextAreaElement): void {
    const other = this.#other();
    if (!other) return;
    this.#other.set({ text: field.value, isUndone: !other.isUndone });
    field.value = other.text;
  }

  forget(): void {
    this.#other.set(null);
  }
}
