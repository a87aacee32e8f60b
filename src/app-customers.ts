/** Everything around contacts and what is derived from the events: search, contacts, merges. Opened by app.ts. */

import { contactModels, openContactRooms } from "./app-contacts";
import { openSearch, type SearchRoomDeps } from "./app-search";
import type { FindActor } from "./core/actor";
import type { AuditPort } from "./features/audit/audit.service";
import { contactMergeModel } from "./features/contact-merges/contact-merge.model";
import { createContactMergeService } from "./features/contact-merges/contact-merge.service";
import { movableNotes } from "./features/contact-notes/contact-note.service";
import type { ContactService } from "./features/contacts/contact.service";
import type { ConversationService } from "./features/conversations/conversation.service";
import type { LabelService } from "./features/labels/label.service";
import type { MessageService } from "./features/messages/message.service";
import type { ReachService } from "./features/messages/reach.service";

type Connection = Parameters<typeof contactModels>[0];

/** Their indexes are made at start, so they are registered before. */
export const customerModels = (connection: Connection) => ({
  ...contactModels(connection),
  contactMerges: contactMergeModel(connection),
});

export interface CustomerDeps extends SearchRoomDeps {
  models: SearchRoomDeps["models"] & ReturnType<typeof customerModels>;
  contacts: ContactService;
  conversations: ConversationService;
  messages: MessageService;
  reach: ReachService;
  audit: AuditPort;
  findActor: FindActor;
  labels: Pick<LabelService, "assertKnown" | "listLabels">;
}

export async function openCustomers(deps: CustomerDeps) {
  const { models, contacts, conversations, messages, reach, audit, labels, eventLog, dataDir, clock, log } = deps;
  const { search, feed, close } = await openSearch(deps);
  const findByWords = search.findContacts;
  const rooms = openContactRooms({
    models,
    contacts,
    conversations,
    reach,
    findByWords,
    assertLabels: labels.assertKnown,
    findActor: deps.findActor,
    labelNames: async () => (await labels.listLabels()).map(({ name }) => name),
    dataDir,
    audit,
    log: eventLog,
    logger: log,
    clock,
  });
  return {
    services: {
      search,
      contactMerges: createContactMergeService({
        merges: models.contactMerges,
        history: models.contactHistory,
        notes: movableNotes(models.contactNotes),
        contacts,
        conversations,
        messages,
        audit,
        reach,
        log: eventLog,
        clock,
      }),
      ...rooms,
    },
    rebuildSearch: feed.rebuild,
    start() {
      feed.start();
      rooms.imports.start();
      rooms.contactLabels.start();
    },
    async close() {
      await rooms.imports.stop();
      await rooms.contactLabels.stop();
      await close();
    },
  };
}
