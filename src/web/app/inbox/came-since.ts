/** What a customer has said since an agent began to write. */
import type { MessageView } from "@server/events/view";

/** The thread at that moment. */
export interface WritingStart {
  known: ReadonlySet<string>;
  oldest: string | undefined;
}

type Said = Pick<MessageView, "id" | "direction">;

/** `messages`: those on the screen, oldest first. */
export const writingStart = (messages: readonly Said[]): WritingStart => ({
  known: new Set(messages.map(({ id }) => id)),
  oldest: messages[0]?.id,
});

/** How many have come in. Older ones that were scrolled into sight meanwhile are not new. */
export function cameSince({ known, oldest }: WritingStart, messages: readonly Said[]): number {
  const from = messages.findIndex(({ id }) => id === oldest);
  return messages.filter(({ id, direction }, at) => at >= from && direction === "inbound" && !known.has(id)).length;
}
