/** Who an event is about: the forms in which a number may be known, and what happens when somebody changes theirs. */
import type { Identity } from "../channels/whatsapp/inbound";
import { numberVariants } from "../channels/whatsapp/phone-variant";
import type { Change } from "../events/log";
import type { ContactMergeService } from "../features/contact-merges/contact-merge.service";
import type { ContactService, Sender } from "../features/contacts/contact.service";

/** A person with every form in which their number may have been written. */
export const withVariants = (person: Identity): Sender => {
  const forms = [person.waId, person.otherWaId].flatMap((waId) => (waId ? numberVariants(waId) : []));
  return { ...person, otherWaIds: forms.filter((waId) => waId !== person.waId) };
};

/** Who says that two contacts are one person: it can be taken back like any other merge. */
const WHATSAPP = "whatsapp";

/** A changed number or user id leads to the contact we know. A contact that had come into being under the new one is merged into it. */
export async function migrateIdentity(
  { previous, current, at }: { previous: Identity; current: Identity; at: number },
  rooms: { contacts: ContactService; contactMerges: Pick<ContactMergeService, "mergeIn"> },
  change: Change,
): Promise<void> {
  const news = [withVariants(previous), withVariants(current), new Date(at)] as const;
  const { contact, twin } = await rooms.contacts.migrate(...news, change);
  if (contact && twin) await rooms.contactMerges.mergeIn(contact, twin, WHATSAPP, change);
}
