/** What a contact takes over from the one that is merged into it, and gives back when that is undone. Pure. */
import type { Contact } from "./contact.model";

const FIELDS = [
  "phone",
  "username",
  "optedOutAt",
  "optOutSource",
  "optedInAt",
  "blockedAt",
  "email",
  "company",
  "language",
  "externalId",
] as const;
type Field = (typeof FIELDS)[number];

/** A field's name, or a label or attribute by name. */
export type Taken = Field | `label:${string}` | `attribute:${string}`;

const has = (contact: Contact, field: Field): boolean => (contact[field] ?? null) !== null;

/** Only what the target has not. `left`: what the source keeps of what can be held by one alone. */
export function takeOver(target: Contact, source: Contact): { taken: Taken[]; target: Partial<Contact>; left: Partial<Contact> } {
  const fields = FIELDS.filter((field) => !has(target, field) && has(source, field));
  const labels = source.labels.filter((label) => !target.labels.includes(label));
  const attributes = Object.entries(source.attributes ?? {}).filter(([key]) => !(key in (target.attributes ?? {})));
  return {
    taken: [
      ...fields,
      ...labels.map((label) => `label:${label}` as const),
      ...attributes.map(([key]) => `attribute:${key}` as const),
    ],
    target: {
      ...Object.fromEntries(fields.map((field) => [field, source[field]])),
      labels: [...target.labels, ...labels],
      attributes: { ...target.attributes, ...Object.fromEntries(attributes) },
    },
    left: source.externalId !== undefined && !fields.includes("externalId") ? { externalId: source.externalId } : {},
  };
}

/** Undoes `takeOver` where nobody has changed it since. */
export function giveBack(target: Contact, source: Contact, taken: readonly Taken[]): void {
  for (const one of taken) {
    if (one === "externalId") {
      if (target.externalId !== undefined) source.externalId = target.externalId;
      delete target.externalId;
    } else if (one.startsWith("label:")) {
      target.labels = target.labels.filter((label) => label !== one.slice("label:".length));
    } else if (one.startsWith("attribute:")) {
      const key = one.slice("attribute:".length);
      const { [key]: value, ...rest } = target.attributes ?? {};
      if (value === source.attributes?.[key]) target.attributes = rest;
    } else {
      const field = one as Exclude<Field, "externalId">;
      if (String(target[field]) === String(source[field])) Object.assign(target, { [field]: null });
    }
  }
}
