/** What was written on phones and has not been answered by the webhook yet. It outlives the phone that is put away meanwhile. */
import { inject, Service, signal } from "@angular/core";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Clock } from "../clock";

export interface PendingText {
  key: string;
  phone: string;
  text: string;
  at: number;
  failure: ApiFailure | null;
}

@Service({ autoProvided: false })
export class PendingTexts {
  readonly #api = inject(ApiClient);
  readonly #clock = inject(Clock);
  readonly #all = signal<readonly PendingText[]>([]);
  readonly all = this.#all.asReadonly();
  /** What is in the field of each phone and has not been sent. */
  readonly drafts = new Map<string, string>();

  /** The key of what the webhook has taken, to be dropped as soon as the phone shows it; null when it could not be sent. */
  write(phone: string, text: string): Promise<string | null> {
    const pending: PendingText = { key: crypto.randomUUID(), phone, text, at: this.#clock.now(), failure: null };
    this.#all.update((all) => [...all, pending]);
    return this.#post(pending);
  }

  async writeAgain(key: string): Promise<string | null> {
    const pending = this.#all().find((one) => one.key === key);
    return pending ? this.#post({ ...pending, failure: null }) : null;
  }

  /** The bubble that waited for the webhook has come to the phone as a message. */
  settle(phone: string, text: string): void {
    this.#all.update((all) => {
      const at = all.findIndex((one) => one.phone === phone && !one.failure && one.text === text);
      return at < 0 ? all : all.toSpliced(at, 1);
    });
  }

  drop(key: string): void {
    this.#all.update((all) => all.filter((one) => one.key !== key));
  }

  async #post(pending: PendingText): Promise<string | null> {
    this.#all.update((all) => all.map((one) => (one.key === pending.key ? pending : one)));
    try {
      await this.#api.sendFromPhone(pending.phone, pending.text);
      return pending.key;
    } catch (error) {
      // Awaited: ApiFailure, shown under the bubble.
      const failure = asFailure(error);
      this.#all.update((all) => all.map((one) => (one.key === pending.key ? { ...one, failure } : one)));
      return null;
    }
  }
}
