/** What is written on the bench and not saved, by prompt: it is still there when one comes back from another room. */
import { Service } from "@angular/core";
import type { Edit } from "./prompt-edit";

@Service()
export class UnsavedEdits {
  readonly #edits = new Map<string, Edit>();

  of(prompt: string): Edit | null {
    return this.#edits.get(prompt) ?? null;
  }

  keep(prompt: string, edit: Edit | null): void {
    if (edit) this.#edits.set(prompt, edit);
    else this.#edits.delete(prompt);
  }
}
