/** The search room: the index in its thread, what feeds it, and what asks it. */
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import type { EventBus } from "./events/bus";
import type { EventModel } from "./events/event.model";
import type { EventLog } from "./events/log";
import type { ContactNoteModel } from "./features/contact-notes/contact-note.model";
import type { ContactModel } from "./features/contacts/contact.model";
import type { ConversationModel } from "./features/conversations/conversation.model";
import type { MessageModel } from "./features/messages/message.model";
import { createSearchService } from "./features/search/search.service";
import { createSearchFeed } from "./features/search/search-feed.service";
import { openSearchIndex } from "./store/search/search-index";

export interface SearchRoomDeps {
  dataDir: string;
  models: {
    contacts: ContactModel;
    conversations: ConversationModel;
    messages: MessageModel;
    contactNotes: ContactNoteModel;
    events: EventModel;
  };
  bus: EventBus;
  eventLog: EventLog;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

export async function openSearch({ dataDir, models, bus, eventLog, isAlone, clock, log }: SearchRoomDeps) {
  const part = log.child({ part: "search" });
  const index = openSearchIndex({ dataDir, clock, log: part });
  const feed = createSearchFeed({ ...models, index, bus, isAlone, clock, log: part });
  const search = createSearchService({ ...models, index, feed, bus, log: eventLog, clock });
  return {
    search,
    feed,
    async close() {
      await feed.stop();
      await index.close();
    },
  };
}
