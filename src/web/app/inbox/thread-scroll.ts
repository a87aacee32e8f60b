/**
 * Where a thread is scrolled to: at the newest message when it is opened, or where it was left; what comes in while somebody reads
 * further up is counted and moves nothing.
 */
import { afterRenderEffect, effect, signal, untracked } from "@angular/core";
import type { injectVirtualizer } from "@tanstack/angular-virtual";
import type { ThreadRow } from "./thread-row";
import type { ThreadStore } from "./thread-store";

/** Closer to the end than this counts as being there; closer to the top than that, older pages are loaded. */
export const NEAR_END = 60;
const NEAR_TOP = 600;
/** A message may be many pages up: it is looked for so far. */
const MOST_PAGES = 20;

export interface ScrollParts {
  store: ThreadStore;
  rows: () => readonly ThreadRow[];
  virtual: ReturnType<typeof injectVirtualizer<HTMLElement, HTMLElement>>;
  element: () => HTMLElement | undefined;
}

export class ThreadScroll {
  /** What came in while the reader was further up. */
  readonly unseen = signal(0);
  readonly isAway = signal(false);
  /** By conversation: the message at the top of the window when it was left further up. */
  readonly #left = new Map<string, string>();

  /** Made where effects can be. */
  constructor(private readonly parts: ScrollParts) {
    this.#open();
    this.#count();
  }

  toEnd(): void {
    this.unseen.set(0);
    this.parts.virtual.scrollToEnd();
  }

  look(): void {
    const element = this.parts.element();
    const id = this.parts.store.conversation()?.id;
    if (!element || !id) return;
    const left = this.#leftOf(element);
    this.isAway.set(left > NEAR_END * 4);
    if (left < NEAR_END) this.unseen.set(0);
    this.#keepPlace(id, element.scrollTop);
    if (element.scrollTop < NEAR_TOP && this.parts.store.hasOlder()) void this.parts.store.loadOlder();
  }

  /** Brings a message into sight, loading as far up as it takes; false when it is not there. */
  async goTo(message: () => string | undefined, align: "start" | "center"): Promise<boolean> {
    const { store, rows, virtual } = this.parts;
    const at = () => {
      const id = message();
      return id === undefined ? -1 : rows().findIndex(({ key }) => key === id);
    };
    for (let page = 0; at() < 0 && store.hasOlder() && page < MOST_PAGES; page++) await store.loadOlder();
    if (at() < 0) return false;
    virtual.scrollToIndex(at(), { align });
    return true;
  }

  #leftOf = ({ scrollHeight, scrollTop, clientHeight }: HTMLElement): number => scrollHeight - scrollTop - clientHeight;

  #keepPlace(id: string, top: number): void {
    const row = this.isAway() ? this.parts.virtual.getVirtualItems().find(({ end }) => end > top) : undefined;
    const shown = row ? this.parts.rows()[row.index] : undefined;
    if (shown?.kind === "message") this.#left.set(id, shown.key);
    else if (!row) this.#left.delete(id);
  }

  /** Once for each time that a conversation is opened. */
  #open(): void {
    const { store, rows, virtual } = this.parts;
    let shownFor: string | null = null;
    afterRenderEffect(() => {
      const id = store.conversation()?.id ?? null;
      const { length } = rows();
      if (id === shownFor || (length === 0 && id !== null)) return;
      shownFor = id;
      untracked(() => {
        this.unseen.set(0);
        this.isAway.set(false);
        const place = id ? this.#left.get(id) : undefined;
        if (id) virtual.scrollToEnd();
        // What is new comes before what was being read.
        if (place && store.unreadFrom() === null) void this.goTo(() => place, "start");
      });
    });
  }

  #count(): void {
    const { store } = this.parts;
    let last: string | undefined;
    let shownFor: string | undefined;
    effect(() => {
      const id = store.conversation()?.id;
      const newest = store.messages().at(-1)?.id;
      const isSame = id === shownFor && newest !== last && last !== undefined && newest !== undefined && newest > last;
      shownFor = id;
      last = newest;
      if (!isSame) return;
      untracked(() => {
        const element = this.parts.element();
        if (element && this.#leftOf(element) > NEAR_END) this.unseen.update((count) => count + 1);
      });
    });
  }
}
