/** What the assistant gets to read of a conversation: everything that was said since the summary. */
import type { HistoryEntry } from "../ai/context";
import type { Conversation } from "../features/conversations/conversation.model";
import type { Message } from "../features/messages/message.model";
import type { MessageService } from "../features/messages/message.service";

/** More than compaction leaves standing; bounds what is read when it has failed for a while. */
const MOST = 60;

/** Messages since the summary, oldest first, without what has no text. */
export async function readHistory(messages: MessageService, { _id, summaryUpTo }: Conversation): Promise<Message[]> {
  const found = await messages.listHistory(_id, MOST, summaryUpTo);
  return found.filter(({ role, content, delivery }) => role !== "system" && content !== "" && delivery?.state !== "cancelled");
}

export const toHistory = (messages: readonly Message[]): HistoryEntry[] =>
  messages.map(({ role, content, sentAt }) => ({
    role: role as "user" | "assistant" | "operator",
    text: content,
    at: sentAt.getTime(),
  }));
