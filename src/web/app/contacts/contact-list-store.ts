/** The list of contacts: words, filters and order, page by page. */
import { inject, Service, signal } from "@angular/core";
import type { ContactView } from "@server/events/view";
import { pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { type ContactFilter, cleanFilter, countConditions, isSameFilter } from "./filter-parts";

export interface ContactFilters {
  q: string;
  label: string;
  only: "" | "blocked" | "opted-in" | "opted-out";
  sort: "last-message" | "name" | "newest";
  /** The chosen segment; its conditions are in `conditions`, perhaps changed since. */
  segment: { id: string; filter: ContactFilter } | null;
  conditions: ContactFilter;
}

const PAGE = 50;

@Service({ autoProvided: false })
export class ContactListStore {
  readonly #calls = inject(ApiClient).calls;
  readonly #rows = signal<readonly ContactView[]>([]);
  readonly #next = signal<string | null>(null);
  readonly #phase = signal<"loading" | "ready">("loading");
  readonly #failure = signal<ApiFailure | null>(null);
  #asked = 0;

  readonly rows = this.#rows.asReadonly();
  readonly next = this.#next.asReadonly();
  readonly phase = this.#phase.asReadonly();
  readonly failure = this.#failure.asReadonly();
  readonly filters = signal<ContactFilters>({
    q: "",
    label: "",
    only: "",
    sort: "last-message",
    segment: null,
    conditions: {},
  });

  show(change: Partial<ContactFilters>): Promise<void> {
    this.filters.update((before) => ({ ...before, ...change }));
    return this.load();
  }

  async load(): Promise<void> {
    const asked = ++this.#asked;
    this.#failure.set(null);
    try {
      const page = await pageOf(this.#calls.contacts.filter.post({ limit: PAGE, ...this.#query() }));
      if (asked !== this.#asked) return;
      this.#rows.set(page.items);
      this.#next.set(page.next);
      this.#phase.set("ready");
    } catch (error) {
      // Awaited: ApiFailure, shown with a way to try again.
      if (asked === this.#asked) this.#failure.set(asFailure(error));
    }
  }

  async more(): Promise<void> {
    const asked = this.#asked;
    const cursor = this.#next();
    if (!cursor) return;
    try {
      const page = await pageOf(this.#calls.contacts.filter.post({ limit: PAGE, cursor, ...this.#query() }));
      if (asked !== this.#asked) return;
      this.#rows.update((rows) => [...rows, ...page.items]);
      this.#next.set(page.next);
    } catch (error) {
      // Awaited: ApiFailure.
      this.#failure.set(asFailure(error));
    }
  }

  /** What is exported; null when these conditions cannot be asked of the export, which knows segments and a few fields. */
  exportQuery(): URLSearchParams | null {
    const { q, label, only, segment, conditions } = this.filters();
    const isSegment = segment !== null && isSameFilter(segment.filter, conditions);
    if (q.trim() || only === "blocked" || (!isSegment && countConditions(conditions) > 0)) return null;
    return new URLSearchParams({
      format: "csv",
      ...(isSegment ? { segment: segment.id } : {}),
      ...(label ? { label } : {}),
      ...(only === "opted-in" ? { isOptedIn: "true" } : {}),
      ...(only === "opted-out" ? { isOptedOut: "true" } : {}),
    });
  }

  #query() {
    const { q, label, only, sort, conditions } = this.filters();
    const filter = cleanFilter(conditions);
    return {
      sort,
      ...(q.trim() ? { q: q.trim() } : {}),
      filter: {
        ...filter,
        ...(label ? { labels: [...new Set([...(filter.labels ?? []), label])] } : {}),
        ...(only === "blocked" ? { isBlocked: true } : {}),
        ...(only === "opted-in" ? { isOptedIn: true } : {}),
        ...(only === "opted-out" ? { isOptedOut: true } : {}),
      },
    };
  }
}
