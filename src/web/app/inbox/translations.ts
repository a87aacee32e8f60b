/** Messages in the reader's language, asked for once and kept while the page lives. Loaded with the first translation. */
import { inject, Service } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Session } from "../session/session";

export interface Translation {
  text: string;
  model: string;
  costMicros: number | null;
}

const MOST = 200;

@Service()
export class Translations {
  readonly #calls = inject(ApiClient).calls;
  readonly #session = inject(Session);
  readonly #kept = new Map<string, Promise<Translation>>();

  /** Throws ApiFailure; what failed is asked for anew the next time. */
  of({ id, conversation, text }: { id: string; conversation: string; text: string }, language: string): Promise<Translation> {
    // A message that was changed is another one, and what one person may read is not the next one's.
    const key = `${this.#session.agent()?.id} ${id} ${language} ${text}`;
    const known = this.#kept.get(key);
    if (known) return known;
    const asked = this.#ask(conversation, text, language);
    this.#kept.set(key, asked);
    asked.catch(() => this.#kept.delete(key));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST && oldest !== undefined) this.#kept.delete(oldest);
    return asked;
  }

  async #ask(id: string, text: string, language: string): Promise<Translation> {
    const answer = await dataOf(this.#calls.conversations({ id }).copilot.post({ task: "translate", text, language }));
    return { text: answer.texts[0] ?? "", model: answer.model, costMicros: answer.costMicros };
  }
}
