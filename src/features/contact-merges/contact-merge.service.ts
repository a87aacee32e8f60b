/** Merging two contacts, and taking it back. Everything moves in one transaction; nothing is deleted. */
import type { Static } from "@sinclair/typebox";
import type { Actor } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Change, EventLog } from "../../events/log";
import type { Contact } from "../contacts/contact.model";
import type { ContactService } from "../contacts/contact.service";
import type { ConversationService } from "../conversations/conversation.service";
import type { MessageService } from "../messages/message.service";
import type { ReachService } from "../messages/reach.service";
import type { ContactMerge, ContactMergeModel } from "./contact-merge.model";
import type { MergeView } from "./contact-merge.schema";

export interface ContactMergeService {
  /** Makes `sourceId` a part of `targetId`: identities, conversations and messages. */
  merge(targetId: string, sourceId: string, actor: Actor): Promise<ContactMerge>;
  /** The same in the caller's transaction; `by` says who or what knows that they are one person. */
  mergeIn(target: Contact, source: Contact, by: string, change: Change): Promise<ContactMerge>;
  /** Moves back what this merge has moved. Conversations begun since then stay with the target. */
  undo(mergeId: string, actor: Actor): Promise<ContactMerge>;
  /** The merges into a contact, the newest first. */
  listMerges(contactId: string, actor: Actor): Promise<Static<typeof MergeView>[]>;
}

export interface ContactMergeDeps {
  merges: ContactMergeModel;
  contacts: ContactService;
  conversations: ConversationService;
  messages: MessageService;
  reach: Pick<ReachService, "assertContact">;
  log: EventLog;
  clock: Clock;
}

const MOST_LISTED = 100;

export function createContactMergeService({
  merges,
  contacts,
  conversations,
  messages,
  reach,
  log,
  clock,
}: ContactMergeDeps): ContactMergeService {
  const service: ContactMergeService = {
    async merge(targetId, sourceId, actor) {
      if (targetId === sourceId) throw fail("contact.merge-self");
      for (const id of [targetId, sourceId]) await reach.assertContact(id, actor);
      return log.change(async (change) => {
        const [target, source] = [
          await contacts.getContact(targetId, change.session),
          await contacts.getContact(sourceId, change.session),
        ];
        if (target.mergedInto || source.mergedInto) throw fail("contact.merged");
        return service.mergeIn(target, source, actor.id, change);
      });
    },

    async mergeIn(target, source, by, change) {
      const moved = await conversations.findByContact(source._id, change.session);
      const identityKeys = source.identityKeys;
      const taken = await contacts.absorb(target, source, change);
      const { closed } = await conversations.moveToContact(moved, target, change);
      await messages.moveToContact(moved, target._id, change);
      const merge: ContactMerge = {
        _id: newId(clock.now()),
        target: target._id,
        source: source._id,
        identityKeys,
        taken,
        conversations: moved.map(({ _id }) => _id),
        closed,
        by,
        mergedAt: new Date(clock.now()),
        undoneAt: null,
      };
      await merges.collection.insertOne(merge as never, { session: change.session });
      change.emit("contact:merged", { contact: target._id, source: source._id });
      return merge;
    },

    async undo(mergeId, actor) {
      const known = (await merges.findById(mergeId).lean()) as ContactMerge | null;
      if (known) await reach.assertContact(known.target, actor);
      return log.change(async (change) => {
        const merge = (await merges.findById(mergeId, null, { session: change.session }).lean()) as ContactMerge | null;
        if (!merge) throw fail("contact-merge.not-found");
        if (merge.undoneAt) throw fail("contact-merge.undone");
        const [target, source] = [
          await contacts.getContact(merge.target, change.session),
          await contacts.getContact(merge.source, change.session),
        ];
        // What was merged on is taken back first: until then the keys are held by somebody else.
        if (target.mergedInto) throw fail("contact.merged");
        const { identityKeys, taken = [], mergedAt: at } = merge;
        await contacts.restore(target, source, { identityKeys, taken, at }, change);
        const own = new Set(merge.conversations);
        const back = (await conversations.findByContact(merge.target, change.session)).filter(({ _id }) => own.has(_id));
        await conversations.moveToContact(back, source, change);
        for (const id of merge.closed) await conversations.update(id, { isOpen: true, status: "open" }, change);
        await messages.moveToContact(back, merge.source, change);
        const undoneAt = new Date(clock.now());
        await merges.collection.updateOne({ _id: mergeId as never }, { $set: { undoneAt } }, { session: change.session });
        change.emit("contact:unmerged", { contact: target._id, source: source._id });
        return { ...merge, undoneAt };
      });
    },

    async listMerges(contactId, actor) {
      await reach.assertContact(contactId, actor);
      const rows = await merges.find({ target: contactId }).sort({ _id: -1 }).limit(MOST_LISTED).lean();
      return (rows as ContactMerge[]).map(toMergeView);
    },
  };
  return service;
}

export const toMergeView = (merge: ContactMerge): Static<typeof MergeView> => ({
  id: merge._id,
  target: merge.target,
  source: merge.source,
  conversations: merge.conversations.length,
  mergedAt: merge.mergedAt.toISOString(),
  undoneAt: merge.undoneAt?.toISOString() ?? null,
});
