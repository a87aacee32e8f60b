/** What the customer had asked when an answer came: the messages just before it, in the order they were written. */
import type { MessageView } from "@server/events/view";

type Said = Pick<MessageView, "id" | "role" | "content">;

/** How far before an answer its question is looked for. */
const WITHIN = 20;

/** Empty when nothing of it is on the screen. */
export function questionBefore(answer: string, messages: readonly Said[]): string {
  const at = messages.findIndex(({ id }) => id === answer);
  const before = messages.slice(Math.max(0, at - WITHIN), Math.max(0, at)).reverse();
  const from = before.findIndex(({ role }) => role === "user");
  if (from < 0) return "";
  const until = before.findIndex(({ role }, index) => index > from && role !== "user");
  return before
    .slice(from, until < 0 ? undefined : until)
    .reverse()
    .map(({ content }) => content)
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
}
