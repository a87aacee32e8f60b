/** Every sentence of the app in the language of its reader. Keys are checked by the compiler: a missing word does not build. */
import { inject, Service } from "@angular/core";
import { TranslocoService } from "@jsverse/transloco";
import { firstValueFrom } from "rxjs";
import type { ApiFailure } from "../api/api-failure";
import { recall, remember } from "../browser-memory";
import type { en } from "./en";
import { browserLanguage, isLanguage, type Language, language, numberFormat, pluralRules } from "./locale";

export type WordKey = keyof typeof en;
/** Keys that come as `x.one` and `x.other`. */
export type CountKey = WordKey extends infer K ? (K extends `${infer Stem}.other` ? Stem : never) : never;
type Params = Record<string, string | number>;

const KEY = "chasqui.language";
const COUNT = numberFormat();

@Service()
export class Words {
  readonly #transloco = inject(TranslocoService);

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
    const key = `failure.${failure.code}`;
    return this.has(key) ? this.t(key, { status: failure.status }) : failure.message;
  };

  has(key: string): key is WordKey {
    return key in this.#transloco.getTranslation(language());
  }

  async #use(chosen: Language): Promise<void> {
    await firstValueFrom(this.#transloco.load(chosen));
    this.#transloco.setActiveLang(chosen);
    language.set(chosen);
    document.documentElement.lang = chosen;
  }
}
