/** The rules of contacts: who is this customer, and what do we call them. Identity is a BSUID or a WhatsApp id, nothing else. */
import type { ClientSession } from "mongoose";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import { decodeCursor, type Page, toPage } from "../../core/page";
import { toE164 } from "../../core/phone";
import type { Change } from "../../events/log";
import type { ContactView } from "../../events/view";
import type { Contact, ContactModel, Identity } from "./contact.model";
import type { ContactQuery } from "./contact.schema";

/** Who wrote, as a channel knows them. At least one of waId and userId is there. */
export interface Sender {
  waId?: string | undefined;
  /** Other forms in which the same number may have been written before. */
  otherWaIds?: readonly string[] | undefined;
  userId?: string | undefined;
  username?: string | undefined;
  profileName?: string | undefined;
}

export interface ContactService {
  /** Finds or creates the contact of every sender (in their order), and learns new names and identities. Idempotent. */
  resolveSenders(senders: readonly SenderSeen[], change: Change): Promise<Contact[]>;
  /** Their number or user id has changed: the contact keeps its history and is found under the new one. Null when nobody is known. */
  migrate(previous: Sender, current: Sender, change: Change): Promise<Contact | null>;
  /** They do or do not want marketing messages. Null when nobody is known. */
  setOptOut(sender: Sender, optedOutAt: Date | null, source: string, change: Change): Promise<Contact | null>;
  /** The same for a contact we know. */
  setOptOutOf(id: string, optedOutAt: Date | null, source: string, change: Change): Promise<void>;
  /** The owner's phone book has a name for them. Null when nobody is known. */
  rename(sender: Sender, name: string, change: Change): Promise<Contact | null>;
  findBySender(sender: Sender): Promise<Contact | null>;
  getContact(id: string): Promise<Contact>;
  /** Gives the identities of `source` to `target`; `source` is hidden and leads nowhere until it is restored. */
  absorb(target: Contact, source: Contact, change: Change): Promise<void>;
  /** Takes back what `absorb` did: `source` gets these keys again. */
  restore(target: Contact, source: Contact, identityKeys: readonly string[], change: Change): Promise<void>;
  listContacts(query: ContactQuery): Promise<Page<ContactView>>;
}

export interface SenderSeen {
  sender: Sender;
  /** When they wrote, in milliseconds. */
  at: number;
}

/** The identity keys of a sender, the stable one first: a BSUID survives a change of number, a WhatsApp id does not. */
export function identityKeysOf({ userId, waId }: Sender): string[] {
  const keys = [...(userId ? [`bsuid:${userId}`] : []), ...(waId ? [`wa:${waId}`] : [])];
  return keys.length > 0 ? keys : [NOBODY];
}

/** Where to look for a sender: their keys, then the other ways in which their number may have been written. */
const lookupKeysOf = (sender: Sender): string[] => [
  ...identityKeysOf(sender),
  ...(sender.otherWaIds ?? []).map((waId) => `wa:${waId}`),
];

/** Whoever wrote without any identity: such messages are kept together under one contact instead of being lost. */
const NOBODY = "nobody";

