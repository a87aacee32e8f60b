/** The list of articles: narrowed by words, state and kind, page by page, kept in step with what is being read in. */
import { computed, DestroyRef, inject, Service, signal } from "@angular/core";
import type { ArticleQuery, ArticleView } from "@server/features/knowledge/knowledge.schema";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { type Cancelable, Clock } from "../clock";
import { LiveConnection } from "../live/live-connection";
import type { EventData } from "../live/live-frame";

/** `pending` and `failed` are about the reading in, the others about who may use it. */
export type ShownState = "" | "published" | "draft" | "suggested" | "pending" | "failed";
export interface ArticleFilters {
  q: string;
  state: ShownState;
  kind: "" | ArticleView["kind"];
}
export const NO_FILTERS: ArticleFilters = { q: "", state: "", kind: "" };

export interface KnowledgeState {
  passages: number;
  pending: number;
  mode: "words" | "words-and-meaning";
  embeddingMicros: number;
}

const PAGE = 50;
const MOST_AT_ONCE = 100;
/** A sitemap tells of every page: the list is not asked for each of them. */
const LOOK_AGAIN_MS = 400;

@Service({ autoProvided: false })
export class ArticleListStore {
  readonly #calls = inject(ApiClient).calls;
  readonly #clock = inject(Clock);
  readonly #rows = signal<readonly ArticleView[]>([]);
  readonly #next = signal<string | null>(null);
  readonly #phase = signal<"loading" | "ready">("loading");
  readonly #failure = signal<ApiFailure | null>(null);
  readonly #state = signal<KnowledgeState | null>(null);
  readonly #filters = signal(NO_FILTERS);
  #asked = 0;
  #lookAgain: Cancelable | null = null;

  readonly rows = this.#rows.asReadonly();
  readonly next = this.#next.asReadonly();
  readonly phase = this.#phase.asReadonly();
  readonly failure = this.#failure.asReadonly();
  /** Null: not known yet. */
  readonly state = this.#state.asReadonly();
  readonly isNarrowed = computed(() => Object.values(this.#filters()).some((value) => value !== ""));

  constructor() {
    const live = inject(LiveConnection);
    const offs = [live.on("knowledge:updated", (told) => this.#hear(told)), live.onGap(() => this.#plan())];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
      this.#lookAgain?.cancel();
    });
  }

  async show(filters: ArticleFilters): Promise<void> {
    this.#filters.set(filters);
    this.#phase.set("loading");
    await this.load();
  }

  async load(most = PAGE): Promise<void> {
    const asked = ++this.#asked;
    this.#failure.set(null);
    void this.#loadState();
    try {
      const page = await pageOf(this.#calls.knowledge.articles.get({ query: { limit: most, ...this.#query() } }));
      if (asked !== this.#asked) return;
      this.#rows.set(page.items);
      this.#next.set(page.next);
      this.#phase.set("ready");
    } catch (error) {
      // Awaited: ApiFailure, also where the role may not see the knowledge.
      if (asked === this.#asked) this.#failure.set(asFailure(error));
    }
  }

  async more(): Promise<void> {
    const cursor = this.#next();
    if (!cursor) return;
    const asked = this.#asked;
    try {
      const page = await pageOf(this.#calls.knowledge.articles.get({ query: { limit: PAGE, cursor, ...this.#query() } }));
      if (asked !== this.#asked) return;
      const known = new Set(this.#rows().map(({ id }) => id));
      this.#rows.update((rows) => [...rows, ...page.items.filter(({ id }) => !known.has(id))]);
      this.#next.set(page.next);
    } catch (error) {
      // Awaited: ApiFailure.
      if (asked === this.#asked) this.#failure.set(asFailure(error));
    }
  }

  /** Uses it for answers, or takes it back. Throws ApiFailure. */
  async setUsed({ id, version }: ArticleView, isUsed: boolean): Promise<void> {
    const values = { status: isUsed ? ("published" as const) : ("draft" as const) };
    this.#put(await dataOf(this.#calls.knowledge.articles({ id }).patch({ version, values })));
  }

  /** Throws ApiFailure. */
  async refresh({ id }: ArticleView): Promise<void> {
    this.#put(await dataOf(this.#calls.knowledge.articles({ id }).refresh.post()));
  }

  /** Throws ApiFailure. */
  async remove({ id }: ArticleView): Promise<void> {
    await dataOf(this.#calls.knowledge.articles({ id }).delete());
    this.#rows.update((rows) => rows.filter((row) => row.id !== id));
  }

  /** What is shown is asked for again, without a blink. */
  lookAgain(): void {
    this.#plan();
  }

  #put(article: ArticleView): void {
    this.#rows.update((rows) => rows.map((row) => (row.id === article.id ? article : row)));
    this.#plan();
  }

  #hear({ article, state, chunks, embedded }: EventData<"knowledge:updated">): void {
    if (state === "removed") this.#rows.update((rows) => rows.filter(({ id }) => id !== article));
    this.#rows.update((rows) =>
      rows.map((row) =>
        row.id === article
          ? { ...row, index: { ...row.index, state: state as ArticleView["index"]["state"], chunks, embedded } }
          : row,
      ),
    );
    this.#plan();
  }

  #plan(): void {
    this.#lookAgain ??= this.#clock.timer(LOOK_AGAIN_MS, () => {
      this.#lookAgain = null;
      if (this.#rows().length <= MOST_AT_ONCE) void this.load(Math.max(PAGE, this.#rows().length));
      else void this.#loadState();
    });
  }

  async #loadState(): Promise<void> {
    // Awaited: ApiFailure; the list itself says when the server is away.
    const state = await dataOf(this.#calls.knowledge.state.get()).catch(() => null);
    if (state) this.#state.set(state);
  }

  #query(): Partial<ArticleQuery> {
    const { q, state, kind } = this.#filters();
    const isReading = state === "pending" || state === "failed";
    return {
      ...(q.trim() ? { q: q.trim().slice(0, 200) } : {}),
      ...(kind ? { kind } : {}),
      ...(isReading ? { reading: state } : state ? { status: state } : {}),
    };
  }
}
