/** A value that fits a schema, to show what is meant. Pure. */

export interface JsonSchema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  examples?: unknown[];
  example?: unknown;
  default?: unknown;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  minItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minProperties?: number;
  pattern?: string;
  patternProperties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
}

/** Texts that between them fit the patterns of the API; the first one that fits a pattern is shown. */
const TEXTS = [
  "text",
  "019345f2c1a4000a5be1f00d",
  "106540352242922",
  "2026-11-20T18:30:00.000Z",
  "2026-11-20",
  "09:00",
  "https://example.com/page",
  "ana@example.com",
  "+51987654321",
  "51987654321",
  "123456",
  "es_PE",
  "es",
  "#1f6feb",
  "true",
  "10",
  "AbCdEfGhIjKlMnOpQrStUv",
  "a-word",
  "order_update",
  "settings.update",
  "America/Lima",
  "a text that is long enough for a password",
];

export function exampleOf(schema: JsonSchema): unknown {
  const given = schema.examples?.[0] ?? schema.example ?? schema.const ?? schema.enum?.[0] ?? schema.default;
  if (given !== undefined) return given;
  if (schema.anyOf) return exampleOf(schema.anyOf.find(({ type }) => type !== "null") ?? {});
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part) as object));
  if (schema.type === "object" || schema.properties) return exampleObject(schema);
  if (schema.type === "array") return Array.from({ length: schema.minItems ?? 0 }, () => exampleOf(schema.items ?? {}));
  if (schema.type === "integer" || schema.type === "number") return schema.minimum ?? Math.min(1, schema.maximum ?? 1);
  if (schema.type === "boolean") return true;
  return schema.type === "string" ? exampleText(schema) : null;
}

function exampleObject({ properties = {}, required = [], minProperties = 0 }: JsonSchema): Record<string, unknown> {
  const wanted = Object.entries(properties).filter(
    ([name], index) => required.includes(name) || (required.length === 0 && index < minProperties),
  );
  return Object.fromEntries(wanted.map(([name, schema]) => [name, exampleOf(schema)]));
}

function exampleText({ pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: JsonSchema): string {
  const fits = (text: string) =>
    text.length >= minLength && text.length <= maxLength && (pattern === undefined || new RegExp(pattern, "u").test(text));
  return TEXTS.find(fits) ?? "text".padEnd(minLength, "-").slice(0, maxLength);
}
