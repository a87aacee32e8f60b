/** Merging two contacts, and taking it back. Everything moves in one transaction; nothing is deleted. */
import type { Static } from "@sinclair/typebox";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { EventLog } from "../../events/log";
import type { ContactService } from "../contacts/contact.service";
import type { ConversationService } from "../conversations/conversation.service";
import type { MessageService } from "../messages/message.service";
import type { ContactMerge, ContactMergeModel } from "./contact-merge.model";
import type { MergeView } from "./contact-merge.schema";

export interface ContactMergeService {
  /** Makes `sourceId` a part of `targetId`: identities, conversations and messages. */
  merge(targetId: string, sourceId: string, agentId: string): Promise<ContactMerge>;
  /** Moves back what this merge has moved. Conversations begun since then stay with the target. */
  undo(mergeId: string): Promise<ContactMerge>;
  /** The merges into a contact, the newest first. */
  listMerges(contactId: string): Promise<Static<typeof MergeView>[]>;
}

export interface ContactMergeDeps {
  merges: ContactMergeModel;
  contacts: ContactService;
  conversations: ConversationService;
  messages: MessageService;
  log: EventLog;
  clock: Clock;
}

const MOST_LISTED = 100;

export function createContactMergeService({
  merges,
  contacts,
  conversations,
  messages,
  log,
  clock,
}: ContactMergeDeps): ContactMergeService {
  return {
    async merge(targetId, sourceId, agentId) {
      if (targetId === sourceId) throw fail("contact.merge-self");
      return log.change(async (change) => {
        const [target, source] = [await contacts.getContact(targetId), await contacts.getContact(sourceId)];
        if (target.mergedInto || source.mergedInto) throw fail("contact.merged");
        const moved = await conversations.findByContact(sourceId, change.session);
        const identityKeys = source.identityKeys;
        await contacts.absorb(target, source, change);
        const { closed } = await conversations.moveToContact(moved, target, change);
        await messages.moveToContact(moved, targetId, change);
        const merge: ContactMerge = {
          _id: newId(clock.now()),
          target: targetId,
          source: sourceId,
          identityKeys,
          conversations: moved.map(({ _id }) => _id),
          closed,
          by: agentId,
          mergedAt: new Date(clock.now()),
          undoneAt: null,
        };
        await merges.collection.insertOne(merge as never, { session: change.session });
        return merge;
      });
    },

    async undo(mergeId) {
      return log.change(async (change) => {
        const merge = (await merges.findById(mergeId, null, { session: change.session }).lean()) as ContactMerge | null;
        if (!merge) throw fail("contact-merge.not-found");
        if (merge.undoneAt) throw fail("contact-merge.undone");
        const [target, source] = [await contacts.getContact(merge.target), await contacts.getContact(merge.source)];
        await contacts.restore(target, source, merge.identityKeys, change);
        const own = new Set(merge.conversations);
        const back = (await conversations.findByContact(merge.target, change.session)).filter(({ _id }) => own.has(_id));
        await conversations.moveToContact(back, source, change);
        for (const id of merge.closed) await conversations.update(id, { isOpen: true, status: "open" }, change);
        await messages.moveToContact(back, merge.source, change);
        const undoneAt = new Date(clock.now());
        await merges.collection.updateOne({ _id: mergeId as never }, { $set: { undoneAt } }, { session: change.session });
        return { ...merge, undoneAt };
      });
    },

    async listMerges(contactId) {
      const rows = await merges.find({ target: contactId }).sort({ _id: -1 }).limit(MOST_LISTED).lean();
      return (rows as ContactMerge[]).map(toMergeView);
    },
  };
}

export const toMergeView = (merge: ContactMerge): Static<typeof MergeView> => ({
  id: merge._id,
  target: merge.target,
  source: merge.source,
  conversations: merge.conversations.length,
  mergedAt: merge.mergedAt.toISOString(),
  undoneAt: merge.undoneAt?.toISOString() ?? null,
});
