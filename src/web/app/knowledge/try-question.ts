/** A question as a customer would ask it, and the passages the assistant would find for it. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { KnowledgeHit } from "@server/features/knowledge/knowledge.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { numberFormat } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { Weave } from "../ui/weave";

const PERCENT = numberFormat({ style: "percent", maximumFractionDigits: 0 });

@Component({
  selector: "app-try-question",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, RouterLink, Weave],
  template: `
    <div class="stack reading-width">
      <form class="form-grid" role="search" (submit)="ask($event)">
        <h2 class="room-title">{{ t("knowledge.try") }}</h2>
        <p class="card-text">{{ t("knowledge.tryText") }}</p>
        <div class="try-line">
          <input class="input" name="q" type="search" required maxlength="500" autocomplete="off" dir="auto" [attr.aria-label]="t('knowledge.question')" [placeholder]="t('knowledge.tryExample')" [value]="q() ?? ''" />
          <button class="btn btn-primary" type="submit"><app-icon name="search" size="icon-m" />{{ t("knowledge.tryDo") }}</button>
        </div>
      </form>
      @if (failure(); as refused) {
        <app-failure-note [failure]="refused" [retryLabel]="t('common.tryAgain')" (retry)="load()" />
      } @else if (isBusy()) {
        <div class="skeleton template-loading" role="status" [attr.aria-label]="t('knowledge.try')"><i></i><i></i><i></i></div>
      } @else if (hits(); as found) {
        <p class="meta" role="status">{{ words.n("knowledge.found", found.length) }}</p>
        @if (found.length > 0) {
          <ol class="hits">
            @for (hit of found; track hit.chunk; let rank = $index) {
              <li class="card hit">
                <div class="card-head">
                  <span class="hit-rank num">{{ rank + 1 }}</span>
                  <h3 class="clip grow" dir="auto" [title]="nameOf(hit)">{{ nameOf(hit) }}</h3>
                  <span class="chip" [title]="t('knowledge.scoreHint')">{{ t("knowledge.score", { score: share(hit) }) }}</span>
                  @if (hit.likeness !== null) {
                    <span class="chip chip-success" [title]="t('knowledge.likenessHint')">{{ t("knowledge.likeness", { part: percent(hit.likeness) }) }}</span>
                  } @else {
                    <span class="chip">{{ t("knowledge.byWords") }}</span>
                  }
                </div>
                <span class="bar bar-wide" aria-hidden="true"><i [style.width]="share(hit)"></i></span>
                <p class="hit-text" dir="auto">{{ hit.text }}</p>
                <a [routerLink]="['/knowledge/articles', hit.article]">{{ t("knowledge.toArticle") }}</a>
              </li>
            }
          </ol>
        } @else {
          <div class="empty empty-low">
            <app-weave />
            <h3>{{ t("knowledge.foundNone") }}</h3>
            <p>{{ t("knowledge.foundNoneText") }}</p>
            @if (mayManage()) {
              <a class="btn" routerLink="/knowledge/articles/new" [queryParams]="{ as: 'faq', question: q() }">{{ t("knowledge.writeAnswer") }}</a>
            }
          </div>
        }
      }
    </div>
  `,
})
export class TryQuestion {
  /** Stands in the address: a trial can be repeated and passed on. */
  readonly q = input<string>();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  readonly #calls = inject(ApiClient).calls;
  readonly #router = inject(Router);
  readonly #permissions = inject(Permissions);
  protected readonly hits = signal<readonly KnowledgeHit[] | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly isBusy = signal(false);
  protected readonly mayManage = computed(() => this.#permissions.may("knowledge.manage"));
  protected readonly percent = (part: number): string => PERCENT().format(part);
  protected readonly nameOf = ({ title, heading }: KnowledgeHit): string =>
    heading && heading !== title ? `${title} › ${heading}` : title;

  constructor() {
    effect(() => {
      this.q();
      untracked(() => void this.load());
    });
  }

  /** Scores mean nothing by themselves: each is told as its part of the best one's. */
  protected share({ score }: KnowledgeHit): string {
    const best = Math.max(...(this.hits() ?? []).map((hit) => hit.score));
    return this.percent(best > 0 ? Math.max(0, score / best) : 0);
  }

  protected ask(event: Event): void {
    event.preventDefault();
    const q = String(new FormData(event.target as HTMLFormElement).get("q")).trim();
    if (q === this.q()) void this.load();
    else if (q) void this.#router.navigate([], { queryParams: { q } });
  }

  protected async load(): Promise<void> {
    const q = this.q()?.trim().slice(0, 500);
    this.failure.set(null);
    this.hits.set(null);
    if (!q) return;
    this.isBusy.set(true);
    try {
      const hits = await dataOf(this.#calls.knowledge.search.get({ query: { q } }));
      if (q === this.q()?.trim().slice(0, 500)) this.hits.set(hits);
    } catch (error) {
      // Awaited: ApiFailure.
      this.failure.set(asFailure(error));
    } finally {
      this.isBusy.set(false);
    }
  }
}
