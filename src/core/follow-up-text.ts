/** Values of the template a follow-up is sent with once WhatsApp takes templates only. Pure. */

const VARIABLE = /\{\{\s*([\w.]{1,80})\s*(?:\|\s*([^{}]{0,200}?)\s*)?\}\}/g;
const KNOWN: ReadonlySet<string> = new Set(["follow_up", "contact.name", "contact.first_name"]);
/** WhatsApp's limit of a value is that of the whole body. */
const LONGEST = 900;

/** Names in a value that mean nothing here. */
export const unknownInFollowUp = (value: string): string[] =>
  [...value.matchAll(VARIABLE)].map(([, name]) => name as string).filter((name) => !KNOWN.has(name));

/** The value as WhatsApp takes it: filled in, on one line. */
export function followUpValue(value: string, text: string, name: string | null | undefined): string {
  const values: Record<string, string> = {
    follow_up: text,
    "contact.name": name ?? "",
    "contact.first_name": name?.trim().split(/\s+/)[0] ?? "",
  };
  const filled = value.replace(VARIABLE, (_, key: string, fallback = "") => values[key] || fallback);
  // Line breaks, tabs and more than four spaces in a row are refused.
  return filled.replace(/\s+/g, " ").trim().slice(0, LONGEST);
}
