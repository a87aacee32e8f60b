/** The copilot's words in a field, and what somebody had written there: one can be had for the other until it is sent. */
import { computed, signal } from "@angular/core";
import type { CopilotPut } from "./copilot-put";

interface Other {
  text: string;
  /** It is the copilot's: the person has gone back to their own. */
  isUndone: boolean;
}

export class ComposerSwap {
  readonly #others = signal<ReadonlyMap<string, Other>>(new Map());
  /** Of the field that is shown; null: there is nothing to go back to. */
  readonly other = computed(() => this.#others().get(this.key()) ?? null);

  /** `key` names the field: a conversation's reply, or its note. */
  constructor(private readonly key: () => string) {}

  put(field: HTMLTextAreaElement, { text, how }: CopilotPut): void {
    const before = field.value;
    if (how === "replace") field.value = text;
    else field.setRangeText(text, field.selectionEnd, field.selectionEnd, "end");
    this.#keep(before.trim() === "" ? null : { text: before, isUndone: false });
  }

  /** Changes the one for the other, as they are now. */
  back(field: HTMLTextAreaElement): void {
    const other = this.other();
    if (!other) return;
    this.#keep({ text: field.value, isUndone: !other.isUndone });
    field.value = other.text;
  }

  forget(): void {
    this.#keep(null);
  }

  #keep(other: Other | null): void {
    const all = new Map(this.#others());
    if (other) all.set(this.key(), other);
    else all.delete(this.key());
    this.#others.set(all);
  }
}
