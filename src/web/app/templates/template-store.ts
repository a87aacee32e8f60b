/** All templates, followed live; the numbers they belong to; found by words and filters. */
import { computed, DestroyRef, inject, Service, signal } from "@angular/core";
import type { ChannelView, TemplateView } from "@server/events/view";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { LiveConnection } from "../live/live-connection";
import { foldedText } from "../ui/folded-text";
import { groupsOf } from "./template-look";

export interface TemplateFilters {
  q: string;
  status: string;
  category: string;
  language: string;
  /** Business account of a number. */
  wabaId: string;
}

const NO_FILTERS: TemplateFilters = { q: "", status: "", category: "", language: "", wabaId: "" };
const PAGE = 100;

@Service({ autoProvided: false })
export class TemplateStore {
  readonly #calls = inject(ApiClient).calls;
  readonly #all = signal<ReadonlyMap<string, TemplateView>>(new Map());
  readonly #channels = signal<readonly ChannelView[]>([]);
  readonly #phase = signal<"loading" | "ready">("loading");
  readonly #failure = signal<ApiFailure | null>(null);

  readonly phase = this.#phase.asReadonly();
  readonly failure = this.#failure.asReadonly();
  readonly channels = this.#channels.asReadonly();
  readonly filters = signal<TemplateFilters>(NO_FILTERS);
  readonly all = computed(() => [...this.#all().values()]);
  readonly found = computed(() => {
    const { q, status, category, language, wabaId } = this.filters();
    const wanted = foldedText(q);
    return groupsOf(
      this.all().filter(
        (one) =>
          (!status || one.status === status) &&
          (!category || one.category === category) &&
          (!language || one.language === language) &&
          (!wabaId || one.wabaId === wabaId) &&
          foldedText(`${one.name} ${one.body}`).includes(wanted),
      ),
    );
  });
  readonly languages = computed(() => [...new Set(this.all().map(({ language }) => language))].sort());
  readonly statuses = computed(() => [...new Set(this.all().map(({ status }) => status))].sort());
  readonly isFiltered = computed(() => Object.values(this.filters()).some((value) => value !== ""));
  /** When the copy was last brought in line with WhatsApp. */
  readonly syncedAt = computed(
    () =>
      this.all()
        .map(({ syncedAt }) => syncedAt)
        .sort()
        .at(-1) ?? null,
  );

  constructor() {
    const live = inject(LiveConnection);
    const offs = [
      live.on("template:updated", ({ template }) => this.put(template)),
      live.on("template:removed", ({ template }) => this.drop([template])),
      live.onGap(() => void this.load()),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
    });
    void this.load();
  }

  get = (id: string): TemplateView | null => this.#all().get(id) ?? null;

  /** The same template in its other languages, this one included. */
  siblingsOf = ({ wabaId, name }: TemplateView): readonly TemplateView[] =>
    this.all()
      .filter((one) => one.wabaId === wabaId && one.name === name)
      .sort((a, b) => a.language.localeCompare(b.language));

  show(change: Partial<TemplateFilters>): void {
    this.filters.update((before) => ({ ...before, ...change }));
  }

  showAll(): void {
    this.filters.set(NO_FILTERS);
  }

  put(template: TemplateView): void {
    this.#all.update((all) => new Map(all).set(template.id, template));
  }

  drop(ids: readonly string[]): void {
    this.#all.update((all) => new Map([...all].filter(([id]) => !ids.includes(id))));
  }

  /** Reads all templates from WhatsApp. Throws ApiFailure. */
  async sync() {
    const report = await dataOf(this.#calls.templates.sync.post());
    await this.load();
    return report;
  }

  async load(): Promise<void> {
    this.#failure.set(null);
    try {
      // Awaited: ApiFailure where the role may not see the numbers; templates are then without their number.
      const channels = pageOf(this.#calls.channels.get({ query: { limit: PAGE } })).catch(() => null);
      const all: TemplateView[] = [];
      let cursor: string | undefined;
      do {
        const page = await pageOf(this.#calls.templates.get({ query: { limit: PAGE, ...(cursor ? { cursor } : {}) } }));
        all.push(...page.items);
        cursor = page.next ?? undefined;
      } while (cursor);
      this.#all.set(new Map(all.map((one) => [one.id, one])));
      this.#channels.set((await channels)?.items ?? []);
      this.#phase.set("ready");
    } catch (error) {
      // Awaited: ApiFailure, shown with a way to try again.
      this.#failure.set(asFailure(error));
    }
  }
}
