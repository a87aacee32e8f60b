/** One row of a file as a contact, or what is wrong with it. Pure. */
import type { AttributeSet, AttributeValue } from "../attributes/attribute.service";
import { cleanLabels, sendableNumber } from "../contacts/contact-edit.service";
import { withoutGuard } from "../exports/export.service";
import type { Column, ImportField } from "./import-columns";

export interface ImportedContact {
  name: string | null;
  /** As WhatsApp takes it. */
  waId: string | null;
  email: string | null;
  company: string | null;
  language: string | null;
  labels: string[];
  externalId: string | null;
  optedIn: boolean | null;
  attributes: Record<string, AttributeValue>;
}

export interface RowRules {
  columns: readonly Column[];
  attributes: AttributeSet;
  labels: ReadonlySet<string>;
  /** Digits that numbers without a country code belong to. */
  countryCode: string | null;
}

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const LANGUAGE = /^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})?$/;
const YES = new Set(["true", "yes", "si", "sí", "sim", "1", "x"]);
const NO = new Set(["false", "no", "não", "nao", "0"]);

export function readContact(cells: readonly string[], rules: RowRules): { contact: ImportedContact } | { problem: string } {
  const problems: string[] = [];
  const given = new Map<string, string>();
  rules.columns.forEach(({ target }, index) => {
    const text = withoutGuard((cells[index] ?? "").trim());
    if (target !== null && text !== "") given.set(target, text);
  });
  const take = (field: ImportField) => given.get(field) ?? null;
  const checked = (field: ImportField, isValid: (text: string) => boolean, problem: string): string | null => {
    const text = take(field);
    if (text === null || isValid(text)) return text;
    problems.push(problem);
    return null;
  };
  if (cells.length > rules.columns.length) problems.push("It has more fields than there are columns.");
  const contact: ImportedContact = {
    name: checked("name", (text) => text.length <= 300, "The name is longer than 300 characters."),
    waId: numberOf(take("phone"), rules.countryCode, problems),
    email: checked("email", (text) => text.length <= 254 && EMAIL.test(text), "This is not an e-mail address."),
    company: checked("company", (text) => text.length <= 200, "The company is longer than 200 characters."),
    language: checked("language", (text) => LANGUAGE.test(text), "This is not a language such as es or pt_BR."),
    labels: cleanLabels((take("labels") ?? "").split(/[,;|]/)),
    externalId: checked("externalId", (text) => text.length <= 200, "The external id is longer than 200 characters."),
    optedIn: consentOf(take("optedIn"), problems),
    attributes: {},
  };
  for (const label of contact.labels) if (!rules.labels.has(label)) problems.push(`There is no label "${label}".`);
  for (const [target, text] of given) {
    if (!target.startsWith("attributes.")) continue;
    const key = target.slice("attributes.".length);
    const value = rules.attributes.check(key, text);
    if ("problem" in value) problems.push(value.problem);
    else contact.attributes[key] = value.value;
  }
  if (take("phone") === null && contact.externalId === null) problems.push("It has neither a phone number nor an external id.");
  return problems.length > 0 ? { problem: problems.join(" ") } : { contact };
}

function numberOf(text: string | null, countryCode: string | null, problems: string[]): string | null {
  if (text === null) return null;
  const isInternational = /^\s*(\+|00)/.test(text);
  const digits = text.replace(/^\s*00/, "+");
  const local = digits.replace(/\D/g, "").replace(/^0+/, "");
  const full =
    isInternational || countryCode === null
      ? digits
      : local.startsWith(countryCode) && local.length > 10
        ? local
        : countryCode + local;
  try {
    return sendableNumber(full);
  } catch {
    // contact.phone: told with the row.
    problems.push(`"${text.slice(0, 40)}" is not a phone number with its country code.`);
    return null;
  }
}

function consentOf(text: string | null, problems: string[]): boolean | null {
  if (text === null) return null;
  const word = text.toLowerCase();
  if (YES.has(word)) return true;
  if (NO.has(word)) return false;
  problems.push(`Whether they have agreed has to be yes or no, not "${text.slice(0, 40)}".`);
  return null;
}
