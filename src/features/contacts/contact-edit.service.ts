/**
 * What people decide about contacts: who they are, labels, attributes, whether they want advertising, whether they are answered at all.
 * Every change is in the contact's history, in the same transaction.
 */
import type { Actor } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { AppError, fail } from "../../core/errors";
import { newId } from "../../core/id";
import { digitsOf, formatNumber } from "../../core/phone";
import type { Change, EventLog } from "../../events/log";
import type { AttributeService, AttributeSet } from "../attributes/attribute.service";
import type { Contact } from "./contact.model";
import { type ContactService, type Sender, toContactView } from "./contact.service";
import type { ConsentBody, ContactPatch, NewContact } from "./contact-edit.schema";
import type { ContactHistory, ContactHistoryModel } from "./contact-history.model";
import { keyOf, newContact, phoneOf } from "./contact-identity";
import type { ContactReach } from "./contact-reach";

export interface ContactEditService {
  createContact(body: NewContact, actor: Actor): Promise<Contact>;
  /** Throws `request.conflict` with the contact as it is when `version` is no longer the current one. */
  patchContact(id: string, patch: ContactPatch, actor: Actor, version?: number): Promise<Contact>;
  /** The same within a transaction of the caller, who has made sure that the actor reaches the contact. Refuses before it writes. */
  patchWithin(id: string, patch: ContactPatch, actor: Actor, inside: Change): Promise<Contact>;
  setBlocked(id: string, isBlocked: boolean, actor: Actor): Promise<Contact>;
  setConsent(id: string, consent: ConsentBody, actor: Actor): Promise<Contact>;
  /** Makes a number, which nobody else has, one of theirs. */
  addNumber(contact: Contact, waId: string): void;
  /** In the caller's transaction, for whoever changes contacts in another way. */
  note(entry: Omit<ContactHistory, "_id" | "at">, change: Change): Promise<void>;
  noteAll(entries: readonly Omit<ContactHistory, "_id" | "at">[], change: Change): Promise<void>;
}

export interface ContactEditDeps {
  contacts: ContactService;
  history: ContactHistoryModel;
  attributes: AttributeService;
  reach: ContactReach;
  /** Throws unless each of these labels exists. */
  assertLabels: (labels: readonly string[]) => Promise<void>;
  /** Silences the conversations with a contact, or lets them be heard again. */
  silence: (contact: string, isBlocked: boolean, actor: Actor, change: Change) => Promise<void>;
  /** Every form in which this number may be written, the given one first. */
  numberVariants: (digits: string) => readonly string[];
  log: EventLog;
  clock: Clock;
}

