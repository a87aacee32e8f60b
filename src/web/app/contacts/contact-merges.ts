/** What was merged into this contact, and taking it apart again. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  inject,
  input,
  output,
  signal,
  untracked,
} from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Permissions } from "../settings/permissions";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { SureButton } from "../ui/sure-button";
import { fullTime, listTime } from "../ui/time-text";

interface Merge {
  id: string;
  name: string;
  conversations: number;
  mergedAt: string;
}

@Component({
  selector: "app-contact-merges",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, SureButton],
  template: `
    @if (merges().length > 0) {
      <section class="card">
        <h2>{{ t("merges.heading") }}</h2>
        <ul class="rows">
          @for (one of merges(); track one.id) {
            <li class="row-line">
              <span class="min-w-0 grow"><b class="block clip" dir="auto">{{ one.name || t("merges.noName") }}</b><span class="block meta"><time [title]="fullTime(one.mergedAt)">{{ timeOf(one.mergedAt) }}</time> · {{ n("merges.talks", one.conversations) }}</span></span>
              @if (mayUndo()) {
                <app-sure-button [label]="t('merges.undo')" (sure)="undo(one)" />
              }
            </li>
          }
        </ul>
        @if (deed.failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
      </section>
    }
  `,
})
export class ContactMerges {
  readonly contact = input.required<string>();
  /** Conversations have left this contact. */
  readonly undone = output();
  protected readonly t = inject(Words).t;
  protected readonly n = inject(Words).n;
  readonly #calls = inject(ApiClient).calls;
  readonly #permissions = inject(Permissions);
  readonly #now = inject(Ticker).now;
  protected readonly deed = new Deed();
  protected readonly merges = signal<readonly Merge[]>([]);
  protected readonly fullTime = fullTime;
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());
  protected readonly mayUndo = computed(() => this.#permissions.may("contacts.write"));

  constructor() {
    effect(() => {
      const contact = this.contact();
      untracked(() => {
        this.merges.set([]);
        void this.#load(contact);
      });
    });
    const live = inject(LiveConnection);
    const reload = ({ contact }: { contact: string }) => {
      if (contact === this.contact()) void this.#load(contact);
    };
    const offs = [live.on("contact:merged", reload), live.on("contact:unmerged", reload)];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
    });
  }

  protected async undo(one: Merge): Promise<void> {
    if (await this.deed.run(() => dataOf(this.#calls["contact-merges"]({ id: one.id }).undo.post()))) this.undone.emit();
    await this.#load(this.contact());
  }

  async #load(contact: string): Promise<void> {
    // Awaited: ApiFailure; the page itself says when the server is away.
    const all = await dataOf(this.#calls.contacts({ id: contact }).merges.get()).catch(() => []);
    const standing = all.filter(({ undoneAt }) => undoneAt === null);
    const named = await Promise.all(standing.map(async (one) => ({ ...one, name: await this.#nameOf(one.source) })));
    if (contact === this.contact()) this.merges.set(named);
  }

  async #nameOf(contact: string): Promise<string> {
    // Awaited: ApiFailure; it is known by when it was merged then.
    return dataOf(this.#calls.contacts({ id: contact }).get()).then(
      ({ name }) => name,
      () => "",
    );
  }
}
