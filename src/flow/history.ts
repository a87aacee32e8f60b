/** What the assistant gets to read of a conversation: everything that was said since the summary. */
import type { HistoryEntry } from "../ai/context";
import type { Conversation } from "../features/conversations/conversation.model";
import type { Message } from "../features/messages/message.model";
import { inOrderWritten, type MessageService } from "../features/messages/message.service";
import { wordsOf } from "./hear";

/** More than compaction leaves standing; bounds what is read when it has failed for a while. */
const MOST = 60;

/** Messages since the summary, oldest first, without what has no text. */
export async function readHistory(messages: MessageService, { _id, summaryUpTo }: Conversation): Promise<Message[]> {
  return (await messages.listHistory(_id, MOST, summaryUpTo)).filter(saysSomething);
}

/** The messages that wait for an answer, and what was said before them, read at once where they are near each other. */
export async function readTurn(
  messages: MessageService,
  conversation: Conversation,
): Promise<{ fragments: Message[]; history: Message[] }> {
  const { _id, answeredSeq, inboundSeq, summaryUpTo } = conversation;
  const said = await messages.listHistory(_id, MOST, summaryUpTo);
  const isFragment = ({ inboundSeq: seq }: Message) => seq !== null && seq > answeredSeq && seq <= inboundSeq;
  const near = said.filter(isFragment).sort(inOrderWritten);
  const isAll = near.length === inboundSeq - answeredSeq;
  const fragments = isAll ? near : await messages.listUnanswered(_id, answeredSeq, inboundSeq);
  return { fragments, history: said.filter((one) => saysSomething(one) && !isFragment(one)) };
}

const saysSomething = (message: Message): boolean =>
  message.role !== "system" && wordsOf(message) !== "" && message.delivery?.state !== "cancelled";

export const toHistory = (messages: readonly Message[]): HistoryEntry[] =>
  messages.map((one) => ({
    role: one.role as "user" | "assistant" | "operator",
    text: wordsOf(one),
    at: one.sentAt.getTime(),
  }));
