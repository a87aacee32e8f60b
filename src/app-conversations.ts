/** Who writes, where it is talked about, and how far each agent has read it. Opened by app.ts. */
import type { Clock } from "./core/clock";
import type { EventLog } from "./events/log";
import type { ContactModel } from "./features/contacts/contact.model";
import { createContactService } from "./features/contacts/contact.service";
import type { ConversationModel } from "./features/conversations/conversation.model";
import { type ConversationDeps, createConversationService } from "./features/conversations/conversation.service";
import type { ConversationReach } from "./features/conversations/conversation-reach";
import type { MessageModel } from "./features/messages/message.model";
import type { ReadPositionModel } from "./features/read-positions/read-position.model";
import { createReadPositionService } from "./features/read-positions/read-position.service";

export interface TalkDeps extends Required<Pick<ConversationDeps, "assistantEnabled" | "readReceipt">> {
  models: {
    contacts: ContactModel;
    conversations: ConversationModel;
    messages: MessageModel;
    readPositions: ReadPositionModel;
  };
  places: ConversationReach;
  eventLog: EventLog;
  clock: Clock;
}

export function openTalk({ models, places, eventLog: log, clock, assistantEnabled, readReceipt }: TalkDeps) {
  const positions = createReadPositionService({
    positions: models.readPositions,
    messages: models.messages,
    places,
    log,
    clock,
  });
  const conversations = createConversationService({
    conversations: models.conversations,
    log,
    clock,
    assistantEnabled,
    readReceipt,
    positions,
  });
  return { contacts: createContactService({ contacts: models.contacts, clock }), conversations, positions };
}
