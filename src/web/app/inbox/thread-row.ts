/** What the thread shows line by line: day separators, and messages that know whether they continue a burst. */
import type { MessageView } from "@server/events/view";
import { dayKey, dayName } from "../ui/time-text";

export type ThreadRow =
  | { kind: "day"; key: string; label: string }
  | { kind: "message"; key: string; message: MessageView; continues: boolean };

/** Messages of one speaker closer than this look like one burst. */
const BURST_MS = 3 * 60_000;

const isSpoken = (message: MessageView): boolean => message.role !== "system" && !message.private;

export function rowsOf(messages: readonly MessageView[], now: number): ThreadRow[] {
  const rows: ThreadRow[] = [];
  let before: MessageView | null = null;
  for (const message of messages) {
    const isNewDay = !before || dayKey(before.createdAt) !== dayKey(message.createdAt);
    if (isNewDay) rows.push({ kind: "day", key: `day-${dayKey(message.createdAt)}`, label: dayName(message.createdAt, now) });
    const continues =
      !isNewDay &&
      before !== null &&
      isSpoken(before) &&
      isSpoken(message) &&
      before.role === message.role &&
      before.author === message.author &&
      Date.parse(message.createdAt) - Date.parse(before.createdAt) < BURST_MS &&
      message.aiRun === null;
    rows.push({ kind: "message", key: message.id, message, continues });
    before = message;
  }
  return rows;
}
