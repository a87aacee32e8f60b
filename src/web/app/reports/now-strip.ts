/** The line of what is going on now, each with the way to it. */
import { ChangeDetectionStrategy, Component, inject } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import { Words } from "../i18n/words";
import { ConversationListStore } from "../inbox/conversation-list-store";
import type { Tab } from "../inbox/list-query";
import { Ticker } from "../ticker";
import { FailureNote } from "../ui/failure-note";
import { NowStore } from "./now-store";
import { secondsText } from "./report-figure";

@Component({
  selector: "app-now-strip",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, RouterLink],
  template: `
    <h2 class="sr-only">{{ t("reports.now") }}</h2>
    @if (store.failure(); as failure) {
      <app-failure-note [failure]="failure" [retryLabel]="t('common.tryAgain')" (retry)="store.load()" />
    } @else {
      <ul class="now" [attr.aria-label]="t('reports.now')" [attr.aria-busy]="store.counts() === null">
        <li>
          <button type="button" (click)="open('waiting')">
            <b class="num" [class.text-warning]="(store.counts()?.waiting ?? 0) > 0" data-now="waiting">{{ count(store.counts()?.waiting) }}</b>
            <span>{{ t("reports.waiting") }}<span class="meta block">{{ store.longest()?.waitingSince ? t("reports.longest", { time: since(store.longest()!.waitingSince!) }) : t("reports.nobodyWaits") }}</span></span>
          </button>
        </li>
        <li>
          <button type="button" (click)="open('all')">
            <b class="num" data-now="open">{{ count(store.counts()?.all) }}</b>
            <span>{{ t("reports.open") }}<span class="meta block">{{ n("reports.unassigned", store.counts()?.unassigned ?? 0) }}</span></span>
          </button>
        </li>
        <li>
          <button type="button" (click)="open('unassigned')">
            <b class="num" data-now="queue">{{ count(store.counts() ? store.queue().count : undefined) }}</b>
            <span>{{ t("reports.queue") }}<span class="meta block">{{ store.queue().since ? t("reports.firstInLine", { time: since(store.queue().since!) }) : t("reports.queueEmpty") }}</span></span>
          </button>
        </li>
        @if (store.people(); as people) {
          <li>
            <a routerLink="/settings/people">
              <b class="num" data-now="online">{{ people.online }}<small>/{{ people.all }}</small></b>
              <span>{{ t("reports.online") }}<span class="meta block">{{ people.places === null ? t("reports.noLimit") : t("reports.places", { free: people.free, places: people.places }) }}</span></span>
            </a>
          </li>
        }
        <li>
          <a routerLink="/settings/attention">
            <b class="num" [class.text-danger]="undecided() > 0" data-now="undecided">{{ count(store.undecided() ? undecided() : undefined) }}</b>
            <span>{{ t("reports.toDecide") }}<span class="meta block">{{ undecided() > 0 ? t("reports.toDecideOf", { failed: store.undecided()?.failed ?? 0, unknown: store.undecided()?.unknown ?? 0 }) : t("reports.allArrived") }}</span></span>
          </a>
        </li>
      </ul>
    }
  `,
})
export class NowStrip {
  protected readonly t = inject(Words).t;
  protected readonly n = inject(Words).n;
  protected readonly store = inject(NowStore);
  readonly #list = inject(ConversationListStore);
  readonly #router = inject(Router);
  readonly #now = inject(Ticker).now;

  protected undecided(): number {
    const { unknown = 0, failed = 0 } = this.store.undecided() ?? {};
    return unknown + failed;
  }

  /** A thousand stands for a thousand or more. */
  protected count(value: number | undefined): string {
    if (value === undefined) return "–";
    return value >= 1_000 ? "999+" : String(value);
  }

  protected since(at: string): string {
    return secondsText(Math.max(0, Math.round((this.#now() - Date.parse(at)) / 1_000)));
  }

  protected open(tab: Tab): void {
    this.#list.chooseTab(tab);
    void this.#router.navigateByUrl("/conversations");
  }
}
