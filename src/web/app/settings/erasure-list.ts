/** Receipts of erasures, the newest first: what proves that somebody's data are gone. */
import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import type { ErasureReceipt } from "@server/features/data-protection/data-protection.schema";
import { pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { ReceiptView } from "../contacts/receipt-view";
import { Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { fullTime, listTime } from "../ui/time-text";

const PAGE = 20;

@Component({
  selector: "app-erasure-list",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, ReceiptView],
  template: `
    <section class="card">
      <h2>{{ t("erase.receipts") }}</h2>
      <ul class="rows">
        @for (one of receipts(); track one.id) {
          <li class="row-line">
            <details class="grow audit-change erasure">
              <summary><span [class]="'chip ' + (one.state === 'done' ? 'chip-success' : 'chip-warning')">{{ t(one.state === "done" ? "erase.isDone" : "erase.isRunning") }}</span> <span class="mono">{{ one.contact }}</span> · <span dir="auto">{{ one.requestedBy.name }}</span> · <time [title]="fullTime(one.requestedAt)">{{ timeOf(one.requestedAt) }}</time></summary>
              <app-receipt-view [receipt]="one" />
            </details>
          </li>
        } @empty {
          <li class="meta">{{ t("erase.noReceipts") }}</li>
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
export class ErasureList {
  protected readonly t = inject(Words).t;
  readonly #erasures = inject(ApiClient).calls["data-protection"].erasures;
  readonly #now = inject(Ticker).now;
  protected readonly deed = new Deed();
  protected readonly receipts = signal<readonly ErasureReceipt[]>([]);
  protected readonly next = signal<string | null>(null);
  protected readonly fullTime = fullTime;
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());

  constructor() {
    void this.load();
  }

  protected async load(cursor?: string): Promise<void> {
    await this.deed.run(async () => {
      const page = await pageOf(this.#erasures.get({ query: { limit: PAGE, ...(cursor ? { cursor } : {}) } }));
      this.receipts.update((before) => (cursor ? [...before, ...page.items] : page.items));
      this.next.set(page.next);
    });
  }
}
