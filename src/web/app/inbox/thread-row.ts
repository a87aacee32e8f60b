/** What the thread shows line by line: day separators, the line of the unread, messages that know their burst, and what is on its way. */
import type { MessageView } from "@server/events/view";
import { dayKey, dayName } from "../ui/time-text";
import { isActivity } from "./message-kind";
import type { PendingReply } from "./reply-outbox";

export type ThreadRow =
  | { kind: "day"; key: string; label: string }
  | { kind: "unread"; key: string; count: number }
  | { kind: "message"; key: string; message: MessageView; continues: boolean }
  | { kind: "pending"; key: string; reply: PendingReply }
  | { kind: "typing"; key: string; who: "customer" | "assistant" };

export interface ThreadContent {
  messages: readonly MessageView[];
  pending?: readonly PendingReply[];
  writer?: "customer" | "assistant" | null;
  /** Id of the first message that was unread. */
  unreadFrom?: string | null;
}

/** Messages of one speaker closer than this look like one burst. */
const BURST_MS = 3 * 60_000;

/** Our reaction is shown on the message it is about; only one that did not arrive has something to say of its own. */
const isOnlyReaction = ({ type, direction, delivery }: MessageView): boolean =>
  type === "reaction" && direction === "outbound" && delivery?.state !== "failed";

const isSpoken = (message: MessageView): boolean => !isActivity(message) && !message.private;

export function rowsOf({ messages, pending = [], writer = null, unreadFrom = null }: ThreadContent, now: number): ThreadRow[] {
  const rows: ThreadRow[] = [];
  let before: MessageView | null = null;
  for (const message of messages) {
    if (isOnlyReaction(message)) continue;
    const isNewDay = !before || dayKey(before.createdAt) !== dayKey(message.createdAt);
    if (isNewDay) rows.push({ kind: "day", key: `day-${dayKey(message.createdAt)}`, label: dayName(message.createdAt, now) });
    if (message.id === unreadFrom) {
      const from = messages.indexOf(message);
      rows.push({
        kind: "unread",
        key: "unread",
        count: messages.slice(from).filter(({ direction }) => direction === "inbound").length,
      });
    }
    const continues =
      !isNewDay &&
      before !== null &&
      message.id !== unreadFrom &&
      isSpoken(before) &&
      isSpoken(message) &&
      before.role === message.role &&
      before.author === message.author &&
      before.rule?.id === message.rule?.id &&
      Date.parse(message.createdAt) - Date.parse(before.createdAt) < BURST_MS &&
      message.aiRun === null;
    rows.push({ kind: "message", key: message.id, message, continues });
    before = message;
  }
  for (const reply of pending) rows.push({ kind: "pending", key: reply.key, reply });
  if (writer) rows.push({ kind: "typing", key: "typing", who: writer });
  return rows;
}
