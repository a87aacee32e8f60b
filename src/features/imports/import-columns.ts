/** What the columns of a file mean: by their own names, or as somebody says. Pure. */
import type { AttributeDefinition } from "../attributes/attribute.model";
import { plain } from "../contacts/contact-list.service";

export const IMPORT_FIELDS = ["name", "phone", "email", "company", "language", "labels", "externalId", "optedIn"] as const;
export type ImportField = (typeof IMPORT_FIELDS)[number];
/** A field, an attribute by key, or null for a column that is left out. */
export type ColumnTarget = ImportField | `attributes.${string}` | null;

const NAMES: Readonly<Record<ImportField, readonly string[]>> = {
  name: ["name", "full name", "fullname", "nombre", "nombre completo", "nome", "nome completo", "contact", "contacto", "contato"],
  phone: [
    "phone",
    "phone number",
    "mobile",
    "cell",
    "whatsapp",
    "telefono",
    "celular",
    "movil",
    "numero",
    "telefone",
    "wa id",
    "tel",
  ],
  email: ["email", "e mail", "mail", "correo", "correo electronico"],
  company: ["company", "organization", "empresa", "compania"],
  language: ["language", "lang", "idioma", "lengua"],
  labels: ["labels", "label", "tags", "etiquetas", "etiqueta", "marcadores"],
  externalId: ["external id", "externalid", "id externo", "customer id", "codigo", "code"],
  optedIn: ["opted in", "optedin", "opt in", "consent", "consentimiento", "acepta marketing"],
};

const nameOf = (header: string): string =>
  plain(header)
    .replace(/[_\-./]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();

export interface Column {
  header: string;
  target: ColumnTarget;
}

/** `mapping` says what columns mean, by header; the others are recognised where they can be. */
export function columnsOf(
  headers: readonly string[],
  attributes: readonly AttributeDefinition[],
  mapping: Readonly<Record<string, string | null>> = {},
): Column[] {
  const taken = new Set<string>(Object.values(mapping).filter((target) => target !== null));
  return headers.map((header) => {
    const clean = header.trim();
    if (Object.hasOwn(mapping, clean)) return { header: clean, target: mapping[clean] as ColumnTarget };
    const target = recognise(nameOf(clean), attributes);
    // Two columns for one field: the first one counts.
    if (target === null || taken.has(target)) return { header: clean, target: null };
    taken.add(target);
    return { header: clean, target };
  });
}

function recognise(name: string, attributes: readonly AttributeDefinition[]): ColumnTarget {
  const field = IMPORT_FIELDS.find((one) => NAMES[one].includes(name));
  if (field) return field;
  const attribute = attributes.find(
    ({ key, name: shown }) => nameOf(key) === name || nameOf(shown) === name || nameOf(`attributes.${key}`) === name,
  );
  return attribute ? `attributes.${attribute.key}` : null;
}

/** Why a mapping cannot be used; null when it can. */
export function mappingProblem(
  mapping: Readonly<Record<string, string | null>>,
  headers: readonly string[],
  keys: ReadonlySet<string>,
) {
  for (const [header, target] of Object.entries(mapping)) {
    if (!headers.some((one) => one.trim() === header)) return `The file has no column "${header}".`;
    if (target === null || (IMPORT_FIELDS as readonly string[]).includes(target)) continue;
    const key = target.startsWith("attributes.") ? target.slice("attributes.".length) : null;
    if (key === null || !keys.has(key)) return `"${target}" is no field of a contact.`;
  }
  return null;
}
