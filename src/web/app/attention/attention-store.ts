/** How much needs a person's decision, by kind: sends, events, rules, webhooks. Only what the role may act on is counted. */
import { computed, effect, inject, Service, signal, untracked } from "@angular/core";
import type { Problem } from "@server/features/references/reference.schema";
import type { EndpointView } from "@server/features/webhook-endpoints/webhook-endpoint.schema";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type Cancelable, Clock } from "../clock";
import { LiveConnection } from "../live/live-connection";
import { Permissions } from "../settings/permissions";

export const ATTENTION_NEEDS = ["messages.send", "dead-letters.manage", "automation.manage", "webhooks.manage"] as const;

/** Statuses come in hundreds: they are counted again at most this often. */
const SOON_MS = 2_000;
/** No event tells of what could not be processed. */
const AGAIN_MS = 60_000;
const MOST = 100;

@Service()
export class AttentionStore {
  readonly #calls = inject(ApiClient).calls;
  readonly #clock = inject(Clock);
  readonly #permissions = inject(Permissions);
  readonly #sends = signal(0);
  readonly #deadLetters = signal(0);
  readonly #problems = signal<readonly Problem[]>([]);
  readonly #endpoints = signal<readonly EndpointView[]>([]);
  #soon: Cancelable | null = null;
  #again: Cancelable | null = null;

  /** Rules and settings that name what has gone. */
  readonly problems = this.#problems.asReadonly();
  /** Webhooks that get nothing. */
  readonly endpoints = this.#endpoints.asReadonly();
  readonly count = computed(() => this.#sends() + this.#deadLetters() + this.#problems().length + this.#endpoints().length);
  /** As a badge has room for it. */
  readonly badge = computed(() => (this.count() >= MOST ? `${MOST - 1}+` : String(this.count())));

  constructor() {
    const live = inject(LiveConnection);
    live.on("message:status", ({ delivery }) => {
      if (delivery?.state !== "sending") this.#lookSoon();
    });
    live.on("webhook-endpoint:changed", () => this.#lookSoon());
    live.onGap(() => this.#lookSoon());
    // Whoever signs in next may do other things.
    effect(() => {
      const isKnown = this.#permissions.isKnown();
      untracked(() => (isKnown ? void this.load() : this.#forget()));
    });
  }

  /** Counts anew. What cannot be asked now keeps its count. */
  async load(): Promise<void> {
    this.#again?.cancel();
    const may = (name: string) => this.#permissions.may(name);
    await Promise.all([
      may("messages.send") && may("conversations.read") && this.#countSends(),
      may("dead-letters.manage") && this.#countDeadLetters(),
      may("automation.manage") && this.#findProblems(),
      may("webhooks.manage") && this.#findEndpoints(),
    ]);
    this.#again = this.#clock.timer(AGAIN_MS, () => void this.load());
  }

  #forget(): void {
    this.#sends.set(0);
    this.#deadLetters.set(0);
    this.#problems.set([]);
    this.#endpoints.set([]);
  }

  async #countSends(): Promise<void> {
    // Awaited: ApiFailure; so below.
    const counts = await dataOf(this.#calls.deliveries.counts.get()).catch(() => null);
    if (counts) this.#sends.set(counts.unknown + counts.failed);
  }

  async #countDeadLetters(): Promise<void> {
    const page = await pageOf(this.#calls["dead-letters"].get({ query: { limit: MOST } })).catch(() => null);
    if (page) this.#deadLetters.set(page.items.length);
  }

  async #findProblems(): Promise<void> {
    const problems = await dataOf(this.#calls["automation-problems"].get()).catch(() => null);
    if (problems) this.#problems.set(problems);
  }

  async #findEndpoints(): Promise<void> {
    const all = await dataOf(this.#calls["webhook-endpoints"].get()).catch(() => null);
    if (all) this.#endpoints.set(all.filter(({ state }) => state !== "active"));
  }

  #lookSoon(): void {
    this.#soon ??= this.#clock.timer(SOON_MS, () => {
      this.#soon = null;
      void this.load();
    });
  }
}
