/** What the signed-in person may do; asked once for each person. */
import { effect, inject, Service, signal, untracked } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Clock } from "../clock";
import { Session } from "../session/session";

const AGAIN_MS = 3_000;

@Service()
export class Permissions {
  readonly #calls = inject(ApiClient).calls;
  readonly #all = signal<ReadonlySet<string>>(new Set());
  readonly #isKnown = signal(false);
  readonly #clock = inject(Clock);
  readonly #session = inject(Session);

  /** False until the server has answered: pages say neither yes nor no. */
  readonly isKnown = this.#isKnown.asReadonly();

  constructor() {
    effect(() => {
      const agent = this.#session.agent();
      untracked(() => {
        if (agent) return void this.#load();
        this.#all.set(new Set());
        this.#isKnown.set(false);
      });
    });
  }

  may(name: string): boolean {
    return this.#all().has(name);
  }

  async #load(): Promise<void> {
    // Awaited: ApiFailure; rooms whose door is not known stay shut until it is, the server decides in any case.
    const me = await dataOf(this.#calls.auth.me.get()).catch(() => null);
    if (me) {
      this.#all.set(new Set(me.permissions));
      this.#isKnown.set(true);
    } else if (this.#session.isSignedIn()) this.#clock.timer(AGAIN_MS, () => void this.#load());
  }
}
