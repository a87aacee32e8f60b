/** What rules and macros did lately and could not do. */
import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { RunView } from "@server/features/automation-actions/automation-run.schema";
import { pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { fullTime, listTime } from "../ui/time-text";

/** So many of the newest are looked through. */
const NEWEST = 100;

@Component({
  selector: "app-run-card",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, RouterLink],
  template: `
    <section class="card">
      <h2>{{ t("attention.run.heading") }}</h2>
      <ul class="rows">
        @for (one of runs(); track one.id) {
          <li class="row-line">
            <span class="min-w-0 grow">
              <span class="block clip"><b dir="auto">{{ one.name }}</b><span class="meta"> · </span><time class="meta" [title]="fullTime(one.createdAt)">{{ timeOf(one.createdAt) }}</time></span>
              @for (outcome of failedOf(one); track $index) {
                <span class="hint hint-bad"><app-icon name="alert" size="icon-s" /><span dir="auto"><span class="mono">{{ outcome.do }}</span> {{ outcome.detail ?? "" }}</span></span>
              }
            </span>
            <a class="btn btn-s" [routerLink]="['/conversations', one.conversation]">{{ t("reports.toTalk") }}</a>
          </li>
        } @empty {
          <li class="meta">{{ t(isLoaded() ? "attention.run.none" : "attention.looking") }}</li>
        }
      </ul>
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" [retryLabel]="t('common.tryAgain')" (retry)="load()" />
      }
    </section>
  `,
})
export class RunCard {
  protected readonly t = inject(Words).t;
  readonly #runs = inject(ApiClient).calls["automation-runs"];
  readonly #now = inject(Ticker).now;
  protected readonly deed = new Deed();
  protected readonly runs = signal<readonly RunView[]>([]);
  protected readonly isLoaded = signal(false);
  protected readonly fullTime = fullTime;
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());
  protected readonly failedOf = ({ outcomes }: RunView) =>
    outcomes.filter(({ state }) => state === "failed" || state === "unknown");

  constructor() {
    void this.load();
  }

  protected async load(): Promise<void> {
    await this.deed.run(async () => {
      const { items } = await pageOf(this.#runs.get({ query: { limit: NEWEST } }));
      this.runs.set(items.filter((run) => run.state === "failed" || this.failedOf(run).length > 0));
      this.isLoaded.set(true);
    });
  }
}
