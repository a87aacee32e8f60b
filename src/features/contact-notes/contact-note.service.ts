/** Notes about contacts. Whoever may change the contact may change them; the author stays who wrote it first. */
import type { Actor } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import { decodeCursor, type Page, type PageRequest, toPage } from "../../core/page";
import type { ContactNoteView } from "../../events/customer-view";
import type { Change, EventLog } from "../../events/log";
import type { MovableNotes } from "../contact-merges/contact-merge.service";
import type { ContactService } from "../contacts/contact.service";
import type { ContactReach } from "../contacts/contact-reach";
import type { ContactNote, ContactNoteModel } from "./contact-note.model";

export interface ContactNoteService {
  listNotes(contact: string, page: PageRequest, actor: Actor): Promise<Page<ContactNoteView>>;
  addNote(contact: string, text: string, actor: Actor): Promise<ContactNoteView>;
  changeNote(contact: string, id: string, text: string, actor: Actor): Promise<ContactNoteView>;
  removeNote(contact: string, id: string, actor: Actor): Promise<void>;
}

export interface ContactNoteDeps {
  notes: ContactNoteModel;
  contacts: ContactService;
  reach: ContactReach;
  log: EventLog;
  clock: Clock;
}

export function createContactNoteService({ notes, contacts, reach, log, clock }: ContactNoteDeps): ContactNoteService {
  const tell = ({ emit }: Change, note: ContactNote): ContactNoteView => {
    const view = toNoteView(note);
    emit("contact-note:updated", { note: view });
    return view;
  };

  return {
    async listNotes(contact, { limit, cursor }, actor) {
      await reach.assertContact(contact, actor);
      await contacts.getContact(contact);
      const [id] = cursor ? decodeCursor(cursor, ["string"]) : [];
      const rows = await notes
        .find({ contact, ...(id ? { _id: { $lt: id as string } } : {}) })
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean();
      return toPage(rows as ContactNote[], limit, toNoteView, ({ _id }) => [_id]);
    },

    async addNote(contact, text, actor) {
      await reach.assertContact(contact, actor);
      return log.change(async (change) => {
        const { mergedInto } = await contacts.getContact(contact, change.session);
        if (mergedInto) throw fail("contact.merged");
        const at = new Date(clock.now());
        const note = { _id: newId(at.getTime()), contact, author: actor.id, text, createdAt: at, updatedAt: at };
        await notes.collection.insertOne(note as never, { session: change.session });
        return tell(change, note);
      });
    },

    async changeNote(contact, id, text, actor) {
      await reach.assertContact(contact, actor);
      return log.change(async (change) => {
        const after = (await notes.collection.findOneAndUpdate(
          { _id: id as never, contact },
          { $set: { text, updatedAt: new Date(clock.now()) } },
          { session: change.session, returnDocument: "after" },
        )) as unknown as ContactNote | null;
        if (!after) throw fail("contact-note.not-found");
        return tell(change, after);
      });
    },

    async removeNote(contact, id, actor) {
      await reach.assertContact(contact, actor);
      await log.change(async ({ session, emit }) => {
        const { deletedCount } = await notes.collection.deleteOne({ _id: id as never, contact }, { session });
        if (deletedCount === 0) throw fail("contact-note.not-found");
        emit("contact-note:removed", { contact, note: id });
      });
    },
  };
}

/** What moves when contacts are merged, and moves back. */
export const movableNotes = (notes: ContactNoteModel): MovableNotes => ({
  async move(from, to, { session, emit }, only) {
    const filter = { contact: from, ...(only ? { _id: { $in: [...only] } } : {}) };
    const moved = (await notes.find(filter, null, { session }).lean()) as ContactNote[];
    if (moved.length === 0) return [];
    const ids = moved.map(({ _id }) => _id);
    await notes.updateMany({ _id: { $in: ids } }, { $set: { contact: to } }, { session });
    for (const note of moved) emit("contact-note:updated", { note: toNoteView({ ...note, contact: to }) });
    return ids;
  },
});

const toNoteView = ({ _id, contact, author, text, createdAt, updatedAt }: ContactNote): ContactNoteView => ({
  id: _id,
  contact,
  author,
  text,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
