/** Questions the knowledge did not answer, and what colleagues would have answered: each becomes an article or is dismissed. */
import { ChangeDetectionStrategy, Component, DestroyRef, effect, inject, input, signal, untracked } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { ArticleView, GapView } from "@server/features/knowledge/knowledge.schema";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { type Cancelable, Clock } from "../clock";
import { Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Ticker } from "../ticker";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { fullTime, listTime } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { gapFor, suggestionFor } from "./gap-match";

type GapState = GapView["state"];

const PAGE = 50;
const LOOK_AGAIN_MS = 400;

@Component({
  selector: "app-gap-list",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, FailurePage, Icon, RouterLink, SureButton],
  templateUrl: "./gap-list.html",
})
export class GapList {
  /** Which ones are shown: `open` when left out. */
  readonly state = input("open", { transform: (value: string | undefined): GapState => asState(value) });
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  readonly #knowledge = inject(ApiClient).calls.knowledge;
  readonly #router = inject(Router);
  readonly #toasts = inject(Toasts);
  readonly #clock = inject(Clock);
  readonly #now = inject(Ticker).now;
  protected readonly suggestions = signal<readonly ArticleView[]>([]);
  protected readonly gaps = signal<readonly GapView[]>([]);
  protected readonly next = signal<string | null>(null);
  protected readonly isLoaded = signal(false);
  protected readonly failure = signal<ApiFailure | null>(null);
  /** Which one could not be decided, and why. */
  protected readonly refused = signal<{ id: string; failure: ApiFailure } | null>(null);
  protected readonly states: readonly GapState[] = ["open", "solved", "dismissed"];
  protected readonly stateWords = {
    open: "knowledge.gapOpen",
    solved: "knowledge.gapSolved",
    dismissed: "knowledge.gapDismissed",
  } as const;
  protected readonly fullTime = fullTime;
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());
  #lookAgain: Cancelable | null = null;

  constructor() {
    effect(() => {
      this.state();
      untracked(() => void this.load());
    });
    const live = inject(LiveConnection);
    const plan = () => {
      this.#lookAgain?.cancel();
      this.#lookAgain = this.#clock.timer(LOOK_AGAIN_MS, () => void this.load());
    };
    const offs = [live.on("knowledge:updated", plan), live.onGap(plan)];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
      this.#lookAgain?.cancel();
    });
  }

  protected show(state: GapState): void {
    void this.#router.navigate([], { queryParams: { state: state === "open" ? null : state }, replaceUrl: true });
  }

  protected suggestionFor(gap: GapView): ArticleView | null {
    return gap.state === "open" ? suggestionFor(gap.question, this.suggestions()) : null;
  }

  protected async load(): Promise<void> {
    const state = this.state();
    this.failure.set(null);
    try {
      const [suggested, gaps] = await Promise.all([
        pageOf(this.#knowledge.articles.get({ query: { status: "suggested", limit: 100 } })),
        pageOf(this.#knowledge.gaps.get({ query: { state, limit: PAGE } })),
      ]);
      if (state !== this.state()) return;
      this.suggestions.set(suggested.items);
      this.gaps.set(gaps.items);
      this.next.set(gaps.next);
      this.isLoaded.set(true);
    } catch (error) {
      // Awaited: ApiFailure: the role does not reach every conversation, or no server answers.
      this.failure.set(asFailure(error));
    }
  }

  protected async more(): Promise<void> {
    const cursor = this.next();
    if (!cursor) return;
    try {
      const page = await pageOf(this.#knowledge.gaps.get({ query: { state: this.state(), limit: PAGE, cursor } }));
      this.gaps.update((gaps) => [...gaps, ...page.items]);
      this.next.set(page.next);
    } catch (error) {
      // Awaited: ApiFailure.
      this.failure.set(asFailure(error));
    }
  }

  protected publish({ id, version, question }: ArticleView): void {
    void this.#try(id, async () => {
      await dataOf(this.#knowledge.articles({ id }).patch({ version, values: { status: "published" } }));
      const gap = this.state() === "open" ? gapFor(question, this.gaps()) : null;
      if (gap) await dataOf(this.#knowledge.gaps({ id: gap.id }).post({ state: "solved", article: id }));
      this.#toasts.say(this.t("knowledge.published"), "check-circle");
    });
  }

  protected discard({ id }: ArticleView): void {
    void this.#try(id, () => dataOf(this.#knowledge.articles({ id }).delete()));
  }

  protected decide({ id, article }: GapView, state: GapState): void {
    const known = article ? { article } : {};
    void this.#try(id, () => dataOf(this.#knowledge.gaps({ id }).post({ state, ...known })));
  }

  async #try(id: string, work: () => Promise<unknown>): Promise<void> {
    this.refused.set(null);
    try {
      await work();
    } catch (error) {
      // Awaited: ApiFailure: somebody else was faster. What is shown is the server's state again.
      this.refused.set({ id, failure: asFailure(error) });
    }
    await this.load();
  }
}

const asState = (value: string | undefined): GapState => (value === "solved" || value === "dismissed" ? value : "open");
