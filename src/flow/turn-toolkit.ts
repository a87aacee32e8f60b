/** Opens the tools of a turn on what the company has set up now; read anew when that changes, and every few seconds at most. */
import type { Clock } from "../core/clock";
import type { EventBus } from "../events/bus";
import type { AiTool } from "../features/ai-tools/ai-tool.model";
import type { AiToolCallService, CallAbout, Confirmed } from "../features/ai-tools/ai-tool-call.service";
import type { Contact } from "../features/contacts/contact.model";
import type { Conversation } from "../features/conversations/conversation.model";
import type { Message } from "../features/messages/message.model";
import { httpTools } from "./turn-http-tools";
import { openTurnTools, type ToolsDeps, type ToolWorld } from "./turn-tools";

export interface ToolkitDeps extends Omit<ToolsDeps, "now"> {
  loadWorld: () => Promise<ToolWorld>;
  /** Tools an admin has defined, as they are now. */
  adminTools: () => readonly AiTool[];
  calls: Pick<AiToolCallService, "call" | "settle">;
  bus: EventBus;
  clock: Clock;
}

export interface Toolkit {
  open(about: { turn: string; conversation: Conversation; contact: Contact }): Promise<OpenToolkit>;
  /** What the customer has decided about calls they were asked to confirm; confirmed ones are made here, once. */
  settle(
    about: { turn: string; conversation: Conversation; fragments: readonly Message[] },
    signal: AbortSignal,
  ): Promise<Confirmed[]>;
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

const callAbout = (turn: string, { _id, contact, answeredSeq }: Conversation): CallAbout => ({
  conversation: _id,
  contact,
  turn,
  answeredSeq,
});

export function createToolkit({ loadWorld, adminTools, calls, bus, clock, ...deps }: ToolkitDeps): Toolkit {
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
    async open({ turn, ...about }) {
      const now = await world();
      const opened = openTurnTools(now, about, { ...deps, now: () => clock.now() });
      const own = httpTools(adminTools(), {
        ...opened,
        calls,
        about: callAbout(turn, about.conversation),
        language: about.contact.language,
      });
      return {
        ...opened,
        tools: [...opened.tools, ...own],
        teams: now.teams.map(({ name }) => name),
        teamOf: (name) => now.teams.find((team) => team.name === name)?.id ?? null,
      };
    },
    async settle({ turn, conversation, fragments }, signal) {
      const settled: Confirmed[] = [];
      for (const { type, payload } of fragments) {
        if (type !== "interactive" || payload.kind !== "button_reply" || typeof payload.id !== "string") continue;
        const one = await calls.settle(payload.id, callAbout(turn, conversation), signal);
        if (one) settled.push(one);
      }
      return settled;
    },
    stop: unsubscribe,
  };
}
