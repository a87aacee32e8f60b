/** What is going on now: what waits and for how long, who is here, what nobody has decided. Follows the live events. */
import { computed, DestroyRef, inject, Service, signal } from "@angular/core";
import type { ConversationView } from "@server/events/view";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { type Cancelable, Clock } from "../clock";
import { LiveConnection } from "../live/live-connection";
import { Permissions } from "../settings/permissions";

export interface AgentLoad {
  agent: string;
  name: string;
  state: "online" | "away" | "offline";
  load: number;
  capacity: number | null;
}
interface Counts {
  all: number;
  unassigned: number;
  waiting: number;
}
interface Undecided {
  unknown: number;
  failed: number;
}
interface Place {
  waitingSince: string;
}

/** Much may happen at once: it is looked at again at most this often. */
const LOOK_MS = 2_000;

@Service({ autoProvided: false })
export class NowStore {
  readonly #api = inject(ApiClient);
  readonly #calls = this.#api.calls;
  readonly #clock = inject(Clock);
  readonly #permissions = inject(Permissions);
  readonly #failure = signal<ApiFailure | null>(null);
  readonly #counts = signal<Counts | null>(null);
  readonly #longest = signal<ConversationView | null>(null);
  readonly #queue = signal<readonly Place[]>([]);
  readonly #loads = signal<readonly AgentLoad[] | null>(null);
  readonly #undecided = signal<Undecided | null>(null);
  #timer: Cancelable | null = null;

  readonly failure = this.#failure.asReadonly();
  readonly counts = this.#counts.asReadonly();
  /** The conversation whose customer waits longest. */
  readonly longest = this.#longest.asReadonly();
  readonly undecided = this.#undecided.asReadonly();
  /** Null where the role may not see colleagues. */
  readonly loads = this.#loads.asReadonly();
  /** How many wait for a person, and since when the first of them does. */
  readonly queue = computed(() => ({
    count: this.#queue().length,
    since: this.#queue().reduce<string | null>(
      (oldest, { waitingSince }) => (oldest !== null && oldest < waitingSince ? oldest : waitingSince),
      null,
    ),
  }));
  readonly people = computed(() => {
    const loads = this.#loads();
    if (!loads) return null;
    const online = loads.filter(({ state }) => state === "online");
    const limited = online.filter(({ capacity }) => capacity !== null);
    const places = limited.reduce((sum, { capacity }) => sum + (capacity ?? 0), 0);
    const free = limited.reduce((sum, { capacity, load }) => sum + Math.max(0, (capacity ?? 0) - load), 0);
    return { online: online.length, all: loads.length, free, places: limited.length === online.length ? places : null };
  });

  constructor() {
    const live = inject(LiveConnection);
    const soon = () => this.#soon();
    const offs = [
      live.on("conversation:updated", soon),
      live.on("conversation:left", soon),
      live.on("presence:changed", soon),
      live.on("message:status", ({ delivery }) => {
        if (delivery?.state === "failed" || delivery?.state === "unknown") soon();
      }),
      live.onGap(soon),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
      this.#timer?.cancel();
    });
  }

  async load(): Promise<void> {
    try {
      const [counts, waiting, queue, loads, undecided] = await Promise.all([
        this.#api.countTabs(),
        this.#api.listConversations({ tab: "waiting", limit: 1 }),
        dataOf(this.#calls.assignment.queue.get({ query: {} })),
        this.#permissions.may("agents.read") ? dataOf(this.#calls.assignment.load.get()) : null,
        dataOf(this.#calls.deliveries.counts.get()),
      ]);
      this.#counts.set(counts);
      this.#longest.set(waiting.items[0] ?? null);
      this.#queue.set(queue);
      this.#loads.set(loads);
      this.#undecided.set(undecided);
      this.#failure.set(null);
    } catch (error) {
      // Awaited: ApiFailure, also where the role may not see conversations.
      this.#failure.set(asFailure(error));
    }
  }

  #soon(): void {
    this.#timer ??= this.#clock.timer(LOOK_MS, () => {
      this.#timer = null;
      void this.load();
    });
  }
}
