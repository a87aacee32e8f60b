/** The rules of contacts: who is this customer, and what do we call them. Identity is a BSUID or a WhatsApp id, nothing else. */
import type { ClientSession } from "mongoose";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import type { Change } from "../../events/log";
import type { ContactView } from "../../events/view";
import type { Contact, ContactModel } from "./contact.model";
import {
  findKnown,
  keepUnderUsername,
  keyOf,
  learn,
  lookupKeysOf,
  newContact,
  onlyUsernameOf,
  phoneOf,
  type Sender,
  strongKeysOf,
} from "./contact-identity";
import { derivedFields } from "./contact-marks";
import { giveBack, type Taken, takeOver } from "./contact-taken";

export type { Sender } from "./contact-identity";

export interface ContactService {
  /** Finds or creates the contact of every sender (in their order), and learns new names and identities. Idempotent. */
  resolveSenders(senders: readonly SenderSeen[], change: Change): Promise<Contact[]>;
  /** Takes over the user ids and usernames that statuses tell of people we know by number. Nobody is created. */
  learnIdentities(senders: readonly Sender[], change: Change): Promise<void>;
  /**
   * Their number or user id has changed at `at`: the contact keeps its history and is found under the new one. `contact` is null when
   * nobody is known. `twin` is a contact that had come into being under the new one: the same person, to be merged.
   */
  migrate(
    previous: Sender,
    current: Sender,
    at: Date,
    change: Change,
  ): Promise<{ contact: Contact | null; twin: Contact | null }>;
  /** They do or do not want marketing messages since `at`. An older word than the last one changes nothing. */
  setOptOut(sender: Sender, wantsNone: boolean, at: Date, source: string, change: Change): Promise<void>;
  /** WhatsApp refuses marketing messages to a contact we know. */
  setOptOutOf(id: string, at: Date, source: string, change: Change): Promise<void>;
  /** The owner's phone book has this name for them, which profiles do not change; null: no longer. */
  setPhoneBookName(sender: Sender, name: string | null, change: Change): Promise<void>;
  getContact(id: string, session?: ClientSession): Promise<Contact>;
  /** Gives the identities of `source` to `target`; `source` is hidden and leads nowhere until it is restored. Says what else was taken over. */
  absorb(target: Contact, source: Contact, change: Change): Promise<Taken[]>;
  /** Takes back what `absorb` did: `source` gets these keys again, and those that were learned through them since. */
  restore(target: Contact, source: Contact, absorbed: Absorbed, change: Change): Promise<void>;
  /** Writes a contact changed in memory back, and tells it. */
  saveContact(contact: Contact, change: Change): Promise<Contact>;
  /** Stores contacts that nobody has written as yet. */
  insertContacts(added: readonly Contact[], change: Change): Promise<void>;
  /** Those that exist; merged ones as well. */
  findByExternalIds(externalIds: readonly string[], session: ClientSession): Promise<Contact[]>;
  /** The contacts of these numbers and ids, in whatever form they were written down. */
  findBySenders(senders: readonly Sender[], session: ClientSession): Promise<(Contact | null)[]>;
}

export interface SenderSeen {
  sender: Sender;
  /** When they wrote, in milliseconds; null when they did not. */
  at: number | null;
}

export interface Absorbed {
  identityKeys: readonly string[];
  taken: readonly Taken[];
  at: Date;
}

/** A message under the new number can overtake the news that it is theirs by this much. */
const TWIN_MS = 60 * 60_000;