export function createContactService({ contacts, clock }: { contacts: ContactModel; clock: Clock }): ContactService {
  const oldestFirst = (a: Contact, b: Contact) => (a._id < b._id ? -1 : 1);

  function pick(known: ReadonlyMap<string, Contact>, sender: Sender): Contact | null {
    for (const key of lookupKeysOf(sender)) {
      const contact = known.get(key);
      if (contact) return contact;
    }
    return null;
  }

  async function save(contact: Contact, { session, emit }: Change): Promise<Contact> {
    const { _id, ...fields } = Object.assign(contact, { updatedAt: new Date(clock.now()) });
    await contacts.collection.replaceOne({ _id: _id as never }, fields as never, { session });
    emit("contact:updated", { contact: toContactView(contact) });
    return contact;
  }

  async function load(keys: readonly string[], session?: ClientSession): Promise<Map<string, Contact>> {
    const found = await contacts.collection
      .find({ identityKeys: { $in: keys as string[] } }, session ? { session } : {})
      .toArray();
    const known = new Map<string, Contact>();
    for (const contact of (found as unknown as Contact[]).sort(oldestFirst))
      for (const key of contact.identityKeys) if (!known.has(key)) known.set(key, contact);
    return known;
  }

  return {
    async resolveSenders(seen, change) {
      const { session } = change;
      const known = await load([...new Set(seen.flatMap(({ sender }) => lookupKeysOf(sender)))], session);
      const told = new Set<Contact>();
      const created: Contact[] = [];
      const changed = new Set<Contact>();
      const resolved = seen.map(({ sender, at }) => {
        let contact = pick(known, sender);
        if (!contact) {
          contact = newContact(sender, new Date(clock.now()));
          created.push(contact);
          told.add(contact);
        } else if (learn(contact, sender, new Date(clock.now()), known)) {
          told.add(contact);
          if (!created.includes(contact)) changed.add(contact);
        }
        if (!contact.lastMessageAt || contact.lastMessageAt.getTime() < at) {
          contact.lastMessageAt = new Date(at);
          if (!created.includes(contact)) changed.add(contact);
        }
        for (const key of contact.identityKeys) if (!known.has(key)) known.set(key, contact);
        return contact;
      });
      if (created.length > 0) await contacts.collection.insertMany(created as never[], { session });
      if (changed.size > 0)
        await contacts.collection.bulkWrite(
          [...changed].map(({ _id, ...fields }) => ({
            replaceOne: { filter: { _id: _id as never }, replacement: fields as never },
          })),
          { session, ordered: false },
        );
      for (const contact of told) change.emit("contact:updated", { contact: toContactView(contact) });
      return resolved;
    },

    async migrate(previous, current, change) {
      const known = await load([...lookupKeysOf(previous), ...identityKeysOf(current)], change.session);
      const contact = pick(known, previous);
      if (!contact) return null;
      // Old numbers are given to other people, so they no longer lead here; they stay readable in the history of identities.
      const left = new Set(
        identityKeysOf({
          ...(current.waId ? { waId: previous.waId } : {}),
          ...(current.userId ? { userId: previous.userId } : {}),
        }),
      );
      contact.identityKeys = contact.identityKeys.filter((key) => !left.has(key));
      learn(contact, current, new Date(clock.now()), known);
      if (current.waId && contact.identityKeys.includes(`wa:${current.waId}`)) contact.phone = toE164(current.waId);
      return save(contact, change);
    },

    async setOptOut(sender, optedOutAt, source, change) {
      const contact = pick(await load(lookupKeysOf(sender), change.session), sender);
      if (!contact) return null;
      return save(Object.assign(contact, { optedOutAt, optOutSource: source }), change);
    },

    async setOptOutOf(id, optedOutAt, optOutSource, change) {
      const contact = (await contacts.findById(id, null, { session: change.session }).lean()) as Contact | null;
      if (contact) await save(Object.assign(contact, { optedOutAt, optOutSource }), change);
    },

    async rename(sender, name, change) {
      const contact = pick(await load(lookupKeysOf(sender), change.session), sender);
      const clean = name.trim().slice(0, 300);
      if (!contact || clean === "") return null;
      return save(Object.assign(contact, { name: clean }), change);
    },

    async findBySender(sender) {
      return pick(await load(lookupKeysOf(sender)), sender);
    },

    async getContact(id) {
      const contact = await contacts.collection.findOne({ _id: id as never });
      if (!contact) throw fail("contact.not-found");
      return contact as unknown as Contact;
    },

    async absorb(target, source, change) {
      const { _id, identityKeys, ...rest } = { ...source, mergedInto: target._id, updatedAt: new Date(clock.now()) };
      await contacts.collection.replaceOne({ _id: _id as never }, rest as never, { session: change.session });
      target.identityKeys = [...target.identityKeys, ...identityKeys];
      target.identities = [...target.identities, ...source.identities];
      target.phone ??= source.phone;
      target.username ??= source.username;
      target.optedOutAt ??= source.optedOutAt;
      await save(target, change);
    },

    async restore(target, source, identityKeys, change) {
      const back = new Set(identityKeys);
      const owned = new Set(source.identities.map(({ kind, value }) => `${kind}:${value}`));
      target.identityKeys = target.identityKeys.filter((key) => !back.has(key));
      target.identities = target.identities.filter(({ kind, value }) => !owned.has(`${kind}:${value}`));
      await save(target, change);
      await save(Object.assign(source, { identityKeys: [...identityKeys], mergedInto: null }), change);
    },

    async listContacts({ limit, cursor, identity }) {
      const [at, id] = cursor ? decodeCursor(cursor, ["number", "string"]) : [];
      const after = cursor
        ? {
            $or: [
              { lastMessageAt: { $lt: new Date(at as number) } },
              { lastMessageAt: new Date(at as number), _id: { $lt: id as string } },
            ],
          }
        : {};
      const rows = await contacts
        .find({ mergedInto: null, ...(identity ? { "identities.value": identity.replace(/^@/, "") } : {}), ...after })
        .sort({ lastMessageAt: -1, _id: -1 })
        .limit(limit + 1)
        .lean();
      return toPage(rows as Contact[], limit, toContactView, (row) => [row.lastMessageAt?.getTime() ?? 0, row._id]);
    },
  };
}

