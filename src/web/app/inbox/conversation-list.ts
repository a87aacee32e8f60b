/** The list of conversations: tabs with counts, filters, order, and rows that scroll without end. */
import { CdkFixedSizeVirtualScroll, CdkVirtualForOf, CdkVirtualScrollViewport } from "@angular/cdk/scrolling";
import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  input,
  output,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import { Router } from "@angular/router";
import type { ConversationView } from "@server/events/view";
import type { BulkTarget } from "../api/api-client";
import { numberFormat } from "../i18n/locale";
import { type WordKey, Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { Weave } from "../ui/weave";
import { BulkBar } from "./bulk-bar";
import { ConversationListStore } from "./conversation-list-store";
import { ConversationRow } from "./conversation-row";
import { ListFilters } from "./list-filters";
import { SORTS, type Sort, TABS, type Tab } from "./list-query";
import { ListViews } from "./list-views";
import { SearchResults } from "./search-results";
import { SearchStore } from "./search-store";

/** Row and gap. */
const ROW = 75;
/** More are loaded when so few are left below. */
const AHEAD = 20;
/** The server counts no further. */
const MOST_COUNTED = 1_000;
const SHOWN_TABS: readonly Tab[] = ["mine", "unassigned", "all"];
const COUNT = numberFormat();

@Component({
  selector: "app-conversation-list",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [
    BulkBar,
    CdkFixedSizeVirtualScroll,
    CdkVirtualForOf,
    CdkVirtualScrollViewport,
    ConversationRow,
    FailurePage,
    Icon,
    ListFilters,
    ListViews,
    MenuButton,
    SearchResults,
    Weave,
  ],
  templateUrl: "./conversation-list.html",
  providers: [SearchStore],
  host: { class: "list-pane" },
})
export class ConversationList {
  /** Which conversation is open beside it. */
  readonly current = input<string | null>(null);

  /** The open one has been pressed again. */
  readonly reopened = output<string>();

  protected readonly store = inject(ConversationListStore);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly live = inject(LiveConnection);
  protected readonly search = inject(SearchStore);
  private readonly searchField = viewChild.required<ElementRef<HTMLInputElement>>("searchField");
  readonly #router = inject(Router);
  readonly #element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  private readonly viewport = viewChild(CdkVirtualScrollViewport);
  protected readonly filters = viewChild(ListFilters);

  protected readonly row = ROW;
  protected readonly picked = signal<ReadonlySet<string>>(new Set());
  protected readonly isAllPicked = signal(false);
  #lastPicked: string | null = null;
  /** The row that Tab stops at: where the keys were last, else the open one, else the first. */
  readonly #stop = signal<string | null>(null);
  protected readonly stop = computed(() => {
    const rows = this.store.rows();
    const wanted = [this.#stop(), this.current()].find((id) => id !== null && rows.some((row) => row.id === id));
    return wanted ?? rows[0]?.id ?? null;
  });
  protected readonly tabs = SHOWN_TABS;
  protected readonly otherTab = computed(() => {
    const { tab } = this.store.filter();
    return tab && !SHOWN_TABS.includes(tab) ? tab : null;
  });
  protected readonly otherTabs = computed((): MenuItem[] =>
    TABS.filter((tab) => !SHOWN_TABS.includes(tab)).map((tab) => ({
      id: tab,
      text: this.t(`tab.${tab}`),
      detail: this.countOf(tab),
      isOn: this.store.filter().tab === tab,
    })),
  );
  protected readonly sorts = computed((): MenuItem[] =>
    SORTS.map((sort) => ({ id: sort, text: this.t(`sort.${sort}`), isOn: (this.store.sort() ?? "newest") === sort })),
  );
  protected readonly target = computed(
    (): BulkTarget => (this.isAllPicked() ? { filter: this.store.filter() } : { ids: [...this.picked()] }),
  );
  protected readonly isEmpty = computed(() => this.store.phase() === "ready" && this.store.rows().length === 0);
  protected readonly identify = (_: number, one: ConversationView): string => one.id;

  constructor() {
    if (this.store.phase() === "loading") void this.store.load();
    // Opening a conversation by address, or stepping with the keyboard, brings its row into sight; nothing else moves the list.
    let shown: string | null = null;
    afterRenderEffect(() => {
      const id = this.current();
      const rows = this.store.rows();
      const at = rows.findIndex((row) => row.id === id);
      if (id === shown || at < 0) return;
      shown = id;
      untracked(() => this.#reveal(at));
    });
  }

  protected tabWord(tab: Tab): WordKey {
    return `tab.${tab}`;
  }

  protected countOf(tab: Tab): string {
    const count = this.store.counts()?.[tab];
    return count === undefined ? "" : count >= MOST_COUNTED ? `${COUNT().format(MOST_COUNTED - 1)}+` : COUNT().format(count);
  }

  protected chooseSort(id: string): void {
    const sort = SORTS.find((one) => one === id) as Sort;
    this.store.show(this.store.filter(), sort === "newest" ? null : sort);
  }

  chooseTab(tab: string): void {
    this.clearPicks();
    this.store.chooseTab(tab as Tab);
  }

  nextTab(): void {
    const at = TABS.indexOf(this.store.filter().tab ?? "all");
    this.chooseTab(TABS[(at + 1) % TABS.length] ?? "all");
  }

  focusSearch(): void {
    this.searchField().nativeElement.focus();
  }

  /** Esc is one step back: out of the search, then out of its field. */
  protected leaveSearch(event: Event): void {
    const field = this.searchField().nativeElement;
    event.stopPropagation();
    if (field.value === "") field.blur();
    field.value = "";
    this.search.look("");
  }

  protected look(): void {
    const viewport = this.viewport();
    if (viewport && viewport.getRenderedRange().end > this.store.rows().length - AHEAD) void this.store.loadMore();
  }

  protected pick(one: ConversationView, { on, range }: { on: boolean; range: boolean }): void {
    const rows = this.store.rows();
    const from = range ? rows.findIndex(({ id }) => id === this.#lastPicked) : -1;
    const to = rows.indexOf(one);
    const ids = from < 0 ? [one.id] : rows.slice(Math.min(from, to), Math.max(from, to) + 1).map(({ id }) => id);
    this.isAllPicked.set(false);
    this.picked.update((known) => {
      const next = new Set(known);
      for (const id of ids) on ? next.add(id) : next.delete(id);
      return next;
    });
    this.#lastPicked = one.id;
  }

  protected clearPicks(): void {
    this.picked.set(new Set());
    this.isAllPicked.set(false);
  }

  /** Arrows walk through the rows; the link that has the focus is the only one that Tab stops at. */
  protected steer(event: KeyboardEvent): void {
    const step = ({ ArrowDown: 1, ArrowUp: -1, Home: -1e9, End: 1e9 } as Record<string, number>)[event.key];
    const row = (event.target as HTMLElement).closest<HTMLElement>("app-conversation-row");
    if (step === undefined || !row || event.altKey || event.ctrlKey || (event.target as HTMLElement).closest("[popover]")) return;
    event.preventDefault();
    const rows = this.store.rows();
    const at = rows.findIndex(({ id }) => id === row.dataset.id);
    const to = Math.max(0, Math.min(rows.length - 1, at + step));
    this.#focus(rows[to]?.id ?? null, to);
  }

  /** Opens the conversation after or before the open one. */
  step(by: 1 | -1): void {
    const next = this.store.neighbour(this.current(), by);
    if (next) void this.#router.navigate(["/conversations", next.id]);
  }

  #focus(id: string | null, at: number): void {
    if (!id) return;
    this.#stop.set(id);
    this.#reveal(at);
    // The row may have to be drawn first.
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        this.#element.querySelector<HTMLElement>(`[data-id="${id}"] .hit`)?.focus({ preventScroll: true }),
      ),
    );
  }

  #reveal(at: number): void {
    const viewport = this.viewport();
    if (!viewport) return;
    const top = viewport.measureScrollOffset();
    const height = viewport.getViewportSize();
    if (at * ROW < top) viewport.scrollToOffset(at * ROW);
    else if ((at + 1) * ROW > top + height) viewport.scrollToOffset((at + 1) * ROW - height + ROW);
  }
}
