/** What a customer has said since an agent began to write. */
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
