/** The list that opens above the composer after `/`, `@` and `:`: what is found, which one is marked, and what is put into the text. */
import { computed, inject, Service, signal } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type Cancelable, Clock } from "../clock";
import { language } from "../i18n/locale";
import { foldedText } from "../ui/folded-text";
import { type Trigger, triggerAt } from "./composer-trigger";
import { Directory } from "./directory";
import type { DraftKind } from "./draft-store";

export interface Suggestion {
  kind: Trigger["kind"];
  id: string;
  /** What is typed to get it. */
  sign: string;
  text: string;
}

const ASK_MS = 120;
const MOST = 8;

@Service({ autoProvided: false })
export class ComposerSuggestions {
  readonly #calls = inject(ApiClient).calls;
  readonly #directory = inject(Directory);
  readonly #clock = inject(Clock);
  readonly #trigger = signal<Trigger | null>(null);
  readonly #found = signal<readonly Suggestion[]>([]);
  readonly #at = signal(0);
  #ask: Cancelable | null = null;

  readonly trigger = this.#trigger.asReadonly();
  readonly items = computed((): readonly Suggestion[] => {
    const trigger = this.#trigger();
    if (!trigger) return [];
    return trigger.kind === "mention" ? this.#people(trigger.query) : this.#found();
  });
  readonly isOpen = computed(() => this.items().length > 0);
  readonly current = computed(() => this.items()[Math.min(this.#at(), this.items().length - 1)] ?? null);

  /** Looks at what was typed. */
  look(text: string, caret: number, mode: DraftKind): void {
    const trigger = triggerAt(text, caret, mode);
    const before = this.#trigger();
    if (trigger?.from !== before?.from || trigger?.kind !== before?.kind) this.#at.set(0);
    this.#trigger.set(trigger);
    this.#ask?.cancel();
    // What was found before stands until the answer is there, unless something else is looked for.
    if (trigger?.kind !== before?.kind) this.#found.set([]);
    if (trigger && trigger.kind !== "mention") this.#ask = this.#clock.timer(ASK_MS, () => void this.#load(trigger));
  }

  close(): void {
    this.#ask?.cancel();
    this.#trigger.set(null);
  }

  point(item: Suggestion): void {
    this.#at.set(this.items().indexOf(item));
  }

  step(by: 1 | -1): void {
    const { length } = this.items();
    if (length > 0) this.#at.set((Math.min(this.#at(), length - 1) + by + length) % length);
  }

  /** The words of a canned reply for a conversation, and which of its variables nothing is known for. Throws ApiFailure. */
  render(id: string, conversation: string): Promise<{ text: string; missing: string[] }> {
    return dataOf(this.#calls["canned-replies"]({ id }).render.post({ conversation }));
  }

  async #load(trigger: Trigger): Promise<void> {
    const found = await (trigger.kind === "emoji" ? this.#emoji(trigger.query) : this.#canned(trigger.query));
    if (this.#trigger() === trigger) this.#found.set(found);
  }

  async #canned(query: string): Promise<Suggestion[]> {
    // Awaited: ApiFailure; without a server nothing is suggested, and what was typed stays.
    const found = await dataOf(this.#calls["canned-replies"].get({ query: query ? { prefix: query } : {} })).catch(() => []);
    return found.slice(0, MOST).map(({ id, shortcut, title, text }) => ({
      kind: "canned" as const,
      id,
      sign: `/${shortcut}`,
      text: title === text ? text : `${title} · ${text}`,
    }));
  }

  async #emoji(query: string): Promise<Suggestion[]> {
    const { lookUpEmoji } = await import("./emoji-words");
    const found = await lookUpEmoji(language(), query, MOST);
    return found.map(({ emoji, name }, at) => ({ kind: "emoji" as const, id: `emoji-${at}`, sign: emoji, text: name }));
  }

  #people(query: string): Suggestion[] {
    const wanted = foldedText(query);
    return this.#directory
      .agents()
      .filter(({ status, name }) => status === "active" && foldedText(name).includes(wanted))
      .slice(0, MOST)
      .map(({ id, name, email }) => ({ kind: "mention" as const, id, sign: name, text: email }));
  }
}