export function createContactService({ contacts, clock }: { contacts: ContactModel; clock: Clock }): ContactService {
  const oldestFirst = (a: Contact, b: Contact) => (a._id < b._id ? -1 : 1);
  const lastToWriteFirst = (a: Contact, b: Contact) => (b.lastMessageAt?.getTime() ?? 0) - (a.lastMessageAt?.getTime() ?? 0);

  async function save(contact: Contact, { session, emit }: Change): Promise<Contact> {
    Object.assign(contact, { updatedAt: new Date(clock.now()), version: (contact.version ?? 0) + 1 });
    await contacts.collection.replaceOne({ _id: contact._id as never }, fieldsOf(contact) as never, { session });
    emit("contact:updated", { contact: toContactView(contact) });
    return contact;
  }

  /** Everybody these senders may be, by key. */
  async function load(senders: readonly Sender[], session: ClientSession): Promise<Map<string, Contact>> {
    const keys = [...new Set(senders.flatMap(lookupKeysOf))];
    const found = (await contacts.collection
      .find({ identityKeys: { $in: keys } }, { session })
      .toArray()) as unknown as Contact[];
    const known = new Map<string, Contact>();
    for (const contact of found.sort(oldestFirst))
      for (const key of contact.identityKeys) if (!known.has(key)) known.set(key, contact);
    const usernames = [...new Set(senders.flatMap((sender) => onlyUsernameOf(sender) ?? []))];
    if (usernames.length > 0) {
      const named = (await contacts
        .find({ "identities.value": { $in: usernames }, username: { $in: usernames }, mergedInto: null }, null, { session })
        .lean()) as Contact[];
      for (const contact of named.sort(lastToWriteFirst)) keepUnderUsername(known, contact);
    }
    return known;
  }

  async function find(sender: Sender, { session }: Change): Promise<Contact | null> {
    return findKnown(await load([sender], session), sender)?.contact ?? null;
  }

  const service: ContactService = {
    async resolveSenders(seen, change) {
      const { session } = change;
      const known = await load(
        seen.map(({ sender }) => sender),
        session,
      );
      const told = new Set<Contact>();
      const created = new Set<Contact>();
      const changed = new Set<Contact>();
      const resolved = seen.map(({ sender, at }) => {
        const match = findKnown(known, sender);
        const contact = match?.contact ?? newContact(sender, new Date(clock.now()));
        if (!match) {
          created.add(contact);
          told.add(contact);
        } else if (learn(contact, sender, new Date(clock.now()), known, match.by)) {
          told.add(contact);
          changed.add(contact);
          contact.version = (contact.version ?? 0) + 1;
        }
        if (at !== null && (!contact.lastMessageAt || contact.lastMessageAt.getTime() < at)) {
          contact.lastMessageAt = new Date(at);
          changed.add(contact);
        }
        for (const key of contact.identityKeys) if (!known.has(key)) known.set(key, contact);
        return contact;
      });
      const replaced = [...changed].filter((contact) => !created.has(contact));
      if (created.size > 0)
        await contacts.collection.insertMany([...created].map((one) => ({ ...one, ...derivedFields(one) })) as never[], {
          session,
        });
      if (replaced.length > 0)
        await contacts.collection.bulkWrite(
          replaced.map((contact) => ({
            replaceOne: { filter: { _id: contact._id as never }, replacement: fieldsOf(contact) as never },
          })),
          { session, ordered: false },
        );
      for (const contact of told) change.emit("contact:updated", { contact: toContactView(contact) });
      return resolved;
    },

    async learnIdentities(senders, change) {
      const known = await load(senders, change.session);
      const changed = new Set<Contact>();
      for (const sender of senders) {
        const match = findKnown(known, sender);
        if (!match || !learn(match.contact, sender, new Date(clock.now()), known, match.by)) continue;
        changed.add(match.contact);
        for (const key of match.contact.identityKeys) if (!known.has(key)) known.set(key, match.contact);
      }
      for (const contact of changed) await save(contact, change);
    },

    async migrate(previous, current, at, change) {
      const keys = strongKeysOf(current);
      const known = await load([previous, ...(keys.length > 0 ? [current] : [])], change.session);
      const contact = strongKeysOf(previous).length > 0 ? (findKnown(known, previous)?.contact ?? null) : null;
      if (!contact || keys.length === 0) return { contact, twin: null };
      const [holder] = keys.flatMap((key) => known.get(key) ?? []).filter((one) => one !== contact);
      const isTwin =
        holder !== undefined &&
        (known.get(`bsuid:${current.userId}`) === holder || holder.createdAt.getTime() >= at.getTime() - TWIN_MS);
      // An old owner of the number, who has left it: from now on it leads to this contact.
      if (holder && !isTwin) {
        holder.identityKeys = holder.identityKeys.filter((key) => !keys.includes(key));
        if (holder.phone === phoneOf(current.waId)) holder.phone = null;
        for (const key of keys) if (known.get(key) === holder) known.delete(key);
        await save(holder, change);
      }
      // Old numbers are given to other people, so they no longer lead here; they stay readable in the history of identities.
      const left = new Set([
        ...[previous.waId, ...(previous.otherWaIds ?? [])].map((waId) => `wa:${waId}`),
        ...(current.userId ? [`bsuid:${previous.userId}`] : []),
      ]);
      // A new user id comes with a new number: one that is not told along with it is hidden, and the known one is no longer theirs.
      const isNumberLeft = (key: string) => !current.waId && key.startsWith("wa:");
      contact.identityKeys = contact.identityKeys.filter((key) => keys.includes(key) || !(left.has(key) || isNumberLeft(key)));
      if (!current.waId) contact.phone = null;
      if (!isTwin) learn(contact, current, new Date(clock.now()), known, `system:${contact._id}`);
      if (current.waId && contact.identityKeys.includes(`wa:${current.waId}`)) contact.phone = phoneOf(current.waId);
      return { contact: await save(contact, change), twin: isTwin ? (holder ?? null) : null };
    },

    async setOptOut(sender, wantsNone, at, source, change) {
      // Whoever says so before their first message must be heard too.
      const [contact] = await service.resolveSenders([{ sender, at: null }], change);
      if (!contact || (contact.preferenceAt && contact.preferenceAt > at)) return;
      const optedOutAt = wantsNone ? (contact.optedOutAt ?? at) : null;
      await save(Object.assign(contact, { optedOutAt, optOutSource: source, preferenceAt: at }), change);
    },

    async setOptOutOf(id, at, optOutSource, change) {
      const contact = await service.getContact(id, change.session);
      await save(Object.assign(contact, { optedOutAt: contact.optedOutAt ?? at, optOutSource }), change);
    },

    async setPhoneBookName(sender, name, change) {
      const clean = name?.trim().slice(0, 300) ?? "";
      if (clean === "") {
        const contact = await find(sender, change);
        if (contact?.nameSource) await save(Object.assign(contact, { nameSource: null }), change);
        return;
      }
      const [contact] = await service.resolveSenders([{ sender, at: null }], change);
      if (contact && (contact.name !== clean || contact.nameSource !== "phone-book"))
        await save(Object.assign(contact, { name: clean, nameSource: "phone-book" }), change);
    },

    saveContact: save,

    async insertContacts(added, { session, emit }) {
      if (added.length === 0) return;
      const documents = added.map((contact) => ({ _id: contact._id, ...fieldsOf(contact) }));
      await contacts.collection.insertMany(documents as never[], { session });
      for (const contact of added) emit("contact:updated", { contact: toContactView(contact) });
    },

    async findByExternalIds(externalIds, session) {
      const wanted = { externalId: { $in: [...externalIds] } };
      const found = (await contacts.collection.find(wanted, { session }).toArray()) as unknown as Contact[];
      return found.map((contact) => ({ ...contact, identityKeys: contact.identityKeys ?? [] }));
    },

    async findBySenders(senders, session) {
      const known = await load(senders, session);
      return senders.map((sender) => findKnown(known, sender)?.contact ?? null);
    },

    async getContact(id, session) {
      const contact = (await contacts.collection.findOne(
        { _id: id as never },
        session ? { session } : {},
      )) as unknown as Contact | null;
      if (!contact) throw fail("contact.not-found");
      return { ...contact, identityKeys: contact.identityKeys ?? [] };
    },

    async absorb(target, source, change) {
      const { taken, target: after, left } = takeOver(target, source);
      const { _id, identityKeys, externalId, ...rest } = source;
      const hidden = { ...rest, ...left, mergedInto: target._id, marks: [], updatedAt: new Date(clock.now()) };
      await contacts.collection.replaceOne({ _id: _id as never }, hidden as never, { session: change.session });
      Object.assign(target, after);
      target.identityKeys = [...target.identityKeys, ...identityKeys];
      target.identities = [...target.identities, ...source.identities];
      const wroteLater = (source.lastMessageAt?.getTime() ?? 0) > (target.lastMessageAt?.getTime() ?? 0);
      if (wroteLater) target.lastMessageAt = source.lastMessageAt;
      await save(target, change);
      return taken;
    },

    async restore(target, source, { identityKeys, taken, at }, change) {
      const back = new Set(identityKeys);
      for (let grown = 0; grown !== back.size; ) {
        grown = back.size;
        for (const { kind, value, since, via } of target.identities) {
          const key = keyOf({ kind, value });
          if (key && via && since >= at && back.has(via) && target.identityKeys.includes(key)) back.add(key);
        }
      }
      const owned = new Set(source.identities.map(({ kind, value }) => `${kind}:${value}`));
      const isTheirs = ({ kind, value, via }: Contact["identities"][number]) =>
        owned.has(`${kind}:${value}`) || back.has(keyOf({ kind, value }) ?? "") || (via !== undefined && back.has(via));
      const learned = target.identities.filter((one) => isTheirs(one) && !owned.has(`${one.kind}:${one.value}`));
      giveBack(target, source, taken);
      target.identityKeys = target.identityKeys.filter((key) => !back.has(key));
      target.identities = target.identities.filter((one) => !isTheirs(one));
      await save(target, change);
      const identities = [...source.identities, ...learned];
      await save(Object.assign(source, { identityKeys: [...back], identities, mergedInto: null }), change);
    },
  };
  return service;
}

