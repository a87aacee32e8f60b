/** The rooms around contacts: attributes, edits, lists, notes, segments, suggested duplicates, timeline. */
import type mongoose from "mongoose";
import { numberVariants } from "./channels/whatsapp/phone-variant";
import type { Actor, FindActor } from "./core/actor";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import type { EventLog } from "./events/log";
import { type AttributeModel, attributeModel } from "./features/attributes/attribute.model";
import { createAttributeService } from "./features/attributes/attribute.service";
import type { AuditPort } from "./features/audit/audit.service";
import { createContactDuplicates } from "./features/contact-duplicates/contact-duplicate.service";
import type { ContactMergeModel } from "./features/contact-merges/contact-merge.model";
import { type ContactNoteModel, contactNoteModel } from "./features/contact-notes/contact-note.model";
import { createContactNoteService } from "./features/contact-notes/contact-note.service";
import { createContactTimeline } from "./features/contact-timeline/contact-timeline.service";
import type { ContactModel } from "./features/contacts/contact.model";
import type { ContactService } from "./features/contacts/contact.service";
import { type ContactEditDeps, createContactEditService } from "./features/contacts/contact-edit.service";
import { type ContactHistoryModel, contactHistoryModel } from "./features/contacts/contact-history.model";
import { createContactLabelService } from "./features/contacts/contact-label.service";
import { type ContactLabelRemovalModel, contactLabelRemovalModel } from "./features/contacts/contact-label-removal.model";
import { createContactListService } from "./features/contacts/contact-list.service";
import type { ConversationModel } from "./features/conversations/conversation.model";
import { type ConversationService, SILENCED } from "./features/conversations/conversation.service";
import { createExportService } from "./features/exports/export.service";
import { type ContactImportModel, contactImportModel } from "./features/imports/import.model";
import { createImportService } from "./features/imports/import.service";
import { createImportFiles } from "./features/imports/import-file";
import { createWriteContacts } from "./features/imports/import-write";
import type { MessageModel } from "./features/messages/message.model";
import type { ReachService } from "./features/messages/reach.service";
import { type SegmentModel, segmentModel } from "./features/segments/segment.model";
import { createSegmentService, segmentFilters } from "./features/segments/segment.service";

export interface ContactModels {
  contactImports: ContactImportModel;
  attributes: AttributeModel;
  contactLabelRemovals: ContactLabelRemovalModel;
  contactHistory: ContactHistoryModel;
  contactNotes: ContactNoteModel;
  segments: SegmentModel;
}

/** Their indexes are made at start, so they are registered before. */
export const contactModels = (connection: mongoose.Connection): ContactModels => ({
  contactImports: contactImportModel(connection),
  attributes: attributeModel(connection),
  contactLabelRemovals: contactLabelRemovalModel(connection),
  contactHistory: contactHistoryModel(connection),
  contactNotes: contactNoteModel(connection),
  segments: segmentModel(connection),
});

export interface ContactRoomsDeps {
  models: ContactModels & {
    contacts: ContactModel;
    contactMerges: ContactMergeModel;
    conversations: ConversationModel;
    messages: MessageModel;
  };
  contacts: ContactService;
  conversations: ConversationService;
  reach: ReachService;
  dataDir: string;
  labelNames: () => Promise<string[]>;
  logger: Log;
  findActor: FindActor;
  findByWords: (words: string, actor: Actor) => Promise<string[]>;
  assertLabels: (names: readonly string[]) => Promise<void>;
  audit: AuditPort;
  log: EventLog;
  clock: Clock;
}

export function openContactRooms(deps: ContactRoomsDeps) {
  const { models, contacts, conversations, reach, findByWords, assertLabels, labelNames, dataDir, audit, log, logger, clock } =
    deps;
  const attributes = createAttributeService({ attributes: models.attributes, log, clock });
  const edits = createContactEditService({
    contacts,
    history: models.contactHistory,
    attributes,
    reach,
    assertLabels,
    silence: createSilence(conversations, clock),
    numberVariants,
    log,
    clock,
  });
  const lists = createContactListService({ contacts: models.contacts, reach, findByWords });
  const filterOfSegment = segmentFilters(models.segments);
  return {
    attributes,
    contactRooms: { contacts, edits, lists, reach, filterOfSegment },
    exports: createExportService({ ...models, attributes, lists, filterOfSegment, reach, findActor: deps.findActor, audit }),
    imports: createImportService({
      imports: models.contactImports,
      attributes,
      files: createImportFiles(dataDir),
      write: createWriteContacts({ contacts, edits, numberVariants, clock }),
      labelNames,
      findActor: deps.findActor,
      audit,
      log,
      logger,
      clock,
    }),
    contactLabels: createContactLabelService({
      removals: models.contactLabelRemovals,
      model: models.contacts,
      contacts,
      log,
      logger,
      clock,
    }),
    contactNotes: createContactNoteService({ notes: models.contactNotes, contacts, reach, log, clock }),
    segments: createSegmentService({ segments: models.segments, lists, clock }),
    duplicates: createContactDuplicates({ contacts: models.contacts, reach, numberVariants }),
    timeline: createContactTimeline({
      contacts,
      history: models.contactHistory,
      conversations: models.conversations,
      messages: models.messages,
      merges: models.contactMerges,
      reach,
    }),
  };
}

/** Blocking ends every open talk with the contact at once, an answer that is being written included. */
const createSilence =
  (conversations: ConversationService, clock: Clock): ContactEditDeps["silence"] =>
  async (contact, isBlocked, actor, change) => {
    const ended = { ...SILENCED, batch: null, unreadCount: 0, resolvedAt: new Date(clock.now()), resolvedBy: actor.id };
    for (const { _id, isOpen } of await conversations.findByContact(contact, change.session)) {
      const fields = !isBlocked ? { isMuted: false } : isOpen ? ended : { isMuted: true };
      await conversations.update(_id, fields, change, { epoch: 1 });
    }
  };
