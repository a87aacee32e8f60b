/**
 * The list of conversations: pages by key, and live changes put where they belong. Pages and events go through one updater,
 * so that a list that was scrolled, filtered and changed meanwhile is what the server would answer anew.
 */
import { computed, DestroyRef, inject, Service, signal } from "@angular/core";
import type { ConversationView } from "@server/events/view";
import type { ConversationAction } from "@server/features/conversation-actions/conversation-action.schema";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { recall, remember } from "../browser-memory";
import { type Cancelable, Clock } from "../clock";
import { LiveConnection } from "../live/live-connection";
import type { EventData } from "../live/live-frame";
import { Session } from "../session/session";
import { type Filter, isListed, orderOf, placeOf, type Sort, TABS, type Tab, toQuery } from "./list-query";

const PAGE = 60;
/** Counts are asked for at most this often while much happens. */
const COUNT_MS = 1_500;
const TYPING_MS = 25_000;
const TAB_KEY = "chasqui.tab";

type Counts = Record<Tab, number>;

@Service()
export class ConversationListStore {
  readonly #api = inject(ApiClient);
  readonly #live = inject(LiveConnection);
  readonly #clock = inject(Clock);
  readonly #session = inject(Session);

  readonly #filter = signal<Filter>({ tab: keptTab() });
  readonly #sort = signal<Sort | null>(null);
  readonly #rows = signal<readonly ConversationView[]>([]);
  readonly #next = signal<string | null>(null);
  readonly #phase = signal<"loading" | "ready">("loading");
  readonly #failure = signal<ApiFailure | null>(null);
  readonly #counts = signal<Counts | null>(null);
  readonly #typing = signal<ReadonlyMap<string, "customer" | "assistant">>(new Map());
  readonly #typingEnds = new Map<string, Cancelable>();
  readonly #undelivered = signal<ReadonlySet<string>>(new Set());
  #isLoadingMore = false;
  #asked = 0;
  #countTimer: Cancelable | null = null;

  readonly filter = this.#filter.asReadonly();
  readonly sort = this.#sort.asReadonly();
  readonly rows = this.#rows.asReadonly();
  readonly phase = this.#phase.asReadonly();
  readonly failure = this.#failure.asReadonly();
  readonly counts = this.#counts.asReadonly();
  readonly typing = this.#typing.asReadonly();
  /** Conversations with a message that did not arrive and that nobody has looked at. */
  readonly undelivered = this.#undelivered.asReadonly();
  readonly hasMore = computed(() => this.#next() !== null);
  readonly isFiltered = computed(() => Object.keys(this.#filter()).some((name) => name !== "tab"));
  readonly #order = computed(() => orderOf(this.#sort(), this.#filter().tab));

  constructor() {
    const offs = [
      this.#live.on("conversation:updated", ({ conversation }) => this.upsert(conversation)),
      this.#live.on("conversation:left", ({ conversation }) => this.#remove(conversation)),
      this.#live.on("typing:indicator", (typing) => this.#showTyping(typing)),
      this.#live.on("message:new", ({ message }) => this.#endTyping(message.conversation)),
      this.#live.on("message:status", ({ delivery }) => {
        if (delivery?.state === "failed" || delivery?.needsDecision) void this.#loadUndelivered();
      }),
      this.#live.onGap(() => void this.load()),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
    });
  }

