/** The store and the rooms on it, on a real file, without corridor and door: for tests of one part with a clock of their own. */

import { composeText, splitText } from "../../src/channels/whatsapp/compose";
import type { Clock } from "../../src/core/clock";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { EventBus, type PublishedEvent } from "../../src/events/bus";
import { counterModel, eventModel } from "../../src/events/event.model";
import { createEventLog } from "../../src/events/log";
import { agentModel } from "../../src/features/agents/agent.model";
import { createAgentService } from "../../src/features/agents/agent.service";
import { createAuthService } from "../../src/features/auth/auth.service";
import { refreshTokenModel } from "../../src/features/auth/refresh-token.model";
import { contactModel } from "../../src/features/contacts/contact.model";
import { createContactService } from "../../src/features/contacts/contact.service";
import { conversationModel } from "../../src/features/conversations/conversation.model";
import { createConversationService } from "../../src/features/conversations/conversation.service";
import { messageModel } from "../../src/features/messages/message.model";
import { createMessageService } from "../../src/features/messages/message.service";
import { createDeliveryService } from "../../src/features/messages/message-delivery.service";
import { inboundEventModel, laneModel, turnModel } from "../../src/flow";
import { openStore } from "../../src/store/connect";
import { syncIndexes } from "../../src/store/indexes";
import { tempDir } from "./temp-dir";

export interface RoomsOptions {
  clock?: Clock;
  /** An existing data directory; otherwise a new one that disappears. */
  dataDir?: string;
  assistantEnabled?: boolean;
}

export type Rooms = Awaited<ReturnType<typeof openRooms>>;

export async function openRooms({ clock = systemClock, dataDir, assistantEnabled = true }: RoomsOptions = {}) {
  const own = dataDir === undefined ? tempDir() : null;
  const store = await openStore({ dataDir: dataDir ?? own?.path ?? "", log: silentLog, clock });
  const { connection } = store;
  const models = {
    events: eventModel(connection),
    counters: counterModel(connection),
    agents: agentModel(connection),
    refreshTokens: refreshTokenModel(connection),
    contacts: contactModel(connection),
    conversations: conversationModel(connection),
    messages: messageModel(connection),
    inboundEvents: inboundEventModel(connection),
    turns: turnModel(connection),
    lanes: laneModel(connection),
  };
  await syncIndexes(connection);
  const bus = new EventBus(silentLog);
  const published: PublishedEvent[] = [];
  const eventLog = createEventLog({ ...models, transaction: store.transaction, bus, clock });
  await eventLog.start();
  bus.subscribe((event) => void published.push(event));

  const agents = createAgentService({ agents: models.agents, clock });
  const auth = createAuthService({ agents, tokens: models.refreshTokens, refreshTtlSeconds: 604_800, clock, log: silentLog });
  const contacts = createContactService({ contacts: models.contacts, clock });
  const conversations = createConversationService({
    conversations: models.conversations,
    log: eventLog,
    clock,
    assistantEnabled,
  });
  const compose = {
    split: splitText,
    text: ({ to, text, messageId }: Parameters<Parameters<typeof createMessageService>[0]["compose"]["text"]>[0]) =>
      composeText({
        to: { ...(to.waId ? { waId: to.waId } : {}), ...(to.userId ? { userId: to.userId } : {}) },
        text,
        callbackData: messageId,
      }),
  };
  const messages = createMessageService({ messages: models.messages, conversations, contacts, log: eventLog, compose, clock });
  const deliveries = createDeliveryService({ messages: models.messages, log: eventLog, clock });

  return {
    store,
    models,
    bus,
    eventLog,
    /** Every event heard since the rooms were opened. */
    published,
    services: { agents, auth, contacts, conversations, messages, deliveries },
    async [Symbol.asyncDispose]() {
      await store.close();
      own?.[Symbol.dispose]();
    },
  };
}