export function createContactEditService(deps: ContactEditDeps): ContactEditService {
  const { contacts, history, attributes, reach, assertLabels, silence, numberVariants, log, clock } = deps;
  const now = () => new Date(clock.now());

  /** Refused when somebody else is found under it. */
  async function claimNumber(contact: Contact, phone: string, change: Change): Promise<void> {
    const waId = sendableNumber(phone);
    const sender: Sender = { waId, otherWaIds: numberVariants(waId) };
    const [holder] = await contacts.findBySenders([sender], change.session);
    if (holder && holder._id !== contact._id) throw taken(holder, "phone");
    if (holder) contact.phone = phoneOf(waId);
    else addNumber(contact, waId);
  }

  function addNumber(contact: Contact, waId: string): void {
    contact.phone = phoneOf(waId);
    contact.identities = [...contact.identities, { kind: "wa_id", value: waId, since: now() }];
    contact.identityKeys = [
      ...contact.identityKeys.filter((key) => !key.startsWith("nobody")),
      keyOf({ kind: "wa_id", value: waId })!,
    ];
  }

  async function claimExternalId(contact: Contact, externalId: string | null, change: Change): Promise<void> {
    if (externalId === null) {
      delete contact.externalId;
      return;
    }
    const [holder] = await contacts.findByExternalIds([externalId], change.session);
    if (holder && holder._id !== contact._id) throw taken(holder, "externalId");
    contact.externalId = externalId;
  }

  async function change<T>(
    id: string,
    actor: Actor,
    version: number | undefined,
    run: (contact: Contact, change: Change) => Promise<T>,
  ): Promise<T> {
    await reach.assertContact(id, actor);
    return log.change(async (inside) => {
      const contact = await contacts.getContact(id, inside.session);
      if (contact.mergedInto) throw fail("contact.merged", { current: { id: contact.mergedInto } });
      const current = contact.version ?? 0;
      if (version !== undefined && version !== current)
        throw fail("request.conflict", {
          message: "Somebody else has changed this contact meanwhile.",
          details: [{ path: "version", message: `It is version ${current} now.` }],
          current: toContactView(contact),
        });
      return run(contact, inside);
    });
  }

  /** Whoever may not see the other contact learns that there is one, which the number tells anyway, but not which. */
  async function withoutTheirs<T>(actor: Actor, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "contact.exists") throw error;
      const { id } = error.current as { id: string };
      await reach.assertContact(id, actor).catch((unseen: unknown) => {
        // AppError: out of reach.
        if (!(unseen instanceof AppError)) throw unseen;
        throw fail("contact.exists", { details: [...(error.details ?? [])] });
      });
      throw error;
    }
  }

  type Patch = Omit<ContactPatch, "version">;

  async function prepare(patch: Patch): Promise<{ patch: Patch; set: AttributeSet | null }> {
    if (patch.labels) await assertLabels(cleanLabels(patch.labels));
    return { patch, set: patch.attributes ? await attributes.load() : null };
  }

  async function write(
    contact: Contact,
    { patch, set }: Awaited<ReturnType<typeof prepare>>,
    actor: Actor,
    inside: Change,
  ): Promise<Contact> {
    const { phone, externalId, attributes: given, labels, ...fields } = patch;
    const before = toContactView(contact);
    Object.assign(contact, fields);
    if (fields.name !== undefined) contact.nameSource = "people";
    if (labels) contact.labels = cleanLabels(labels);
    if (set && given) contact.attributes = set.merge(contact.attributes ?? {}, given);
    if (phone !== undefined) await claimNumber(contact, phone, inside);
    if (externalId !== undefined) await claimExternalId(contact, externalId, inside);
    const changed = differences(before, toContactView(contact));
    if (Object.keys(changed).length === 0) return contact;
    await service.note({ contact: contact._id, kind: "changed", by: actor.id, detail: changed }, inside);
    return contacts.saveContact(contact, inside);
  }

  const service: ContactEditService = {
    async createContact({ phone, externalId, attributes: given = {}, labels = [], optedIn, ...fields }, actor) {
      await assertLabels(cleanLabels(labels));
      const set = await attributes.load();
      const creating = log.change(async (inside) => {
        const contact: Contact = {
          ...blankContact(fields.name, "manual", now()),
          ...fields,
          nameSource: "people",
          labels: cleanLabels(labels),
          attributes: set.merge({}, given),
          optedInAt: optedIn ? now() : null,
        };
        if (phone !== undefined) await claimNumber(contact, phone, inside);
        if (externalId !== undefined) await claimExternalId(contact, externalId, inside);
        await contacts.insertContacts([contact], inside);
        await service.note({ contact: contact._id, kind: "created", by: actor.id, detail: {} }, inside);
        if (optedIn)
          await service.note({ contact: contact._id, kind: "opted-in", by: actor.id, detail: { source: "manual" } }, inside);
        return contact;
      });
      return withoutTheirs(actor, creating);
    },

    async patchContact(id, { version: inBody, ...patch }, actor, version) {
      const prepared = await prepare(patch);
      return withoutTheirs(
        actor,
        change(id, actor, inBody ?? version, (contact, inside) => write(contact, prepared, actor, inside)),
      );
    },

    async patchWithin(id, { version: _, ...patch }, actor, inside) {
      const prepared = await prepare(patch);
      const contact = await contacts.getContact(id, inside.session);
      if (contact.mergedInto) throw fail("contact.merged", { current: { id: contact.mergedInto } });
      return write(contact, prepared, actor, inside);
    },

    async setBlocked(id, isBlocked, actor) {
      return change(id, actor, undefined, async (contact, inside) => {
        if (Boolean(contact.blockedAt) === isBlocked) return contact;
        contact.blockedAt = isBlocked ? now() : null;
        await silence(id, isBlocked, actor, inside);
        await service.note({ contact: id, kind: isBlocked ? "blocked" : "unblocked", by: actor.id, detail: {} }, inside);
        return contacts.saveContact(contact, inside);
      });
    },

    async setConsent(id, { optedIn, source }, actor) {
      return change(id, actor, undefined, async (contact, inside) => {
        const at = now();
        Object.assign(contact, {
          optedInAt: optedIn ? (contact.optedInAt ?? at) : null,
          optedOutAt: optedIn ? null : (contact.optedOutAt ?? at),
          optOutSource: optedIn ? contact.optOutSource : source,
          preferenceAt: at,
        });
        await service.note({ contact: id, kind: optedIn ? "opted-in" : "opted-out", by: actor.id, detail: { source } }, inside);
        return contacts.saveContact(contact, inside);
      });
    },

    addNumber,

    note: (entry, inside) => service.noteAll([entry], inside),

    async noteAll(entries, { session }) {
      if (entries.length === 0) return;
      const at = now();
      const notes = entries.map((entry) => ({ _id: newId(at.getTime()), at, ...entry }));
      await history.collection.insertMany(notes as never[], { session });
    },
  };
  return service;
}

/** Somebody who has not written yet. */
export const blankContact = (name: string, source: "manual" | "import", at: Date): Contact => ({
  ...newContact({ profileName: name }, at),
  // Whoever wrote without any identity is kept under such a key; this one is nobody's.
  identityKeys: [],
  source,
});

/** As WhatsApp takes it. Throws `contact.phone`. */
export function sendableNumber(phone: string): string {
  const digits = formatNumber(phone);
  // A number without its country code would be somebody else's.
  if (!/^[+\d\s().\-/\u00a0]+$/.test(phone) || !/^[1-9]\d{6,14}$/.test(digitsOf(digits)))
    throw fail("contact.phone", { message: `"${phone.slice(0, 40)}" is not a phone number with its country code.` });
  return digits;
}

export const cleanLabels = (labels: readonly string[]): string[] => [
  ...new Set(labels.map((label) => label.trim().toLowerCase()).filter((label) => label !== "")),
];

const taken = (holder: Contact, field: string) =>
  fail("contact.exists", {
    details: [{ path: `body.${field}`, message: "belongs to somebody else" }],
    current: { id: holder._id },
  });

/** What is different, as before and after. */
function differences(before: object, after: object): Record<string, { before: unknown; after: unknown }> {
  const changed: Record<string, { before: unknown; after: unknown }> = {};
  for (const [key, value] of Object.entries(after)) {
    const old = (before as Record<string, unknown>)[key];
    if (JSON.stringify(old) !== JSON.stringify(value) && key !== "identities") changed[key] = { before: old, after: value };
  }
  return changed;
}
