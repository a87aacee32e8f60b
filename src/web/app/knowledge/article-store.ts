/** One article: read, written, changed by its version, and kept in step with how far it is read in. */
import { DestroyRef, inject, Service, signal } from "@angular/core";
import type { ArticlePatch, ArticleView, NewArticle } from "@server/features/knowledge/knowledge.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { ApiFailure, asFailure } from "../api/api-failure";
import { RequestKey } from "../api/request-key";
import { LiveConnection } from "../live/live-connection";

@Service({ autoProvided: false })
export class ArticleStore {
  readonly #knowledge = inject(ApiClient).calls.knowledge;
  readonly #article = signal<ArticleView | null>(null);
  readonly #failure = signal<ApiFailure | null>(null);
  readonly #theirs = signal<ArticleView | null>(null);
  readonly #key = new RequestKey();
  #wanted: string | null = null;

  readonly article = this.#article.asReadonly();
  readonly failure = this.#failure.asReadonly();
  /** What somebody else has saved since this one was read. */
  readonly theirs = this.#theirs.asReadonly();
  /** While it is being written, what is shown stays as it was read. */
  readonly isWriting = signal(false);

  constructor() {
    const live = inject(LiveConnection);
    const offs = [
      live.on("knowledge:updated", ({ article: id, state, chunks, embedded }) => {
        const shown = this.#article();
        if (shown?.id !== id) return;
        if (this.isWriting() && state !== "removed") {
          const index = { ...shown.index, state: state as ArticleView["index"]["state"], chunks, embedded };
          this.#article.set({ ...shown, index });
        } else void this.load(id);
      }),
      live.onGap(() => {
        if (this.#wanted && !this.isWriting()) void this.load(this.#wanted);
      }),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
    });
  }

  async load(id: string): Promise<void> {
    this.#wanted = id;
    if (this.#article()?.id !== id) this.#article.set(null);
    this.#failure.set(null);
    try {
      const article = await dataOf(this.#knowledge.articles({ id }).get());
      if (this.#wanted === id) this.#article.set(article);
    } catch (error) {
      // Awaited: ApiFailure: it was removed, or the role may not see it.
      if (this.#wanted === id) this.#failure.set(asFailure(error));
    }
  }

  /** Throws ApiFailure. */
  create(article: NewArticle): Promise<ArticleView> {
    return this.#key.send(article, (headers) => dataOf(this.#knowledge.articles.post(article, { headers })));
  }

  /** Throws ApiFailure; when somebody was faster, `theirs` is what they wrote. */
  async patch(values: ArticlePatch["values"]): Promise<void> {
    const article = this.#article();
    if (!article) return;
    try {
      this.#article.set(await dataOf(this.#knowledge.articles({ id: article.id }).patch({ version: article.version, values })));
      this.#theirs.set(null);
    } catch (error) {
      // Awaited: ApiFailure.
      if (error instanceof ApiFailure && error.code === "request.stale") await this.#meet(article.id);
      throw error;
    }
  }

  /** From now on changes are made from what the other one has written. */
  settle(): void {
    const theirs = this.#theirs();
    if (theirs) this.#article.set(theirs);
    this.#theirs.set(null);
  }

  /** Throws ApiFailure. */
  async refresh(): Promise<void> {
    const id = this.#article()?.id;
    if (id) this.#article.set(await dataOf(this.#knowledge.articles({ id }).refresh.post()));
  }

  /** Throws ApiFailure. */
  async remove(): Promise<void> {
    const id = this.#article()?.id;
    this.#wanted = null;
    if (id) await dataOf(this.#knowledge.articles({ id }).delete());
  }

  async #meet(id: string): Promise<void> {
    // Awaited: ApiFailure; the refusal is told in any case.
    const theirs = await dataOf(this.#knowledge.articles({ id }).get()).catch(() => null);
    this.#theirs.set(theirs);
  }
}
