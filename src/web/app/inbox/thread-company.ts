/** Who else is at a conversation: who writes to us at this moment, and colleagues who look at it or write in it. */
import { signal } from "@angular/core";
import type { Cancelable, Clock } from "../clock";
import type { EventData } from "../live/live-frame";

/** A typing sign whose end got lost goes away by itself. */
const TYPING_MS = 25_000;

export class ThreadCompany {
  readonly #writer = signal<"customer" | "assistant" | null>(null);
  readonly #viewers = signal<readonly string[]>([]);
  readonly #typists = signal<readonly string[]>([]);
  readonly writer = this.#writer.asReadonly();
  readonly viewers = this.#viewers.asReadonly();
  readonly typists = this.#typists.asReadonly();
  #writerEnd: Cancelable | null = null;
  readonly #typistEnds = new Map<string, Cancelable>();

  constructor(private readonly clock: Clock) {}

  hear({ by, agent, on }: EventData<"typing:indicator">): void {
    if (by === "agent") {
      if (agent) this.#showTypist(agent, on);
      return;
    }
    this.#writerEnd?.cancel();
    this.#writer.set(on ? by : null);
    if (on) this.#writerEnd = this.clock.timer(TYPING_MS, () => this.#writer.set(null));
  }

  see(viewers: readonly string[]): void {
    this.#viewers.set(viewers);
  }

  /** Somebody has said what they were writing. */
  said(by: "customer" | "business"): void {
    if (by === "customer" ? this.#writer() === "customer" : this.#writer() !== "customer") this.#writer.set(null);
  }

  /** Another conversation is looked at. */
  clear(): void {
    this.#writerEnd?.cancel();
    for (const end of this.#typistEnds.values()) end.cancel();
    this.#typistEnds.clear();
    this.#writer.set(null);
    this.#viewers.set([]);
    this.#typists.set([]);
  }

  #showTypist(agent: string, on: boolean): void {
    this.#typistEnds.get(agent)?.cancel();
    this.#typists.update((all) => [...all.filter((one) => one !== agent), ...(on ? [agent] : [])]);
    if (on)
      this.#typistEnds.set(
        agent,
        this.clock.timer(TYPING_MS, () => this.#showTypist(agent, false)),
      );
  }
}
