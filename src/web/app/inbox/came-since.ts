/** What a customer has said since an agent began to write. */
import { computed, signal } from "@angular/core";
import type { MessageView } from "@server/events/view";

/** The thread at that moment; or the moment alone, where the writing was begun in another window or before the page was loaded. */
export type WritingStart = { known: ReadonlySet<string>; oldest: string | undefined } | { since: string };

type Said = Pick<MessageView, "id" | "direction" | "createdAt">;

/** `messages`: those on the screen, oldest first. */
export const writingStart = (messages: readonly Said[]): WritingStart => ({
  known: new Set(messages.map(({ id }) => id)),
  oldest: messages[0]?.id,
});

/** How many have come in. Older ones that were scrolled into sight meanwhile are not new. */
export function cameSince(start: WritingStart, messages: readonly Said[]): number {
  const said = messages.filter(({ direction }) => direction === "inbound");
  if ("since" in start) return said.filter(({ createdAt }) => Date.parse(createdAt) > Date.parse(start.since)).length;
  const from = messages.findIndex(({ id }) => id === start.oldest);
  return said.filter((one) => messages.indexOf(one) >= from && !start.known.has(one.id)).length;
}

/** Counts what comes in while somebody writes. What they have looked at meanwhile is not told of again. */
export class WritingWatch {
  readonly #start = signal<WritingStart | null>(null);
  /** By conversation: up to when it has been looked at. */
  readonly #looked = new Map<string, string>();
  readonly count = computed(() => {
    const start = this.#start();
    return start ? cameSince(start, this.messages()) : 0;
  });
  /** Something is written. */
  readonly isOn = computed(() => this.#start() !== null);

  /** `begunAt`: when what is written in a conversation was begun, if it was kept before. */
  constructor(
    private readonly messages: () => readonly MessageView[],
    private readonly begunAt: (conversation: string) => string | null,
  ) {}

  /** Nothing is written any more. */
  end(): void {
    this.#start.set(null);
  }

  /** Something is written: it may have been begun earlier, in whatever window. */
  begin(conversation: string): void {
    if (this.#start()) return;
    const begunAt = this.begunAt(conversation);
    const since = begunAt && [begunAt, this.#looked.get(conversation) ?? ""].sort().at(-1);
    this.#start.set(since ? { since } : writingStart(this.messages()));
  }

  /** Counts from here. */
  look(): void {
    const newest = this.messages().at(-1);
    if (newest) this.#looked.set(newest.conversation, newest.createdAt);
    this.#start.set(writingStart(this.messages()));
  }
}
