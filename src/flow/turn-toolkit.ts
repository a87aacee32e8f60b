/** Opens the tools of a turn on what the company has set up now; read anew when that changes, and every few seconds at most. */
import type { Clock } from "../core/clock";
import type { EventBus } from "../events/bus";
import type { Contact } from "../features/contacts/contact.model";
import type { Conversation } from "../features/conversations/conversation.model";
import { openTurnTools, type ToolsDeps, type ToolWorld } from "./turn-tools";

export interface ToolkitDeps extends Omit<ToolsDeps, "now"> {
  loadWorld: () => Promise<ToolWorld>;
  bus: EventBus;
  clock: Clock;
}

export interface Toolkit {
  open(about: { conversation: Conversation; contact: Contact }): Promise<OpenToolkit>;
  stop(): void;
}

export interface OpenToolkit extends ReturnType<typeof openTurnTools> {
  /** Names of teams a hand-off may be for. */
  teams: string[];
  /** The id of the team of this name. */
  teamOf(name: string | undefined): string | null;
}

/** How long another process may go on with an old one. */
const KEPT_MS = 5_000;
const CHANGES = /^(label|team|attribute):|^(automation|settings):updated$/;

export function createToolkit({ loadWorld, bus, clock, ...deps }: ToolkitDeps): Toolkit {
  let known: { world: Promise<ToolWorld>; at: number } | null = null;
  const unsubscribe = bus.subscribe(({ event }) => {
    if (CHANGES.test(event)) known = null;
  });

  function world(): Promise<ToolWorld> {
    if (known && clock.monotonic() - known.at < KEPT_MS) return known.world;
    const loading = loadWorld();
    known = { world: loading, at: clock.monotonic() };
    loading.catch(() => {
      // The store fails for now: whoever waits is told, the next turn reads again.
      if (known?.world === loading) known = null;
    });
    return loading;
  }

  return {
    async open(about) {
      const now = await world();
      return {
        ...openTurnTools(now, about, { ...deps, now: clock.now }),
        teams: now.teams.map(({ name }) => name),
        teamOf: (name) => now.teams.find((team) => team.name === name)?.id ?? null,
      };
    },
    stop: unsubscribe,
  };
}