function newContact(sender: Sender, now: Date): Contact {
  return {
    _id: newId(now.getTime()),
    identities: identitiesOf(sender, now),
    identityKeys: identityKeysOf(sender),
    mergedInto: null,
    name: nameOf(sender),
    phone: sender.waId ? toE164(sender.waId) : null,
    username: sender.username ?? null,
    language: null,
    labels: [],
    optedOutAt: null,
    optOutSource: null,
    lastMessageAt: null,
    createdAt: now,
    updatedAt: now,
  };
}

const nameOf = ({ profileName, username, waId, userId }: Sender): string =>
  (profileName?.trim() || (username ? `@${username}` : "") || (waId ? toE164(waId) : "") || userId || "Unknown sender").slice(
    0,
    300,
  );

function identitiesOf({ waId, userId, username }: Sender, since: Date): Identity[] {
  return [
    ...(userId ? [{ kind: "bsuid" as const, value: userId, since }] : []),
    ...(waId ? [{ kind: "wa_id" as const, value: waId, since }] : []),
    ...(username ? [{ kind: "username" as const, value: username, since }] : []),
  ];
}

/** Takes over what is new about a known contact. A key that another contact holds is left to them. Says whether anything changed. */
function learn(contact: Contact, sender: Sender, now: Date, known: ReadonlyMap<string, Contact>): boolean {
  const keys = identityKeysOf(sender).filter((key) => !known.has(key));
  const identities = identitiesOf(sender, now).filter(({ kind, value }) => {
    const key = kind === "wa_id" ? `wa:${value}` : kind === "bsuid" ? `bsuid:${value}` : null;
    const foreign = key !== null && known.get(key) !== undefined && known.get(key) !== contact;
    return !foreign && !contact.identities.some((one) => one.kind === kind && one.value === value);
  });
  const name = sender.profileName?.trim() ? nameOf(sender) : contact.name;
  const phone = contact.phone ?? (sender.waId && keys.includes(`wa:${sender.waId}`) ? toE164(sender.waId) : null);
  const username = sender.username ?? contact.username;
  const changed =
    keys.length > 0 || identities.length > 0 || name !== contact.name || phone !== contact.phone || username !== contact.username;
  if (changed)
    Object.assign(contact, {
      identityKeys: [...contact.identityKeys, ...keys],
      identities: [...contact.identities, ...identities],
      name,
      phone,
      username,
      updatedAt: now,
    });
  return changed;
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
});
