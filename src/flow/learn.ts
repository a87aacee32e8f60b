/** What a refusal says about the customer and not only about the message: WhatsApp's word about window and opt-out counts. */
import { windowExpiresAt } from "../channels/whatsapp/window";
import type { Clock } from "../core/clock";
import type { Change } from "../events/log";
import type { ContactService } from "../features/contacts/contact.service";
import type { ConversationService } from "../features/conversations/conversation.service";
import type { DeliveryError, Message } from "../features/messages/message.model";

/** Meta's codes (facts §3.6). */
const WINDOW_CLOSED = 131_047;
const STOPPED_MARKETING = 131_050;

export interface LearnDeps {
  contacts: Pick<ContactService, "setOptOutOf">;
  conversations: Pick<ConversationService, "findConversation" | "update">;
  clock: Clock;
}

export type Learn = (message: Message, error: DeliveryError | null | undefined, change: Change) => Promise<void>;

export function createLearn({ contacts, conversations, clock }: LearnDeps): Learn {
  /** The window is over, unless the customer has written since this message left: then the news is about an earlier one. */
  async function closeWindow({ conversation: id, delivery, createdAt }: Message, change: Change): Promise<void> {
    const conversation = await conversations.findConversation(id, change.session);
    const expires = conversation?.windowExpiresAt?.getTime() ?? 0;
    const triedAt = (delivery?.intentAt ?? createdAt).getTime();
    if (expires <= clock.now() || expires > windowExpiresAt(triedAt)) return;
    await conversations.update(id, { windowExpiresAt: new Date(clock.now()) }, change);
  }

  return async (message, error, change) => {
    if (error?.code === WINDOW_CLOSED) await closeWindow(message, change);
    if (error?.code === STOPPED_MARKETING) await contacts.setOptOutOf(message.contact, new Date(clock.now()), "whatsapp", change);
  };
}
