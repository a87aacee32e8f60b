/** Names behind ids: colleagues and labels. Loaded once, and again after a gap in the live events. */
import { computed, DestroyRef, inject, Service, signal } from "@angular/core";
import type { AgentView, LabelView } from "@server/events/view";
import { ApiClient } from "../api/api-client";
import { LiveConnection } from "../live/live-connection";

@Service()
export class Directory {
  readonly #api = inject(ApiClient);
  readonly #agents = signal<readonly AgentView[]>([]);
  readonly #labels = signal<readonly LabelView[]>([]);

  readonly agents = this.#agents.asReadonly();
  readonly labels = this.#labels.asReadonly();
  readonly #names = computed(() => new Map(this.#agents().map(({ id, name }) => [id, name])));

  constructor() {
    const live = inject(LiveConnection);
    const offs = [
      live.on("label:updated", ({ label }) =>
        this.#labels.update((all) =>
          [...all.filter(({ id }) => id !== label.id), label].sort((a, b) => a.name.localeCompare(b.name)),
        ),
      ),
      live.on("label:removed", ({ label }) => this.#labels.update((all) => all.filter(({ id }) => id !== label))),
      live.on("agent:updated", ({ agent }) => this.#agents.update((all) => [...all.filter(({ id }) => id !== agent.id), agent])),
      live.onGap(() => void this.load()),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
    });
    void this.load();
  }

  nameOf(agent: string | null): string | null {
    return agent === null ? null : (this.#names().get(agent) ?? null);
  }

  async load(): Promise<void> {
    // Awaited: ApiFailure, also where the role may not see colleagues; ids then stay without a name.
    const [agents, labels] = await Promise.all([this.#loadAgents().catch(() => null), this.#api.listLabels().catch(() => null)]);
    if (agents) this.#agents.set(agents);
    if (labels) this.#labels.set(labels);
  }

  async #loadAgents(): Promise<AgentView[]> {
    const all: AgentView[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#api.listAgents(cursor);
      all.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor);
    return all;
  }
}
