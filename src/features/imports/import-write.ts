/** Writes imported contacts, in the caller's transaction: few commands for many rows. Doing it twice changes nothing the second time. */
import type { Clock } from "../../core/clock";
import type { Change } from "../../events/log";
import type { Contact } from "../contacts/contact.model";
import type { ContactService } from "../contacts/contact.service";
import { blankContact, type ContactEditService } from "../contacts/contact-edit.service";
import type { ImportedContact } from "./import-row";

export type Written = "created" | "updated" | "skipped" | { problem: string };

export interface ImportWriteDeps {
  contacts: Pick<ContactService, "getContact" | "findBySenders" | "findByExternalIds" | "insertContacts" | "saveContact">;
  edits: Pick<ContactEditService, "addNumber" | "noteAll">;
  numberVariants: (digits: string) => readonly string[];
  clock: Clock;
}

export interface WriteRules {
  by: string;
  import: string;
  isDryRun: boolean;
  onExisting: "update" | "skip";
}

/** What became of each row, in their order. */
export type WriteContacts = (rows: readonly ImportedContact[], rules: WriteRules, change: Change) => Promise<Written[]>;

/** The contacts that some rows are about, as the rows before have left them. */
interface Known {
  byNumber: Map<string, Contact>;
  byExternalId: Map<string, Contact>;
}

export function createWriteContacts({ contacts, edits, numberVariants, clock }: ImportWriteDeps): WriteContacts {
  async function load(rows: readonly ImportedContact[], change: Change): Promise<Known> {
    const numbers = rows.flatMap(({ waId }) => waId ?? []);
    const senders = numbers.map((waId) => ({ waId, otherWaIds: numberVariants(waId) }));
    const externalIds = rows.flatMap(({ externalId }) => externalId ?? []);
    const holders = senders.length > 0 ? await contacts.findBySenders(senders, change.session) : [];
    const named = externalIds.length > 0 ? await contacts.findByExternalIds(externalIds, change.session) : [];
    // Two rows may mean one contact: what the first does to it, the second has to see.
    const one = new Map<string, Contact>();
    const same = (contact: Contact): Contact => {
      if (!one.has(contact._id)) one.set(contact._id, contact);
      return one.get(contact._id) ?? contact;
    };
    const known: Known = { byNumber: new Map(), byExternalId: new Map() };
    holders.forEach((holder, index) => {
      if (holder) for (const number of numberVariants(numbers[index] ?? "")) known.byNumber.set(number, same(holder));
    });
    for (const contact of named) {
      const { externalId, mergedInto } = contact;
      const target = mergedInto ? await contacts.getContact(mergedInto, change.session) : contact;
      if (externalId) known.byExternalId.set(externalId, same(target));
    }
    return known;
  }

  return async (rows, { by, import: id, isDryRun, onExisting }, change) => {
    const known = await load(rows, change);
    const inserted = new Set<Contact>();
    const saved = new Set<Contact>();
    const notes: Array<Parameters<ContactEditService["note"]>[0]> = [];

    const take = (row: ImportedContact): Written => {
      const { waId, externalId } = row;
      const holder = waId === null ? undefined : known.byNumber.get(waId);
      const named = externalId === null ? undefined : known.byExternalId.get(externalId);
      if (holder && named && holder !== named) return { problem: "Its number belongs to another contact than its external id." };
      const before = named ?? holder;
      if (before && onExisting === "skip") return "skipped";
      const now = new Date(clock.now());
      const blank = () => blankContact(row.name ?? (waId ? `+${waId}` : (externalId ?? "?")), "import", now);
      const contact = before ?? blank();
      const after = filled(contact, row, now);
      if (waId && !holder) edits.addNumber(after, waId);
      if (before && JSON.stringify(before) === JSON.stringify(after)) return "skipped";
      if (isDryRun) return before ? "updated" : "created";
      Object.assign(contact, after);
      if (waId) for (const number of numberVariants(waId)) known.byNumber.set(number, contact);
      if (externalId) known.byExternalId.set(externalId, contact);
      if (!before) inserted.add(contact);
      else if (!inserted.has(contact)) saved.add(contact);
      notes.push({ contact: contact._id, kind: "imported", by, detail: { import: id, isNew: !before } });
      return before ? "updated" : "created";
    };

    const written = rows.map(take);
    await edits.noteAll(notes, change);
    await contacts.insertContacts([...inserted], change);
    for (const contact of saved) await contacts.saveContact(contact, change);
    return written;
  };
}

/** What the file says wins; what it does not say stays. */
function filled(contact: Contact, row: ImportedContact, now: Date): Contact {
  const { name, email, company, language, labels, externalId, optedIn, attributes } = row;
  const after: Contact = {
    ...contact,
    ...(name !== null ? { name, nameSource: "people" as const } : {}),
    ...(email !== null ? { email } : {}),
    ...(company !== null ? { company } : {}),
    ...(language !== null ? { language } : {}),
    ...(externalId !== null ? { externalId } : {}),
    labels: [...new Set([...contact.labels, ...labels])],
    identities: [...contact.identities],
    identityKeys: [...contact.identityKeys],
  };
  if (Object.keys(attributes).length > 0) after.attributes = { ...contact.attributes, ...attributes };
  if (optedIn === true && !contact.optedInAt) Object.assign(after, { optedInAt: now, optedOutAt: null, preferenceAt: now });
  if (optedIn === false && !contact.optedOutAt)
    Object.assign(after, { optedInAt: null, optedOutAt: now, optOutSource: "import", preferenceAt: now });
  return after;
}
