/** How a value of a settings schema is edited: told by its JSON schema alone, so that a new setting needs no page of its own. Pure. */

export interface JsonSchema {
  type?: string;
  description?: string;
  anyOf?: JsonSchema[];
  const?: unknown;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

export type FieldLook = "switch" | "number" | "choice" | "line" | "text" | "words" | "said" | "group" | "json";

/** Longer texts get more than a line. */
const LINE = 200;

export interface SettingField {
  name: string;
  look: FieldLook;
  description: string;
  /** It may be left empty: null then. */
  isNullable: boolean;
  choices: readonly string[];
  minimum: number | null;
  maximum: number | null;
  most: number | null;
  parts: readonly SettingField[];
}

/** The fields of an object schema. */
export const fieldsOf = ({ properties = {} }: JsonSchema): SettingField[] =>
  Object.entries(properties).map(([name, schema]) => fieldOf(name, schema));

function fieldOf(name: string, given: JsonSchema): SettingField {
  const options = given.anyOf ?? [];
  const isNullable = options.some(({ type }) => type === "null");
  const real = options.filter(({ type }) => type !== "null");
  const constants = real.map((one) => one.const).filter((one) => one !== undefined);
  const isChoice = real.length > 0 && constants.length === real.length;
  const schema = real.length === 1 && !isChoice ? { ...real[0], description: given.description ?? "" } : given;
  return {
    name,
    look: isChoice ? "choice" : lookOf(schema),
    description: given.description ?? "",
    isNullable,
    choices: constants.map(String),
    minimum: schema.minimum ?? null,
    maximum: schema.maximum ?? null,
    most: schema.maxLength ?? null,
    parts: lookOf(schema) === "group" ? fieldsOf(schema) : [],
  };
}

function lookOf({ type, items, maxLength = 0, properties }: JsonSchema): FieldLook {
  if (type === "boolean") return "switch";
  if (type === "integer" || type === "number") return "number";
  if (type === "string") return maxLength > LINE ? "text" : "line";
  if (type === "object" && properties) return "group";
  if (type === "array" && items?.type === "string") return "words";
  if (type === "array" && items?.properties && "language" in items.properties && "text" in items.properties) return "said";
  return "json";
}

/** What was written into a field as the value it means. Throws SyntaxError for text that should be JSON and is not. */
export function valueFrom({ look, isNullable, choices }: SettingField, text: string, before: unknown): unknown {
  const trimmed = text.trim();
  if (isNullable && trimmed === "") return null;
  if (look === "number") return Number(trimmed);
  if (look === "choice") return choices.includes(trimmed) && typeof before === "number" ? Number(trimmed) : trimmed;
  if (look === "words")
    return trimmed
      .split(/[\n,]/)
      .map((word) => word.trim())
      .filter(Boolean);
  return look === "json" ? (JSON.parse(trimmed) as unknown) : text;
}

/** A value as its field shows it. */
export function textOf({ look }: SettingField, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (look === "words") return (value as unknown[]).join(", ");
  return look === "json" ? JSON.stringify(value, null, 2) : String(value);
}

/** A group after one of its parts was written; one that may be missing is, once all its parts are empty. */
export function withPart(
  group: SettingField,
  before: Readonly<Record<string, unknown>>,
  part: SettingField,
  text: string,
): Record<string, unknown> | null {
  const lists = group.parts.filter(({ look }) => look === "words").map(({ name }) => [name, []]);
  const after = { ...Object.fromEntries(lists), ...before, [part.name]: valueFrom(part, text, before[part.name]) };
  return group.isNullable && group.parts.every((one) => textOf(one, after[one.name]) === "") ? null : after;
}
