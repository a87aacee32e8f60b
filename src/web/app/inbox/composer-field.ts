/** The text that is being written: what is done to it, where it is kept, and what is suggested while it is typed. */
import { DestroyRef, inject, signal } from "@angular/core";
import { asFailure } from "../api/api-failure";
import { Clock } from "../clock";
import { Words } from "../i18n/words";
import { Toasts } from "../ui/toasts";
import { ComposerSuggestions, type Suggestion } from "./composer-suggestions";
import { ComposerSwap } from "./composer-swap";
import type { CopilotPut } from "./copilot-put";
import { type DraftKind, DraftStore } from "./draft-store";
import { TypingSign } from "./typing-sign";

/** Where it stands, and who hears of it. */
export interface FieldPlace {
  element: () => HTMLTextAreaElement | undefined;
  conversation: () => string;
  mode: () => DraftKind;
  /** Whether something is written. */
  written: (hasText: boolean) => void;
  typing: (on: boolean) => void;
}

export class ComposerField {
  readonly text = signal("");
  readonly swap = new ComposerSwap(() => `${this.place.conversation()} ${this.place.mode()}`);
  readonly #suggestions = inject(ComposerSuggestions);
  readonly #drafts = inject(DraftStore);
  readonly #toasts = inject(Toasts);
  readonly #words = inject(Words);
  readonly #sign: TypingSign;

  /** Made where things can be injected. */
  constructor(private readonly place: FieldPlace) {
    this.#sign = new TypingSign(inject(Clock), place.typing);
    inject(DestroyRef).onDestroy(() => this.#sign.drop());
  }

  /** What is kept for this conversation; the field is filled with it. */
  recall(): string {
    return this.#drafts.textOf(this.place.conversation(), this.place.mode());
  }

  /** Shows a draft. */
  show(draft: string): void {
    const field = this.place.element();
    if (field && field.value !== draft) field.value = draft;
    this.text.set(draft);
    this.place.written(draft !== "");
  }

  /** Takes in what was typed. */
  write(text: string): void {
    this.#keep(text);
    const field = this.place.element();
    if (field) this.#suggestions.look(field.value, field.selectionStart, this.place.mode());
    if (this.place.mode() === "reply") this.#sign.typed(text !== "");
  }

  /** Nobody types here for now. */
  rest(): void {
    this.#suggestions.close();
    this.#sign.stop();
  }

  focus(): void {
    // The field may have to be drawn first.
    requestAnimationFrame(() => this.place.element()?.focus());
  }

  /** Puts text where the caret is. */
  insert(text: string): void {
    this.#change((field) => field.setRangeText(text, field.selectionStart, field.selectionEnd, "end"));
  }

  /** Puts words in front of what is there; where there is no field meanwhile they wait as a draft. */
  prepend(text: string, mode: DraftKind): void {
    const before = this.#drafts.textOf(this.place.conversation(), mode);
    this.#drafts.keep(this.place.conversation(), mode, before ? `${text}\n${before}` : text);
  }

  /** Puts the copilot's words where they are wanted; what was typed comes back with one press. */
  put(given: CopilotPut): void {
    this.#change((field) => this.swap.put(field, given));
  }

  /** Changes what is in the field for what was there: neither is lost. */
  swapBack(): void {
    this.#change((field) => this.swap.back(field));
  }

  empty(): void {
    const field = this.place.element();
    if (!field) return;
    field.value = "";
    this.swap.forget();
    this.#keep("");
    this.rest();
    field.focus();
  }

  /** Puts a canned reply, a name or an emoji where its sign was typed. */
  async take(item: Suggestion): Promise<void> {
    const field = this.place.element();
    const trigger = this.#suggestions.trigger();
    if (!field || !trigger) return;
    const to = field.selectionStart;
    this.#suggestions.close();
    const text = await this.#wordsOf(item);
    if (text !== null) this.#change(() => field.setRangeText(text, trigger.from, to, "end"));
  }

  /** True: the key was for the open list. */
  steer(event: KeyboardEvent): boolean {
    if (!this.#suggestions.isOpen()) return false;
    const step = ({ ArrowDown: 1, ArrowUp: -1 } as const)[event.key as "ArrowDown"];
    const current = this.#suggestions.current();
    if (step) this.#suggestions.step(step);
    else if (event.key === "Escape") this.#suggestions.close();
    else if ((event.key === "Enter" || event.key === "Tab") && current && !event.shiftKey) void this.take(current);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** Null: they could not be had, which is told; what was typed stays. */
  async #wordsOf({ kind, id, sign }: Suggestion): Promise<string | null> {
    if (kind === "emoji") return sign;
    if (kind === "mention") return `@${sign} `;
    try {
      const { text, missing } = await this.#suggestions.render(id, this.place.conversation());
      if (missing.length > 0) this.#toasts.say(this.#words.t("composer.cannedMissing", { names: missing.join(", ") }), "info");
      return text;
    } catch (error) {
      // Awaited: ApiFailure.
      this.#toasts.say(this.#words.failure(asFailure(error)), "alert");
      return null;
    }
  }

  #change(change: (field: HTMLTextAreaElement) => void): void {
    const field = this.place.element();
    if (!field) return;
    change(field);
    this.write(field.value);
    field.focus();
  }

  #keep(text: string): void {
    if ((this.text() === "") !== (text === "")) this.place.written(text !== "");
    this.text.set(text);
    this.#drafts.keep(this.place.conversation(), this.place.mode(), text);
  }
}
