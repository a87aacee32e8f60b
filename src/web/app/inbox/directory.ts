/** Names behind ids: colleagues, teams and labels, and who of the colleagues is here. Loaded once, and again after a gap in the live events. */
import { computed, DestroyRef, inject, Service, signal } from "@angular/core";
import type { PresenceView } from "@server/events/catalog";
import type { AgentView, LabelView, TeamView } from "@server/events/view";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { LiveConnection } from "../live/live-connection";

@Service()
export class Directory {
  readonly #api = inject(ApiClient);
  readonly #agents = signal<readonly AgentView[]>([]);
  readonly #labels = signal<readonly LabelView[]>([]);

  readonly #teams = signal<readonly TeamView[]>([]);
  readonly #presence = signal<ReadonlyMap<string, PresenceView>>(new Map());

  readonly teams = this.#teams.asReadonly();
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
      live.on("team:updated", ({ team }) => this.#teams.update((all) => [...all.filter(({ id }) => id !== team.id), team])),
      live.on("team:removed", ({ team }) => this.#teams.update((all) => all.filter(({ id }) => id !== team))),
      live.on("presence:changed", ({ presence }) => this.#putPresence(presence)),
      // Passing events are never repeated.
      live.onOpen(() => void this.#loadPresence()),
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

  teamName(team: string | null): string | null {
    return team === null ? null : (this.#teams().find(({ id }) => id === team)?.name ?? null);
  }

  presenceOf(agent: string | null): PresenceView["state"] {
    return (agent && this.#presence().get(agent)?.state) || "offline";
  }

  /** Says that one is away, or back; told to everybody. */
  async sayPresence(state: "online" | "away"): Promise<void> {
    this.#putPresence(await this.#api.sayPresence(state));
  }

  async load(): Promise<void> {
    // Awaited: ApiFailure, also where the role may not see colleagues; ids then stay without a name.
    const [agents, labels, teams] = await Promise.all([
      this.#loadAgents().catch(() => null),
      this.#api.listLabels().catch(() => null),
      dataOf(this.#api.calls.teams.get()).catch(() => null),
    ]);
    if (agents) this.#agents.set(agents);
    if (labels) this.#labels.set(labels);
    if (teams) this.#teams.set(teams);
    await this.#loadPresence();
  }

  async #loadPresence(): Promise<void> {
    // Awaited: ApiFailure; everybody counts as offline then.
    const all = await this.#api.listPresence().catch(() => null);
    if (all) this.#presence.set(new Map(all.map((one) => [one.agent, one])));
  }

  #putPresence(presence: PresenceView): void {
    this.#presence.update((all) => new Map(all).set(presence.agent, presence));
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
