/** What customers thought: how many gave each score, and what they wrote, with the way to the conversation. */
import { ChangeDetectionStrategy, Component, computed, inject, input, linkedSignal } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { CsatView } from "@server/events/automation-view";
import type { Figures } from "@server/features/reports/report.schema";
import type { Page } from "../api/api-answer";
import { Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { fullTime, listTime } from "../ui/time-text";
import { ReportStore } from "./report-store";

@Component({
  selector: "app-opinion-list",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, RouterLink],
  template: `
    <div class="card-head">
      <h2 class="grow">{{ t("reports.opinions") }}</h2>
      <span class="meta num">{{ n("reports.answers", csat().count) }}</span>
    </div>
    @if (csat().count > 0) {
      <ul class="scores">
        @for (bar of bars(); track bar.score) {
          <li>
            <span class="meta num">{{ bar.score }}<span class="sr-only"> {{ t("reports.scoreOf") }}</span></span>
            <span class="load score-bar" aria-hidden="true"><i [style.width.%]="bar.part"></i></span>
            <span class="meta num">{{ bar.count }}</span>
          </li>
        }
      </ul>
    }
    <ul class="rows">
      @for (one of shown().items; track one.id) {
        <li class="row-line">
          <span class="score-mark num" [class.score-low]="(one.score ?? 5) * 2 <= one.scale + 1" [title]="one.score + ' / ' + one.scale">{{ one.score }}<small>/{{ one.scale }}</small></span>
          <span class="min-w-0 grow">
            @if (one.comment) {
              <span class="block score-words" dir="auto">{{ one.comment }}</span>
            }
            <span class="block meta clip">{{ whoOf(one) }} · <time [title]="fullTime(one.answeredAt ?? one.askedAt)">{{ timeOf(one) }}</time></span>
          </span>
          <a class="ibtn" [routerLink]="['/conversations', one.conversation]" [attr.aria-label]="t('reports.toTalk')" [title]="t('reports.toTalk')"><app-icon name="chevron-right" size="icon-m" /></a>
        </li>
      } @empty {
        <li class="meta">{{ t("reports.noOpinions") }}</li>
      }
    </ul>
    @if (deed.failure(); as refused) {
      <app-failure-note [failure]="refused" />
    }
    @if (shown().next; as cursor) {
      <p class="form-ways"><button class="btn btn-s" type="button" (click)="more(cursor)">{{ t("search.more") }}</button></p>
    }
  `,
})
export class OpinionList {
  readonly page = input.required<Page<CsatView[]>>();
  readonly csat = input.required<Figures["csat"]>();
  protected readonly t = inject(Words).t;
  protected readonly n = inject(Words).n;
  readonly #store = inject(ReportStore);
  readonly #directory = inject(Directory);
  readonly #now = inject(Ticker).now;
  protected readonly deed = new Deed();
  protected readonly fullTime = fullTime;
  protected readonly shown = linkedSignal(() => this.page());
  protected readonly timeOf = (one: CsatView): string => listTime(one.answeredAt ?? one.askedAt, this.#now());

  protected readonly bars = computed(() => {
    const { scores } = this.csat();
    const most = Math.max(1, ...scores);
    return scores.map((count, index) => ({ score: index + 1, count, part: (count / most) * 100 })).reverse();
  });

  protected whoOf({ agent, team }: CsatView): string {
    return this.#directory.nameOf(agent) ?? this.#directory.teamName(team) ?? this.t("reports.noAgent");
  }

  protected async more(cursor: string): Promise<void> {
    await this.deed.run(async () => {
      const page = await this.#store.moreOpinions(cursor);
      this.shown.update((before) => ({ items: [...before.items, ...page.items], next: page.next }));
    });
  }
}
