/** What the list is narrowed to: choices that hold together, named below the tabs and taken away one by one. */
import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { type WordKey, Words } from "../i18n/words";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { ConversationListStore } from "./conversation-list-store";
import { Directory } from "./directory";
import type { Filter } from "./list-query";

interface Choice {
  id: string;
  word: WordKey;
  detail?: string;
  /** The filter with this choice alone. */
  filter: Filter;
  icon: string;
}

const FIXED: readonly Choice[] = [
  { id: "unread", word: "filter.unread", icon: "bell", filter: { unread: true } },
  { id: "bot", word: "filter.bot", icon: "assistant", filter: { handledBy: "bot" } },
  { id: "person", word: "filter.person", icon: "person", filter: { handledBy: "person" } },
  { id: "windowOpen", word: "filter.windowOpen", icon: "clock", filter: { windowOpen: true } },
  { id: "windowClosed", word: "filter.windowClosed", icon: "lock", filter: { windowOpen: false } },
  { id: "urgent", word: "filter.urgent", icon: "flag", filter: { priority: ["urgent", "high"] } },
  { id: "snoozed", word: "filter.snoozed", icon: "snooze", filter: { waitingFor: "snooze" } },
  { id: "resolved", word: "filter.resolved", icon: "check-circle", filter: { status: ["resolved", "closed"] } },
];
/** These are shown by their state, which the tab of active ones would hide. */
const OUTSIDE_TABS = new Set(["snoozed", "resolved"]);

const holds = (filter: Filter, part: Filter): boolean =>
  Object.entries(part).every(([name, value]) => JSON.stringify(filter[name as keyof Filter]) === JSON.stringify(value));

@Component({
  selector: "app-list-filters",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [MenuButton],
  template: `<app-menu-button icon="filter" [label]="t('filter.heading')" [items]="items()" [staysOpen]="true" (chosen)="toggle($event)" />`,
})
export class ListFilters {
  protected readonly t = inject(Words).t;
  protected readonly store = inject(ConversationListStore);
  readonly #directory = inject(Directory);

  readonly #choices = computed((): Choice[] => [
    ...FIXED,
    ...this.#directory.labels().map(
      ({ name }): Choice => ({
        id: `label-${name}`,
        word: "filter.label",
        detail: name,
        icon: "tag",
        filter: { label: [name] },
      }),
    ),
    ...this.#directory.agents().map(
      ({ id, name }): Choice => ({
        id: `agent-${id}`,
        word: "filter.agent",
        detail: name,
        icon: "assign",
        filter: { agent: id },
      }),
    ),
  ]);
  protected readonly items = computed((): MenuItem[] =>
    this.#choices().map(({ id, word, detail, icon, filter }) => ({
      id,
      icon,
      text: this.t(word, { name: detail ?? "" }),
      isOn: holds(this.store.filter(), filter),
    })),
  );
  readonly active = computed(() => this.items().filter(({ isOn }) => isOn));

  toggle(id: string): void {
    const choice = this.#choices().find((one) => one.id === id);
    if (!choice) return;
    const now = this.store.filter();
    if (!holds(now, choice.filter)) {
      const { tab, ...rest } = now;
      const next: Filter = { ...rest, ...choice.filter };
      this.store.show(OUTSIDE_TABS.has(id) || !tab ? next : { tab, ...next }, this.store.sort());
      return;
    }
    const left: Filter = Object.fromEntries(Object.entries(now).filter(([name]) => !(name in choice.filter)));
    this.store.show(left.tab || !OUTSIDE_TABS.has(id) ? left : { tab: "all", ...left }, this.store.sort());
  }
}