  /** Loads the first page; what is shown stays until it is there. */
  async load(): Promise<void> {
    const asked = ++this.#asked;
    this.#failure.set(null);
    this.#soonCount();
    void this.#loadUndelivered();
    try {
      const page = await this.#api.listConversations({ ...toQuery(this.#filter(), this.#sort()), limit: PAGE });
      if (asked !== this.#asked) return;
      this.#rows.set(page.items);
      this.#next.set(page.next);
      this.#phase.set("ready");
    } catch (error) {
      // Awaited: ApiFailure, shown with a way to try again.
      if (asked === this.#asked) this.#failure.set(asFailure(error));
    }
  }

  async loadMore(): Promise<void> {
    const cursor = this.#next();
    if (!cursor || this.#isLoadingMore) return;
    const asked = this.#asked;
    this.#isLoadingMore = true;
    try {
      const page = await this.#api.listConversations({ ...toQuery(this.#filter(), this.#sort()), limit: PAGE, cursor });
      if (asked !== this.#asked) return;
      // What moved up by an event while the page was read may come a second time.
      const known = new Set(this.#rows().map(({ id }) => id));
      this.#rows.update((rows) => [...rows, ...page.items.filter(({ id }) => !known.has(id))]);
      this.#next.set(page.next);
    } catch (error) {
      // Awaited: ApiFailure, shown at the end of the list.
      if (asked === this.#asked) this.#failure.set(asFailure(error));
    } finally {
      this.#isLoadingMore = false;
    }
  }

  chooseTab(tab: Tab): void {
    remember(TAB_KEY, tab);
    this.show({ ...this.#filter(), tab }, this.#sort());
  }

  show(filter: Filter, sort: Sort | null): void {
    this.#filter.set(filter);
    this.#sort.set(sort);
    this.#rows.set([]);
    this.#next.set(null);
    this.#phase.set("loading");
    void this.load();
  }

  /** A conversation is new or has changed: it moves to where it belongs, or leaves. */
  upsert(conversation: ConversationView): void {
    const me = this.#session.agent()?.id ?? "";
    const rows = [...this.#rows()];
    const known = rows.findIndex(({ id }) => id === conversation.id);
    if (known >= 0) {
      // Answers and events overtake each other: the older version says nothing new.
      if ((rows[known]?.version ?? 0) > conversation.version) return;
      rows.splice(known, 1);
    }
    this.#soonCount();
    if (isListed(conversation, this.#filter(), me, this.#clock.now())) {
      const place = placeOf(rows, conversation, this.#order());
      // Below the last loaded row it comes with its page.
      if (place < rows.length || !this.#next()) rows.splice(place, 0, conversation);
    }
    this.#rows.set(rows);
  }

  /** It has left what this person may see. */
  #remove(id: string): void {
    this.#rows.update((rows) => rows.filter((row) => row.id !== id));
    this.#soonCount();
  }

  /** Does something to a conversation of the list and shows what the server answers. Throws ApiFailure. */
  async act(id: string, actions: ConversationAction[]): Promise<ConversationView> {
    const changed = await this.#api.act(id, actions);
    this.upsert(changed);
    return changed;
  }

  /** The row after or before another one; the first when that one is not shown. */
  neighbour(id: string | null, step: 1 | -1): ConversationView | null {
    const rows = this.#rows();
    const at = rows.findIndex((row) => row.id === id);
    if (at < 0) return rows[0] ?? null;
    return rows[at + step] ?? null;
  }

  #soonCount(): void {
    this.#countTimer ??= this.#clock.timer(this.#counts() ? COUNT_MS : 0, () => {
      this.#countTimer = null;
      void this.#count();
    });
  }

  async #count(): Promise<void> {
    // Awaited: ApiFailure; the counts stay as they were, the list says what is wrong.
    const counts = await this.#api.countTabs().catch(() => null);
    if (counts) this.#counts.set(counts);
  }

  async #loadUndelivered(): Promise<void> {
    // Awaited: ApiFailure, also where the role may not see sends; the rows then say less.
    const pages = await Promise.all([this.#api.listUnresolved("failed"), this.#api.listUnresolved("unknown")]).catch(() => []);
    this.#undelivered.set(new Set(pages.flatMap(({ items }) => items.map(({ conversation }) => conversation))));
  }

  #showTyping({ conversation, by, on }: EventData<"typing:indicator">): void {
    if (by === "agent") return;
    this.#endTyping(conversation);
    if (!on) return;
    this.#typingEnds.set(
      conversation,
      this.#clock.timer(TYPING_MS, () => this.#endTyping(conversation)),
    );
    this.#typing.update((known) => new Map(known).set(conversation, by));
  }

  #endTyping(conversation: string): void {
    this.#typingEnds.get(conversation)?.cancel();
    this.#typingEnds.delete(conversation);
    if (!this.#typing().has(conversation)) return;
    this.#typing.update((known) => {
      const left = new Map(known);
      left.delete(conversation);
      return left;
    });
  }
}

function keptTab(): Tab {
  const kept = recall(TAB_KEY);
  return TABS.find((tab) => tab === kept) ?? "all";
}
