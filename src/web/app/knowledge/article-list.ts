/** All articles with where they come from, how far they are read in, and whether the assistant uses them. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { ArticleView } from "@server/features/knowledge/knowledge.schema";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { type Cancelable, Clock } from "../clock";
import { numberFormat } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { Ticker } from "../ticker";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { fullTime, listTime } from "../ui/time-text";
import { Weave } from "../ui/weave";
import { AddSources } from "./add-sources";
import { type ArticleFilters, ArticleListStore, type ShownState } from "./article-list-store";
import { KIND, originOf, STATUS } from "./article-look";
import { ReadingState } from "./reading-state";

const TYPING_MS = 250;
const MONEY = numberFormat({ style: "currency", currency: "USD", maximumFractionDigits: 4 });
/** The router says undefined for what the address does not name. */
const said = (value: string | undefined): string => value ?? "";

@Component({
  selector: "app-article-list",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AddSources, FailureNote, FailurePage, Icon, ReadingState, RouterLink, SureButton, Weave],
  providers: [ArticleListStore],
  templateUrl: "./article-list.html",
})
export class ArticleList {
  /** What narrows the list stands in the address: it is still there after a reload, and on the way back from an article. */
  readonly q = input("", { transform: said });
  readonly state = input("", { transform: said });
  readonly kind = input("", { transform: said });
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly store = inject(ArticleListStore);
  readonly #permissions = inject(Permissions);
  readonly #router = inject(Router);
  readonly #clock = inject(Clock);
  readonly #now = inject(Ticker).now;
  #typing: Cancelable | null = null;
  protected readonly kinds = KIND;
  protected readonly statuses = STATUS;
  protected readonly originOf = originOf;
  protected readonly fullTime = fullTime;
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());
  protected readonly mayManage = computed(() => this.#permissions.may("knowledge.manage"));
  protected readonly spent = computed(() => {
    const micros = this.store.state()?.embeddingMicros ?? 0;
    return micros > 0 ? MONEY().format(micros / 1_000_000) : null;
  });
  /** Which article could not be changed, and why. */
  protected readonly refused = signal<{ id: string; failure: ApiFailure } | null>(null);

  constructor() {
    effect(() => {
      const filters = { q: this.q(), state: this.state() as ShownState, kind: this.kind() as ArticleFilters["kind"] };
      untracked(() => void this.store.show(filters));
    });
  }

  protected search(q: string): void {
    this.#typing?.cancel();
    this.#typing = this.#clock.timer(TYPING_MS, () => this.narrow({ q }));
  }

  protected narrow(change: Partial<ArticleFilters>): void {
    const queryParams = Object.fromEntries(Object.entries(change).map(([name, value]) => [name, value || null]));
    void this.#router.navigate([], { queryParams, queryParamsHandling: "merge", replaceUrl: true });
  }

  protected toggle(article: ArticleView): void {
    void this.#try(article, () => this.store.setUsed(article, article.status !== "published"));
  }

  protected refresh(article: ArticleView): void {
    void this.#try(article, () => this.store.refresh(article));
  }

  protected remove(article: ArticleView): void {
    void this.#try(article, () => this.store.remove(article));
  }

  async #try({ id }: ArticleView, work: () => Promise<void>): Promise<void> {
    this.refused.set(null);
    try {
      await work();
    } catch (error) {
      // Awaited: ApiFailure: changed or removed by somebody else. What is shown is the server's state again.
      this.refused.set({ id, failure: asFailure(error) });
      this.store.lookAgain();
    }
  }
}
