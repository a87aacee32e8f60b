/** Writes one imported contact, in the caller's transaction. Doing it twice changes nothing the second time. */
import type { Clock } from "../../core/clock";
import type { Change } from "../../events/log";
import type { Contact } from "../contacts/contact.model";
import type { ContactService } from "../contacts/contact.service";
import { blankContact, type ContactEditService } from "../contacts/contact-edit.service";
import type { ImportedContact } from "./import-row";

export type Written = "created" | "updated" | "skipped" | { problem: string };

export interface ImportWriteDeps {
  contacts: ContactService;
  edits: ContactEditService;
  numberVariants: (digits: string) => readonly string[];
  clock: Clock;
}

export interface WriteRules {
  by: string;
  import: string;
  isDryRun: boolean;
  onExisting: "update" | "skip";
}

export type WriteContact = (row: ImportedContact, rules: WriteRules, change: Change) => Promise<Written>;

export function createWriteContact({ contacts, edits, numberVariants, clock }: ImportWriteDeps): WriteContact {
  async function byExternalId(id: string, change: Change): Promise<Contact | null> {
    const found = await contacts.findByExternalId(id, change.session);
    return found?.mergedInto ? contacts.getContact(found.mergedInto, change.session) : found;
  }

  return async (row, { by, import: id, isDryRun, onExisting }, change) => {
    const { waId, externalId } = row;
    const sender = waId ? { waId, otherWaIds: numberVariants(waId) } : null;
    const [holder = null] = sender ? await contacts.findBySenders([sender], change.session) : [];
    const known = externalId ? await byExternalId(externalId, change) : null;
    if (holder && known && holder._id !== known._id)
      return { problem: "Its number belongs to another contact than its external id." };
    const before = known ?? holder;
    if (before && onExisting === "skip") return "skipped";
    const now = new Date(clock.now());
    const after = filled(before ?? blankContact(row.name ?? (waId ? `+${waId}` : (externalId ?? "?")), "import", now), row, now);
    if (waId && !holder) edits.addNumber(after, waId);
    if (before && JSON.stringify(before) === JSON.stringify(after)) return "skipped";
    if (isDryRun) return before ? "updated" : "created";
    await edits.note({ contact: after._id, kind: "imported", by, detail: { import: id, isNew: !before } }, change);
    if (before) await contacts.saveContact(after, change);
    else await contacts.insertContact(after, change);
    return before ? "updated" : "created";
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
