/** What of a contact lists are filtered by, as words in one index; and the name as it is sorted. Pure. */
import type { AttributeValue, Contact } from "./contact.model";

const LONGEST_VALUE = 200;

export const plain = (text: string): string =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();

export const labelMark = (label: string): string => `label:${label}`;
export const attributeMark = (key: string, value: AttributeValue): string =>
  `attr:${key}=${plain(String(value)).slice(0, LONGEST_VALUE)}`;
export const languageMark = (language: string): string => `language:${plain(language)}`;
export const companyMark = (company: string): string => `company:${plain(company).slice(0, LONGEST_VALUE)}`;
export const emailMark = (email: string): string => `email:${plain(email)}`;
/** Names that are the same but for case, accents and blanks, when there is more than one word to them. */
export const nameMark = (name: string): string => `name:${plain(name).slice(0, LONGEST_VALUE)}`;
export const numberMark = (digits: string): string => `number:${digits}`;
export const BLOCKED = "is:blocked";
export const OPTED_OUT = "is:opted-out";
export const OPTED_IN = "is:opted-in";

/** The end of a number that is the same in every way of writing it: country codes and mobile digits come and go before it. */
const NUMBER_END = 8;

export function marksOf(contact: Contact): string[] {
  const { labels, attributes = {}, language, company, email, name, phone, blockedAt, optedOutAt, optedInAt } = contact;
  return [
    ...labels.map(labelMark),
    ...Object.entries(attributes).map(([key, value]) => attributeMark(key, value)),
    ...(language ? [languageMark(language)] : []),
    ...(company ? [companyMark(company)] : []),
    ...(email ? [emailMark(email)] : []),
    ...(plain(name).includes(" ") ? [nameMark(name)] : []),
    ...(phone ? [numberMark(endOf(phone))] : []),
    ...(blockedAt ? [BLOCKED] : []),
    ...(optedOutAt ? [OPTED_OUT] : []),
    ...(optedInAt ? [OPTED_IN] : []),
  ];
}

export const endOf = (phone: string): string => phone.replace(/\D/g, "").slice(-NUMBER_END);

/** What follows from the other fields, as stored beside them. */
export const derivedFields = (contact: Contact): Pick<Contact, "nameKey" | "marks"> => ({
  nameKey: plain(contact.name).slice(0, LONGEST_VALUE),
  marks: marksOf(contact),
});
