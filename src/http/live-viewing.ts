/**
 * Who looks at which conversation: each connection at one at a time. Forgotten with the connection, or when it gives no sign of life.
 * Other processes tell theirs again and again, so that those of a process that died disappear.
 */
import type { Clock, Timer } from "../core/clock";
import type { Neighbours } from "../core/neighbours";
import type { EventBus } from "../events/bus";
import type { ViewerView } from "../events/catalog";

export interface ViewingDeps {
  bus: EventBus;
  neighbours: Neighbours;
  clock: Clock;
}

/** Clients send something every 25 s; a hidden tab once a minute. */
export const VIEWING_MS = 90_000;
const LOOK_EVERY_MS = 15_000;
const FOREIGN_MS = 4 * LOOK_EVERY_MS;
const TOLD = "viewing";

interface Look extends ViewerView {
  conversation: string;
  seenAt: number;
}

interface Foreign {
  viewers: ViewerView[];
  until: number;
}

export class LiveViewing {
  readonly #looks = new Map<string, Look>();
  readonly #seats = new Map<string, Set<string>>();
  /** By conversation, then by process. */
  readonly #foreign = new Map<string, Map<string, Foreign>>();
  /** Who was shown last, by conversation. */
  readonly #shown = new Map<string, string>();
  #timer: Timer | null = null;
  #unlisten = () => {};

  constructor(readonly deps: ViewingDeps) {}

  start(): void {
    const { neighbours, clock } = this.deps;
    this.#unlisten = neighbours.listen(
      TOLD,
      ({ conversation, viewers }: { conversation: string; viewers: ViewerView[] }, from) => {
        const known = this.#foreign.get(conversation) ?? new Map<string, Foreign>();
        if (viewers.length > 0) known.set(from, { viewers, until: clock.monotonic() + FOREIGN_MS });
        else known.delete(from);
        if (known.size > 0) this.#foreign.set(conversation, known);
        else this.#foreign.delete(conversation);
        this.#show(conversation);
        this.#watch();
      },
    );
  }

  stop(): void {
    this.#unlisten();
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** This connection looks at a conversation from now on, or at none. */
  look(seat: string, agent: string, conversation: string | null): void {
    const before = this.#looks.get(seat);
    if (before?.conversation === conversation) {
      this.touch(seat);
      return;
    }
    this.leave(seat);
    if (conversation === null) return;
    const { clock } = this.deps;
    const since = new Date(clock.now()).toISOString();
    this.#looks.set(seat, { agent, since, conversation, seenAt: clock.monotonic() });
    const seats = this.#seats.get(conversation) ?? new Set();
    this.#seats.set(conversation, seats.add(seat));
    this.#change(conversation);
    this.#watch();
  }

  touch(seat: string): void {
    const look = this.#looks.get(seat);
    if (look) look.seenAt = this.deps.clock.monotonic();
  }

  /** What this connection looks at. */
  of(seat: string): string | null {
    return this.#looks.get(seat)?.conversation ?? null;
  }

  leave(seat: string): void {
    const look = this.#looks.get(seat);
    if (!look) return;
    this.#looks.delete(seat);
    const seats = this.#seats.get(look.conversation);
    seats?.delete(seat);
    if (seats?.size === 0) this.#seats.delete(look.conversation);
    this.#change(look.conversation);
  }

  /** Everybody who looks, each once however many windows they have, who came first first. */
  viewersOf(conversation: string): ViewerView[] {
    const first = new Map<string, string>();
    const foreign = [...(this.#foreign.get(conversation)?.values() ?? [])].flatMap(({ viewers }) => viewers);
    for (const { agent, since } of [...this.#own(conversation), ...foreign]) {
      const known = first.get(agent);
      if (known === undefined || since < known) first.set(agent, since);
    }
    return [...first]
      .map(([agent, since]) => ({ agent, since }))
      .sort((a, b) => a.since.localeCompare(b.since) || a.agent.localeCompare(b.agent));
  }

  #own(conversation: string): ViewerView[] {
    return [...(this.#seats.get(conversation) ?? [])].flatMap((seat) => this.#looks.get(seat) ?? []);
  }

  #change(conversation: string): void {
    this.#tell(conversation);
    this.#show(conversation);
  }

  #tell(conversation: string): void {
    const viewers = this.#own(conversation).map(({ agent, since }) => ({ agent, since }));
    this.deps.neighbours.tell(TOLD, { conversation, viewers });
  }

  #show(conversation: string): void {
    const viewers = this.viewersOf(conversation);
    const who = viewers.map(({ agent }) => agent).join();
    if (who === (this.#shown.get(conversation) ?? "")) return;
    if (who === "") this.#shown.delete(conversation);
    else this.#shown.set(conversation, who);
    this.deps.bus.show("viewing:changed", { conversation, viewers });
  }

  #watch(): void {
    this.#timer ??= this.deps.clock.timer(LOOK_EVERY_MS, () => {
      this.#timer = null;
      this.#expire();
      for (const conversation of this.#seats.keys()) this.#tell(conversation);
      if (this.#looks.size > 0 || this.#foreign.size > 0) this.#watch();
    });
  }

  #expire(): void {
    const now = this.deps.clock.monotonic();
    for (const [seat, { seenAt }] of [...this.#looks]) if (seenAt + VIEWING_MS <= now) this.leave(seat);
    for (const [conversation, processes] of [...this.#foreign]) {
      for (const [process, { until }] of processes) if (until <= now) processes.delete(process);
      if (processes.size === 0) this.#foreign.delete(conversation);
      this.#show(conversation);
    }
  }
}
