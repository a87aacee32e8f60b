/**
 * Contacts that may be one person: the same number in another form, the same e-mail, the same full name. Only suggested; people merge.
 */
import type { Actor } from "../../core/actor";
import { fail } from "../../core/errors";
import { decodeCursor, encodeCursor, type Page, type PageRequest } from "../../core/page";
import { digitsOf } from "../../core/phone";
import type { Contact, ContactModel } from "../contacts/contact.model";
import { toContactView } from "../contacts/contact.service";
import type { ContactReach } from "../contacts/contact-reach";
import type { DUPLICATE_REASONS, DuplicateView } from "./contact-duplicate.schema";

export interface ContactDuplicateService {
  /** Who may be the same person as this contact, the surest first. */
  duplicatesOf(contact: string, actor: Actor): Promise<DuplicateView[]>;
  /** Pairs among all contacts. A page looks at so many contacts, so it can be short or empty although there is a next one. */
  listDuplicates(page: PageRequest, actor: Actor): Promise<Page<DuplicateView>>;
}

export interface ContactDuplicateDeps {
  contacts: ContactModel;
  reach: ContactReach;
  numberVariants: (digits: string) => readonly string[];
}

type Reason = (typeof DUPLICATE_REASONS)[number];

const MOST_SUGGESTED = 50;
const MOST_OTHERS = 500;
const LOOKED_AT = 200;
/** The marks by which two people can be told to be alike. */
const TELLING = /^(number|email|name):/;

export function createContactDuplicates({ contacts, reach, numberVariants }: ContactDuplicateDeps): ContactDuplicateService {
  const sameNumber = (a: Contact, b: Contact): boolean => {
    if (!a.phone || !b.phone) return false;
    const variants = new Set(numberVariants(digitsOf(a.phone)));
    return numberVariants(digitsOf(b.phone)).some((one) => variants.has(one));
  };

  const reasonsOf = (a: Contact, b: Contact): Reason[] => {
    const shared = new Set((a.marks ?? []).filter((mark) => b.marks?.includes(mark)));
    const has = (kind: string) => [...shared].some((mark) => mark.startsWith(kind));
    return [
      ...(sameNumber(a, b) ? (["phone"] as const) : []),
      ...(has("email:") ? (["email"] as const) : []),
      ...(has("name:") ? (["name"] as const) : []),
    ];
  };

  async function others(some: readonly Contact[], actor: Actor): Promise<Contact[]> {
    const marks = [...new Set(some.flatMap((one) => (one.marks ?? []).filter((mark) => TELLING.test(mark))))];
    if (marks.length === 0) return [];
    return (await contacts
      .find({ $and: [{ marks: { $in: marks } }, { mergedInto: null }, await reach.contactFilter(actor)] })
      .limit(MOST_OTHERS)
      .lean()) as Contact[];
  }

  const toPair = (contact: Contact, other: Contact): DuplicateView[] => {
    const reasons = contact._id === other._id ? [] : reasonsOf(contact, other);
    return reasons.length > 0 ? [{ contact: toContactView(contact), other: toContactView(other), reasons }] : [];
  };

  return {
    async duplicatesOf(id, actor) {
      await reach.assertContact(id, actor);
      const contact = (await contacts.findById(id).lean()) as Contact | null;
      if (!contact) throw fail("contact.not-found");
      const found = await others([contact], actor);
      const pairs = found.flatMap((other) => toPair(contact, other));
      return pairs.sort((a, b) => weight(b) - weight(a)).slice(0, MOST_SUGGESTED);
    },

    async listDuplicates({ limit, cursor }, actor) {
      const [after = ""] = cursor ? (decodeCursor(cursor, ["string"]) as [string]) : [];
      const some = (await contacts
        .find({ $and: [{ _id: { $gt: after } }, { mergedInto: null }, await reach.contactFilter(actor)] })
        .sort({ _id: 1 })
        .limit(LOOKED_AT)
        .lean()) as Contact[];
      const found = await others(some, actor);
      const byMark = Map.groupBy(
        found.flatMap((contact) => (contact.marks ?? []).map((mark) => ({ mark, contact }))),
        ({ mark }) => mark,
      );
      const items: DuplicateView[] = [];
      for (const contact of some) {
        // Each pair once: with the older of the two.
        const alike = new Set((contact.marks ?? []).flatMap((mark) => (TELLING.test(mark) ? (byMark.get(mark) ?? []) : [])));
        const later = new Set([...alike].map((one) => one.contact).filter((other) => other._id > contact._id));
        items.push(...[...later].flatMap((other) => toPair(contact, other)));
        if (items.length >= limit) return { items, next: encodeCursor([contact._id]) };
      }
      const last = some.at(-1);
      return { items, next: some.length === LOOKED_AT && last ? encodeCursor([last._id]) : null };
    },
  };
}

const WEIGHTS: Record<Reason, number> = { phone: 4, email: 2, name: 1 };
const weight = ({ reasons }: DuplicateView): number => reasons.reduce((sum, reason) => sum + WEIGHTS[reason], 0);
