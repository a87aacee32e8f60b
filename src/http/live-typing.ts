/** Who types where. It ends by itself: a client that falls silent in the middle of a word must not type for ever. */
import type { Clock, Timer } from "../core/clock";
import type { EventBus } from "../events/bus";

/** Clients repeat it before that while somebody goes on typing; what WhatsApp shows to customers lasts as long. */
export const TYPING_MS = 25_000;
/** Repeated to those who listen no more often than this. */
const REPEAT_MS = 3_000;

interface Typing {
  seat: string;
  agent: string;
  conversation: string;
  shownAt: number;
  end: Timer;
}

export class LiveTyping {
  readonly #typing = new Map<string, Typing>();

  constructor(readonly deps: { bus: EventBus; clock: Clock }) {}

  on(seat: string, agent: string, conversation: string): void {
    const { clock } = this.deps;
    const key = `${seat} ${conversation}`;
    const known = this.#typing.get(key);
    known?.end.cancel();
    const isShown = known !== undefined && known.shownAt + REPEAT_MS > clock.monotonic();
    const end = clock.timer(TYPING_MS, () => this.off(seat, conversation));
    const shownAt = isShown ? known.shownAt : clock.monotonic();
    this.#typing.set(key, { seat, agent, conversation, shownAt, end });
    if (!isShown) this.#show(agent, conversation, true);
  }

  off(seat: string, conversation: string): void {
    const key = `${seat} ${conversation}`;
    const known = this.#typing.get(key);
    if (!known) return;
    known.end.cancel();
    this.#typing.delete(key);
    // Another window of theirs may go on.
    if (!this.whoTypesIn(conversation).includes(known.agent)) this.#show(known.agent, conversation, false);
  }

  /** The connection is gone, or may not write there any more. */
  leave(seat: string): void {
    for (const typing of [...this.#typing.values()]) if (typing.seat === seat) this.off(seat, typing.conversation);
  }

  whoTypesIn(conversation: string): string[] {
    const agents = [...this.#typing.values()].filter((one) => one.conversation === conversation).map(({ agent }) => agent);
    return [...new Set(agents)];
  }

  stop(): void {
    for (const { end } of this.#typing.values()) end.cancel();
    this.#typing.clear();
  }

  #show(agent: string, conversation: string, on: boolean): void {
    this.deps.bus.pass("typing:indicator", { conversation, by: "agent", agent, on });
  }
}
