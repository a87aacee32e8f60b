/** Contacts that may be the same person, merged on request; and what was merged, taken apart on request. */
import { ChangeDetectionStrategy, Component, effect, inject, input, signal, untracked } from "@angular/core";
import type { DuplicateView } from "@server/features/contact-duplicates/contact-duplicate.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { type WordKey, Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { Toasts } from "../ui/toasts";

@Component({
  selector: "app-contact-twins",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    @if (twins().length > 0) {
      <h3>{{ t("contact.twins") }}</h3>
      <ul class="twins">
        @for (twin of twins(); track twin.other.id) {
          <li>
            <span class="min-w-0 grow"><b class="block clip" dir="auto">{{ twin.other.name }}</b><span class="block meta clip">{{ reasonOf(twin) }}</span></span>
            <button class="btn btn-s" type="button" (click)="merge(twin)"><app-icon name="merge" size="icon-s" />{{ t("contact.merge") }}</button>
          </li>
        }
      </ul>
    }
  `,
})
export class ContactTwins {
  readonly contact = input.required<string>();
  protected readonly t = inject(Words).t;
  readonly #words = inject(Words);
  readonly #calls = inject(ApiClient).calls;
  readonly #toasts = inject(Toasts);
  protected readonly twins = signal<readonly DuplicateView[]>([]);

  constructor() {
    effect(() => {
      const contact = this.contact();
      untracked(() => {
        this.twins.set([]);
        void this.#load(contact);
      });
    });
  }

  protected reasonOf({ reasons }: DuplicateView): string {
    return reasons.map((reason) => this.t(`twin.${reason}` as WordKey)).join(" · ");
  }

  protected async merge({ other }: DuplicateView): Promise<void> {
    const into = this.contact();
    try {
      const merge = await dataOf(this.#calls.contacts({ id: into }).merge.post({ contact: other.id }));
      this.#toasts.sayUndoable(this.t("contact.merged", { name: other.name }), () => void this.#undo(merge.id));
    } catch (error) {
      // Awaited: ApiFailure.
      this.#toasts.say(this.#words.failure(asFailure(error)), "alert");
    }
    await this.#load(into);
  }

  async #undo(merge: string): Promise<void> {
    // Awaited: ApiFailure.
    await dataOf(this.#calls["contact-merges"]({ id: merge }).undo.post()).catch((error: unknown) =>
      this.#toasts.say(this.#words.failure(asFailure(error)), "alert"),
    );
    await this.#load(this.contact());
  }

  async #load(contact: string): Promise<void> {
    // Awaited: ApiFailure; nothing is suggested then.
    const twins = await dataOf(this.#calls.contacts({ id: contact }).duplicates.get()).catch(() => []);
    if (contact === this.contact())
      this.twins.set(
        twins.map((twin) => (twin.contact.id === contact ? twin : { ...twin, contact: twin.other, other: twin.contact })),
      );
  }
}
