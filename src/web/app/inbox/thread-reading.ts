/**
 * How far this person has read the open conversation. It is their own, and the same in every window of theirs: what colleagues have
 * seen changes nothing of it. What was marked as unread stays so until it is opened again.
 */
import { signal } from "@angular/core";
import type { ReadPositionView } from "@server/events/reading-view";
import type { ConversationView, MessageView } from "@server/events/view";
import { recallHere, rememberHere } from "../browser-memory";

type Said = Pick<MessageView, "id" | "role">;

const LINE = "chasqui.unread-line";

/** The last message of the customer; ids are in the order of the thread. */
export const newestOf = (messages: readonly Said[]): string | null =>
  messages.findLast(({ role }) => role === "user")?.id ?? null;

/**
 * The message that the line of the unread stands above; null for none. `messages` are those that are loaded, oldest first; `unseen`
 * is how many nobody at all has seen, which is all there is to go by in a long thread that this person opens for the first time.
 */
export function unreadFrom(
  messages: readonly Said[],
  { place, unseen, isWhole }: { place: ReadPositionView | null; unseen: number; isWhole: boolean },
): string | null {
  const said = messages.filter(({ role }) => role === "user");
  const read = place?.message ?? null;
  if (read !== null) return said.find(({ id }) => id > read)?.id ?? null;
  const count = place && isWhole ? place.unread : unseen;
  return count > 0 ? (said[Math.max(0, said.length - count)]?.id ?? null) : null;
}

export class ThreadReading {
  readonly #place = signal<ReadPositionView | null>(null);
  readonly #isHeld = signal(false);
  /** It was marked as unread while it was open. */
  readonly isHeld = this.#isHeld.asReadonly();

  /** What is known when a conversation is opened; null when the server did not say. */
  begin(place: ReadPositionView | null): void {
    this.#place.set(place);
    this.#isHeld.set(false);
  }

  /** Opened once more. */
  release(): void {
    this.#isHeld.set(false);
  }

  /** Whether the customer has said something that this person has not seen. */
  isBehind(messages: readonly Said[]): boolean {
    const place = this.#place();
    const newest = newestOf(messages);
    return place !== null && newest !== null && newest > (place.message ?? "");
  }

  /** Everything up to here has been seen in this window. */
  reach(message: string | null): void {
    this.#place.update((place) => (place && message && message > (place.message ?? "") ? { ...place, message } : place));
  }

  /** Another window of the same person has read on, or wants to have it unread. */
  hear(place: ReadPositionView): void {
    const before = this.#place()?.message ?? "";
    if ((place.message ?? "") < before) this.#isHeld.set(true);
    this.#place.set(place);
  }

  /** Nothing has come in, and yet it is unread: somebody wants it so. */
  judge(before: ConversationView, after: ConversationView): void {
    if (after.unreadCount === 0) this.#isHeld.set(false);
    else if (before.unreadCount === 0 && after.inboundSeq === before.inboundSeq && after.lastMessageAt === before.lastMessageAt)
      this.#isHeld.set(true);
  }
}

/** The line stays where it was when the page is loaded anew. */
export function keptLine(conversation: string): string | null {
  const [kept, message] = (recallHere(LINE) ?? "").split(" ");
  return kept === conversation && message ? message : null;
}

export const keepLine = (conversation: string, message: string | null): void =>
  rememberHere(LINE, message === null ? null : `${conversation} ${message}`);