/** As stored. Whoever has no key has no list of keys either: an empty one would be a value, and unique. */
function fieldsOf({ _id, identityKeys, ...rest }: Contact): Omit<Contact, "_id" | "identityKeys"> & { identityKeys?: string[] } {
  const fields = { ...rest, ...derivedFields({ _id, identityKeys, ...rest }) };
  return identityKeys.length > 0 ? { ...fields, identityKeys } : fields;
}

export const toContactView = (contact: Contact): ContactView => ({
  id: contact._id,
  name: contact.name,
  phone: contact.phone,
  username: contact.username,
  identities: contact.identities.map(({ kind, value, since }) => ({ kind, value, since: since.toISOString() })),
  language: contact.language,
  labels: contact.labels,
  optedOutAt: contact.optedOutAt?.toISOString() ?? null,
  createdAt: contact.createdAt.toISOString(),
  lastMessageAt: contact.lastMessageAt?.toISOString() ?? null,
  email: contact.email ?? null,
  company: contact.company ?? null,
  externalId: contact.externalId ?? null,
  attributes: contact.attributes ?? {},
  optedInAt: contact.optedInAt?.toISOString() ?? null,
  blockedAt: contact.blockedAt?.toISOString() ?? null,
  source: contact.source ?? "whatsapp",
  version: contact.version ?? 0,
});
