/**
 * News that are neither message nor status. What concerns customers has its effect here; what concerns templates and numbers is
 * handed to their rooms; everything else is recorded as it came, which is all there is to do.
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
import type { DeliveryState, Message } from "../features/messages/message.model";
import { type MessageService, wamidKey } from "../features/messages/message.service";
import type { IngestHandlers, ReceivedEvent } from "./ingest";
import { withVariants } from "./ingest-messages";
import { toStoredMessage } from "./stored-message";

/** A room that wants to hear of notices, such as templates. Runs in the transaction that records the notice. */
export type NoticeListener = (event: NoticeEvent, change: Change) => Promise<void>;

export interface IngestNoticesDeps {
  contacts: ContactService;
  conversations: ConversationService;
  messages: MessageService;
  listeners: readonly NoticeListener[];
  sourceOf: (channel: string) => string;
  clock: Clock;
}

export function createIngestNotices(deps: IngestNoticesDeps): IngestHandlers["notices"] {
  const { contacts, conversations, messages, listeners, sourceOf, clock } = deps;

  return async (received, change) => {
    for (const one of received as readonly ReceivedEvent<NoticeEvent>[]) {
      await affect(one, change);
      for (const listener of listeners) await listener(one.event, change);
    }
  };

  async function affect({ event, requestId }: ReceivedEvent<NoticeEvent>, change: Change): Promise<void> {
    switch (event.name) {
      case "user:preference": {
        const { customer, value } = event.payload;
        const wantsNone = value?.toLowerCase() === "stop";
        return void (await contacts.setOptOut(
          withVariants(customer),
          wantsNone ? new Date(event.at) : null,
          "preference",
          change,
        ));
      }
      case "user:id": {
        const { previous, current } = event.payload;
        if (previous && current) await contacts.migrate({ userId: previous }, { userId: current }, change);
        return;
      }
      case "contact:sync": {
        const { action, phoneNumber, fullName, firstName } = event.payload;
        const name = fullName ?? firstName;
        if (action === "add" && phoneNumber && name) await contacts.rename(withVariants({ waId: phoneNumber }), name, change);
        return;
      }
      case "call":
        return event.payload.direction === "USER_INITIATED" ? openWindow(event, change) : undefined;
      case "history":
        return keep(event, event.payload.messages, requestId, change);
      case "standby:message":
        return keep(event, [event.payload], requestId, change);
    }
  }

  /** A call by the customer opens or refreshes the 24 hours, as a message does. */
  async function openWindow(event: NoticeEvent & { name: "call" }, change: Change): Promise<void> {
    const contact = await contacts.findBySender(withVariants(event.payload.customer));
    if (!contact) return;
    const [conversation] = await conversations.openConversations(
      [{ contact, channel: event.channel, source: sourceOf(event.channel) }],
      change.session,
    );
    if (conversation)
      await conversations.update(
        conversation._id,
        { windowExpiresAt: new Date(windowExpiresAt(Math.min(event.at, clock.now()))) },
        change,
      );
  }

  /** Messages of another time or owner: they stand in the thread at their own time and are never answered. */
  async function keep(event: NoticeEvent, found: readonly HistoryMessage[], requestId: string, change: Change): Promise<void> {
    const known = await messages.findByWamids(
      found.flatMap(({ wamid }) => (wamid ? [{ channel: event.channel, wamid }] : [])),
      change.session,
    );
    const fresh = found
      .filter(({ wamid }) => wamid && !known.has(wamidKey(event.channel, wamid)))
      .map((one) => ({ ...one, at: Math.min(one.at ?? event.at, clock.now()) }))
      .sort((a, b) => a.at - b.at);
    if (fresh.length === 0) return;
    const people = await contacts.resolveSenders(
      fresh.map(({ customer, at }) => ({ sender: withVariants(customer), at })),
      change,
    );
    const talks = await conversations.openConversations(
      people.map((contact) => ({ contact, channel: event.channel, source: sourceOf(event.channel) })),
      change.session,
    );
    const docs = fresh.map((one, index) => toKept(one, event, people[index] as Contact, talks[index] as Conversation, requestId));
    await messages.storeInbound(docs, change);
    await conversations.saveAll(talks, change, requestId);
  }

  function toKept(
    one: HistoryMessage & { at: number },
    event: NoticeEvent,
    contact: Contact,
    conversation: Conversation,
    requestId: string,
  ): Message {
    const base = { key: "", channel: event.channel, at: one.at, raw: event.raw, wamid: one.wamid ?? "", content: one.content };
    const talk: MessageEvent | EchoEvent =
      one.direction === "outbound"
        ? { ...base, kind: "echo", recipient: one.customer }
        : { ...base, kind: "message", sender: one.customer, answerable: false };
    if (conversation.lastMessage === null || conversation.lastMessageAt.getTime() <= one.at) {
      conversation.lastMessageAt = new Date(one.at);
      conversation.lastMessage = previewOf({
        text: one.content.text,
        type: one.content.type,
        role: one.direction === "outbound" ? "operator" : "user",
        direction: one.direction,
      });
    }
    const message = toStoredMessage(talk, { contact, conversation, requestId, now: clock.now() });
    const delivery = message.delivery ? { ...message.delivery, state: stateOf(one.status) } : null;
    return { ...message, _id: idAt(one.at), delivery };
  }
}

const STATES: Record<string, DeliveryState> = {
  DELIVERED: "delivered",
  READ: "read",
  PLAYED: "played",
  ERROR: "failed",
  FAILED: "failed",
};
const stateOf = (status: string | undefined): DeliveryState => STATES[status?.toUpperCase() ?? ""] ?? "sent";
