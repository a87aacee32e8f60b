/**
 * Messages of another time or of another owner of the thread: what was said before this number was connected, and what the Meta
 * Business Agent handles. They stand in the thread at their own time and are never answered.
 */
import type { EchoEvent, MessageEvent, NoticeEvent } from "../channels/whatsapp/inbound";
import type { HistoryMessage } from "../channels/whatsapp/inbound-notice";
import { windowExpiresAt } from "../channels/whatsapp/window";
import type { Clock } from "../core/clock";
import { idAt } from "../core/id";
import type { Change } from "../events/log";
import type { Contact } from "../features/contacts/contact.model";
import type { ContactService } from "../features/contacts/contact.service";
import type { Conversation } from "../features/conversations/conversation.model";
import { type ConversationService, previewOf } from "../features/conversations/conversation.service";
import type { DeliveryState } from "../features/messages/message.model";
import { type MessageService, wamidKey } from "../features/messages/message.service";
import { withVariants } from "./ingest-identity";
import { openThread } from "./ingest-thread";
import { earlierIdOf, toStoredMessage } from "./stored-message";

export interface KeptDeps {
  contacts: ContactService;
  conversations: ConversationService;
  messages: MessageService;
  sourceOf: (channel: string) => string;
  clock: Clock;
}

type Kept = HistoryMessage & { at: number; channel: string };

export function createKeepMessages({ contacts, conversations, messages, sourceOf, clock }: KeptDeps) {
  return async (event: NoticeEvent, found: readonly HistoryMessage[], requestId: string, change: Change): Promise<void> => {
    const { channel } = event;
    const all = found.map((one): Kept => ({ ...one, channel, at: Math.min(one.at ?? event.at, clock.now()) }));
    const thread = await openThread(all, messages, change);
    const fresh = onlyOnce(all)
      .filter(thread.isNew)
      .sort((a, b) => a.at - b.at);
    if (fresh.length === 0) return;
    const people = await contacts.resolveSenders(
      fresh.map(({ customer, at }) => ({ sender: withVariants(customer), at })),
      change,
    );
    const talks = await conversations.openConversations(
      people.map((contact) => ({ contact, channel, source: sourceOf(channel) })),
      change.session,
    );
    for (const [index, one] of fresh.entries()) {
      const [contact, conversation] = [people[index] as Contact, talks[index] as Conversation];
      move(conversation, one);
      const talk = toTalk(one);
      const message = toStoredMessage(talk, { contact, conversation, requestId, now: clock.now() });
      const delivery = message.delivery ? { ...message.delivery, state: stateOf(one.status) } : null;
      await thread.file(talk, { ...message, _id: idAt(one.at), delivery });
    }
    await thread.store();
    await conversations.saveAll(talks, change, requestId);
  };

  function move(conversation: Conversation, one: Kept): void {
    const { type, text } = one.content;
    const isAboutEarlier = earlierIdOf(one.content) !== undefined || type === "reaction";
    if (!isAboutEarlier && (conversation.lastMessage === null || conversation.lastMessageAt.getTime() <= one.at)) {
      const isOurs = one.direction === "outbound";
      conversation.lastMessageAt = new Date(one.at);
      conversation.lastMessage = previewOf({ text, type, role: isOurs ? "operator" : "user", direction: one.direction });
    }
    // Whoever answers: the customer has written, so the 24 hours run.
    const opens = one.direction === "inbound" && one.groupId === undefined && type !== "system" && !isAboutEarlier;
    const expires = new Date(windowExpiresAt(one.at));
    if (opens && (!conversation.windowExpiresAt || conversation.windowExpiresAt < expires))
      conversation.windowExpiresAt = expires;
  }
}

function toTalk(one: Kept): MessageEvent | EchoEvent {
  const { channel, at, wamid, content, context, referral, groupId, errors } = one;
  const raw = one.raw ?? null;
  const base = { key: "", channel, at, raw, wamid, content, ...(context ? { context } : {}), ...(errors ? { errors } : {}) };
  if (one.direction === "outbound") return { ...base, kind: "echo", recipient: one.customer };
  const extra = { ...(referral ? { referral } : {}), ...(groupId ? { groupId } : {}) };
  return { ...base, ...extra, kind: "message", sender: one.customer, answerable: false };
}

function onlyOnce(found: readonly Kept[]): Kept[] {
  return [...new Map(found.map((one) => [wamidKey(one.channel, one.wamid), one])).values()];
}

const STATES: Record<string, DeliveryState> = {
  DELIVERED: "delivered",
  READ: "read",
  PLAYED: "played",
  ERROR: "failed",
  FAILED: "failed",
};
const stateOf = (status: string | undefined): DeliveryState => STATES[status?.toUpperCase() ?? ""] ?? "sent";
