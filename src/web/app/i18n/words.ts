/** Every sentence of the app in the language of its reader. Keys are checked by the compiler: a missing word does not build. */
import { InjectionToken, inject, Service, signal, untracked } from "@angular/core";
import { type Translation, TranslocoService } from "@jsverse/transloco";
import { firstValueFrom } from "rxjs";
import type { ApiFailure, FailureDetail } from "../api/api-failure";
import { recall, remember } from "../browser-memory";
import type { en } from "./en";
import { browserLanguage, isLanguage, type Language, language, numberFormat, pluralRules } from "./locale";
import type { enMore } from "./more/en";
import { codeKey, ruleKey } from "./server/server-words";

export type WordKey = keyof typeof en | keyof typeof enMore;
/** Keys that come as `x.one` and `x.other`. */
export type CountKey = WordKey extends infer K ? (K extends `${infer Stem}.other` ? Stem : never) : never;
type Params = Record<string, string | number>;

/** How the words of the later pages are loaded. */
export const MORE_WORDS = new InjectionToken<Record<Language, () => Promise<Translation>>>("the words of the later pages");

const KEY = "chasqui.language";
const COUNT = numberFormat();

@Service()
export class Words {
  readonly #transloco = inject(TranslocoService);
  readonly #more = inject(MORE_WORDS, { optional: true });
  readonly #loaded = signal<ReadonlySet<Language>>(new Set());
  #wantsMore = false;

  readonly language = language.asReadonly();

  /** Loads the words before the first page is drawn: the agent's choice, else the browser's language. */
  async start(): Promise<void> {
    const kept = recall(KEY);
    await this.#use(isLanguage(kept) ? kept : browserLanguage());
  }

  async choose(chosen: Language): Promise<void> {
    remember(KEY, chosen);
    await this.#use(chosen);
  }

  /** Whether the words of the later pages are there. */
  hasMore(): boolean {
    return this.#loaded().has(language());
  }

  /** Loads the words of the later pages, in this language and in any that is chosen from now on. */
  async more(): Promise<boolean> {
    this.#wantsMore = true;
    await this.#loadMore(language());
    return true;
  }

  /** The words of a key. Numbers are written as the locale writes them. */
  readonly t = (key: WordKey, params: Params = {}): string => {
    const text: string = this.#transloco.getTranslation(language())[key] ?? key;
    // In one pass, and here: values are names and messages of customers, in which braces must mean nothing.
    return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
      const value = params[name] ?? "";
      return typeof value === "number" ? COUNT().format(value) : value;
    });
  };

  /** The words for so many of something. */
  readonly n = (key: CountKey, count: number, params: Params = {}): string => {
    const form = pluralRules().select(count) === "one" ? "one" : "other";
    return this.t(`${key}.${form}` as WordKey, { ...params, count });
  };

  /** What went wrong, in the reader's language where we have words for it, else in the server's. */
  readonly failure = (failure: ApiFailure): string => {
    const { code, message, details } = failure;
    // Its details say more than the sentence does.
    const isExact = failure.isExact && details.length === 0;
    const own = `failure.${code}`;
    if (language() === "en") return this.has(own) && !isExact ? this.t(own, { status: failure.status }) : message;
    // Words for it may have to be loaded; what shows it is drawn again then.
    if (!this.has(own) && !this.hasMore()) untracked(() => void this.more());
    const key = this.has(own) ? own : codeKey(code);
    if (!this.has(key)) return message;
    const said = this.t(key, { status: failure.status });
    return isExact ? `${said} (${message})` : said;
  };

  /** What is wrong with a field, in the reader's language where we have words for it, else in the server's. */
  readonly detail = ({ rule, params = {}, message }: FailureDetail): string => {
    if (language() === "en" || !rule) return message;
    // Words for it may have to be loaded; what shows it is drawn again then.
    if (!this.hasMore()) untracked(() => void this.more());
    const key = ruleKey(rule);
    return this.has(key) ? this.t(key, params) : message;
  };

  /** What the server says in English about itself, in the reader's language where we have words for it. */
  readonly server = (key: string, english: string): string => (language() !== "en" && this.has(key) ? this.t(key) : english);

  has(key: string): key is WordKey {
    return key in this.#transloco.getTranslation(language());
  }

  async #use(chosen: Language): Promise<void> {
    await firstValueFrom(this.#transloco.load(chosen));
    if (this.#wantsMore) await this.#loadMore(chosen);
    this.#transloco.setActiveLang(chosen);
    language.set(chosen);
    document.documentElement.lang = chosen;
  }

  async #loadMore(chosen: Language): Promise<void> {
    if (!this.#more || this.#loaded().has(chosen)) return;
    this.#transloco.setTranslation(await this.#more[chosen](), chosen, { merge: true });
    this.#loaded.update((known) => new Set(known).add(chosen));
  }
}
