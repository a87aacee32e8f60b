/** Events that WhatsApp handed over and that could not be processed: why, what they said, and processing them once more. */
import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import type { DeadLetterView } from "@server/features/dead-letters/dead-letter.schema";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { fullTime, listTime } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { AttentionStore } from "./attention-store";

const PAGE = 25;

@Component({
  selector: "app-dead-letter-card",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon],
  template: `
    <section class="card" data-sends="dead">
      <h2>{{ t("attention.dead.heading") }}</h2>
      <p class="card-text">{{ t("attention.dead.text") }}</p>
      <ul class="rows">
        @for (one of letters(); track one.id) {
          <li class="row-line">
            <span class="min-w-0 grow">
              <span class="block clip"><b>{{ one.kind }}</b><span class="meta"> · <span class="mono">{{ one.channel }}</span> · </span><time class="meta" [title]="fullTime(one.deadAt)">{{ timeOf(one.deadAt) }}</time></span>
              @if (one.reason) {
                <span class="hint hint-bad"><app-icon name="alert" size="icon-s" /><span dir="auto">{{ one.reason }}</span></span>
              }
              <span class="block meta">{{ n("attention.dead.tries", one.attempts) }} · <span class="mono">{{ t("failure.request", { id: one.requestId }) }}</span></span>
              @if (textOf(one); as text) {
                <details class="audit-change"><summary>{{ t("attention.dead.event") }}</summary><pre class="mono scroll" tabindex="0">{{ text }}</pre></details>
              }
            </span>
            <button class="btn btn-s" type="button" [attr.aria-disabled]="deed.isBusy() || null" (click)="retry(one)"><app-icon name="retry" size="icon-s" />{{ t("attention.dead.retry") }}</button>
          </li>
        } @empty {
          <li class="meta">{{ t(isLoaded() ? "attention.dead.none" : "attention.looking") }}</li>
        }
      </ul>
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" [retryLabel]="t('common.tryAgain')" (retry)="load()" />
      }
      @if (next(); as cursor) {
        <p class="form-ways"><button class="btn btn-s" type="button" (click)="load(cursor)">{{ t("search.more") }}</button></p>
      }
    </section>
  `,
})
export class DeadLetterCard {
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  protected readonly n = this.#words.n;
  readonly #letters = inject(ApiClient).calls["dead-letters"];
  readonly #attention = inject(AttentionStore);
  readonly #toasts = inject(Toasts);
  readonly #now = inject(Ticker).now;
  protected readonly deed = new Deed();
  protected readonly letters = signal<readonly DeadLetterView[]>([]);
  protected readonly next = signal<string | null>(null);
  protected readonly isLoaded = signal(false);
  protected readonly fullTime = fullTime;
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());
  protected readonly textOf = ({ event }: DeadLetterView): string => (event ? JSON.stringify(event, null, 2) : "");

  constructor() {
    void this.load();
  }

  protected async load(cursor?: string): Promise<void> {
    await this.deed.run(async () => {
      const page = await pageOf(this.#letters.get({ query: { limit: PAGE, ...(cursor ? { cursor } : {}) } }));
      this.letters.update((before) => (cursor ? [...before, ...page.items] : page.items));
      this.next.set(page.next);
      this.isLoaded.set(true);
    });
  }

  protected async retry(one: DeadLetterView): Promise<void> {
    if (!(await this.deed.run(() => dataOf(this.#letters({ id: one.id }).retry.post())))) return;
    this.letters.update((all) => all.filter(({ id }) => id !== one.id));
    this.#toasts.say(this.t("attention.dead.retried"), "retry");
    void this.#attention.load();
  }
}
