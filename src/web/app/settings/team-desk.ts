/** How the teams are doing and how they are given their conversations: loads, queues, and the assignment settings. */
import { computed, inject, Service, signal } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type Cancelable, Clock } from "../clock";

export const STRATEGIES = ["manual", "round-robin", "least-busy"] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** A team that is given its conversations in its own way. */
export interface TeamWay {
  team: string;
  strategy: Strategy;
  isSticky?: boolean;
  capacity?: number | null;
}

interface AssignmentState {
  version: number;
  strategy: Strategy;
  ways: readonly TeamWay[];
}

interface AssignmentGroup {
  group: string;
  version: number;
  values: { strategy: Strategy; teams: TeamWay[] };
}

export interface Load {
  agent: string;
  load: number;
  capacity: number | null;
}

const LOOK_AGAIN_MS = 15_000;

@Service({ autoProvided: false })
export class TeamDesk {
  readonly #api = inject(ApiClient);
  readonly #clock = inject(Clock);
  readonly #loads = signal<ReadonlyMap<string, Load>>(new Map());
  readonly #waiting = signal<ReadonlyMap<string, number>>(new Map());
  readonly #assignment = signal<AssignmentState | null>(null);
  #next: Cancelable | null = null;
  #isStopped = false;

  /** The way of all who have none of their own; null where the role may not see it. */
  readonly strategy = computed(() => this.#assignment()?.strategy ?? null);
  loadOf = (agent: string): Load | null => this.#loads().get(agent) ?? null;
  /** How many wait in the queue of a team; null: of no team. */
  waitingIn = (team: string | null): number => this.#waiting().get(team ?? "") ?? 0;
  wayOf = (team: string): TeamWay | null => this.#assignment()?.ways.find((one) => one.team === team) ?? null;

  /** Looks now, and again and again until `stop`. */
  async watch(): Promise<void> {
    await Promise.all([this.look(), this.loadWays()]);
    this.#again();
  }

  stop(): void {
    this.#isStopped = true;
    this.#next?.cancel();
  }

  async look(): Promise<void> {
    const { assignment } = this.#api.calls;
    // Awaited: ApiFailure; what was known stays, and the next look asks again.
    const [loads, queue] = await Promise.all([
      dataOf(assignment.load.get()).catch(() => null),
      dataOf(assignment.queue.get({ query: {} })).catch(() => null),
    ]);
    if (loads) this.#loads.set(new Map(loads.map((one) => [one.agent, one])));
    if (!queue) return;
    const counts = new Map<string, number>();
    for (const { team } of queue) counts.set(team ?? "", (counts.get(team ?? "") ?? 0) + 1);
    this.#waiting.set(counts);
  }

  async loadWays(): Promise<void> {
    // Awaited: ApiFailure; the cards then say nothing of it.
    const groups = await dataOf(this.#api.calls.settings.get()).catch(() => null);
    // A group that the role may not see is not in the list.
    const group = (groups as unknown as readonly AssignmentGroup[] | null)?.find((one) => one.group === "assignment");
    if (!group) return;
    const { version, values } = group;
    this.#assignment.set({ version, strategy: values.strategy, ways: values.teams });
  }

  /** Gives a team its own way, or takes it away. Throws ApiFailure; somebody else's change is read then. */
  async setWay(team: string, way: Omit<TeamWay, "team"> | null): Promise<void> {
    const state = this.#assignment();
    if (!state) return;
    const others = state.ways.filter((one) => one.team !== team);
    const teams = way ? [...others, { team, ...way }] : others;
    try {
      await this.#api.patchSettings("assignment", { version: state.version, values: { teams } });
    } finally {
      await this.loadWays();
    }
  }

  #again(): void {
    if (this.#isStopped) return;
    this.#next = this.#clock.timer(LOOK_AGAIN_MS, () => void this.look().then(() => this.#again()));
  }
}
