/** The title of the browser's tab in the language of the words; routes name a key. */
import { effect, inject, Service, signal } from "@angular/core";
import { Title } from "@angular/platform-browser";
import { type RouterStateSnapshot, TitleStrategy } from "@angular/router";
import { type WordKey, Words } from "./words";

@Service()
export class PageTitle extends TitleStrategy {
  readonly #title = inject(Title);
  readonly #words = inject(Words);
  readonly #key = signal<WordKey | null>(null);
  /** In front of the title: the customer whose conversation is open, how many wait. */
  readonly prefix = signal("");

  constructor() {
    super();
    effect(() => {
      const key = this.#key();
      const page = key ? `${this.#words.t(key)} · Chasqui` : "Chasqui";
      this.#title.setTitle(this.prefix() ? `${this.prefix()} · ${page}` : page);
    });
  }

  override updateTitle(snapshot: RouterStateSnapshot): void {
    const title = this.buildTitle(snapshot);
    this.prefix.set("");
    this.#key.set(title !== undefined && this.#words.has(title) ? title : null);
  }
}
