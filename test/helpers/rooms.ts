/** The store on a real file, its models and the event log, without corridor and door: for tests of one part, and to look at what a stopped server left. */

import type { Clock } from "../../src/core/clock";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { EventBus, type PublishedEvent } from "../../src/events/bus";
import { counterModel, eventModel } from "../../src/events/event.model";
import { createEventLog } from "../../src/events/log";
import { agentModel } from "../../src/features/agents/agent.model";
import { loginAttemptModel } from "../../src/features/auth/login-attempt.model";
import { refreshTokenModel } from "../../src/features/auth/refresh-token.model";
import { sessionModel } from "../../src/features/auth/session.model";
import { channelModel } from "../../src/features/channels/channel.model";
import { contactModel } from "../../src/features/contacts/contact.model";
import { createContactService } from "../../src/features/contacts/contact.service";
import { conversationModel } from "../../src/features/conversations/conversation.model";
import { createConversationReach } from "../../src/features/conversations/conversation-reach";
import { mediaModel } from "../../src/features/media/media.model";
import { messageModel } from "../../src/features/messages/message.model";
import { templateModel } from "../../src/features/templates/template.model";
import { inboundEventModel, journalModel, laneModel, turnModel } from "../../src/flow";
import { openStore } from "../../src/store/connect";
import { syncIndexes } from "../../src/store/indexes";
import { tempDir } from "./temp-dir";

export interface RoomsOptions {
  clock?: Clock;
  /** An existing data directory; otherwise a new one that disappears. */
  dataDir?: string;
}

export type Rooms = Awaited<ReturnType<typeof openRooms>>;

export async function openRooms({ clock = systemClock, dataDir }: RoomsOptions = {}) {
  const own = dataDir === undefined ? tempDir() : null;
  const store = await openStore({ dataDir: dataDir ?? own?.path ?? "", log: silentLog, clock });
  const { connection } = store;
  const models = {
    events: eventModel(connection),
    counters: counterModel(connection),
    agents: agentModel(connection),
    sessions: sessionModel(connection),
    refreshTokens: refreshTokenModel(connection),
    loginAttempts: loginAttemptModel(connection),
    contacts: contactModel(connection),
    conversations: conversationModel(connection),
    messages: messageModel(connection),
    inboundEvents: inboundEventModel(connection),
    journal: journalModel(connection),
    channels: channelModel(connection),
    media: mediaModel(connection),
    templates: templateModel(connection),
    turns: turnModel(connection),
    lanes: laneModel(connection),
  };
  await syncIndexes(connection);
  const bus = new EventBus(silentLog);
  const published: PublishedEvent[] = [];
  const belongings = createConversationReach(models.conversations);
  const eventLog = createEventLog({ ...models, transaction: store.transaction, bus, belongings, clock });
  await eventLog.start();
  bus.subscribe((event) => void published.push(event));

  const contacts = createContactService({ contacts: models.contacts, clock });
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await store.close();
  };
  return {
    store,
    /** Takes the store away, as a failing disk would. */
    close,
    models,
    bus,
    eventLog,
    /** Every event heard since the rooms were opened. */
    published,
    services: { contacts },
    async [Symbol.asyncDispose]() {
      await close();
      own?.[Symbol.dispose]();
    },
  };
}
