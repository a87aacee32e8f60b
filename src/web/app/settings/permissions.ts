/** What the signed-in person may do; asked once for each person. */
import { effect, inject, Service, signal, untracked } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Session } from "../session/session";

@Service()
export class Permissions {
  readonly #calls = inject(ApiClient).calls;
  readonly #all = signal<ReadonlySet<string>>(new Set());
  readonly #session = inject(Session);

  constructor() {
    effect(() => {
      const agent = this.#session.agent();
      untracked(() => (agent ? void this.#load() : this.#all.set(new Set())));
    });
  }

  may(name: string): boolean {
    return this.#all().has(name);
  }

  async #load(): Promise<void> {
    // Awaited: ApiFailure; rooms whose door is not known stay shut, the server decides in any case.
    const me = await dataOf(this.#calls.auth.me.get()).catch(() => null);
    if (me) this.#all.set(new Set(me.permissions));
  }
}
