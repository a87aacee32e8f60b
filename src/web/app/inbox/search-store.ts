/** What is looked for in messages, notes, transcripts and contacts, and what was found: the newest first, page by page. */
import { computed, DestroyRef, inject, Service, signal } from "@angular/core";
import type { SearchHitView } from "@server/features/search/search.schema";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { type Cancelable, Clock } from "../clock";

const PAUSE_MS = 180;

@Service({ autoProvided: false })
export class SearchStore {
  readonly #api = inject(ApiClient);
  readonly #clock = inject(Clock);
  readonly #query = signal("");
  readonly #hits = signal<readonly SearchHitView[] | null>(null);
  readonly #next = signal<string | null>(null);
  readonly #failure = signal<ApiFailure | null>(null);
  #pause: Cancelable | null = null;
  #asked = 0;

  readonly query = this.#query.asReadonly();
  readonly isOn = computed(() => this.#query() !== "");
  /** Null while nothing has been answered for these words yet. */
  readonly hits = this.#hits.asReadonly();
  readonly hasMore = computed(() => this.#next() !== null);
  readonly failure = this.#failure.asReadonly();

  constructor() {
    inject(DestroyRef).onDestroy(() => this.#pause?.cancel());
  }

  /** Looks for words once their writer pauses; the last asked wins. */
  look(text: string): void {
    const query = text.trim();
    if (query === this.#query()) return;
    this.#query.set(query);
    this.#asked++;
    this.#pause?.cancel();
    this.#failure.set(null);
    if (query === "") {
      this.#hits.set(null);
      this.#next.set(null);
    } else this.#pause = this.#clock.timer(PAUSE_MS, () => void this.load());
  }

  async load(): Promise<void> {
    const asked = ++this.#asked;
    this.#failure.set(null);
    try {
      const page = await this.#api.search(this.#query());
      if (asked !== this.#asked) return;
      this.#hits.set(page.items);
      this.#next.set(page.next);
    } catch (error) {
      // Awaited: ApiFailure, shown in the list's place.
      if (asked === this.#asked) this.#failure.set(asFailure(error));
    }
  }

  async loadMore(): Promise<void> {
    const cursor = this.#next();
    if (!cursor) return;
    const asked = this.#asked;
    this.#next.set(null);
    try {
      const page = await this.#api.search(this.#query(), cursor);
      if (asked !== this.#asked) return;
      this.#hits.update((hits) => [...(hits ?? []), ...page.items]);
      this.#next.set(page.next);
    } catch (error) {
      // Awaited: ApiFailure.
      if (asked === this.#asked) this.#failure.set(asFailure(error));
    }
  }
}
