/**
 * TypeBox schemas as the strict JSON schema that providers accept: every key required, optional ones nullable, nothing else allowed.
 * What the provider's dialect cannot say (text lengths) stays with our own check of the arguments.
 */
import { type TObject, type TSchema, TypeGuard } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

export type JsonSchema = Record<string, unknown>;

const PASSED_ON = ["description", "pattern", "minimum", "maximum", "multipleOf", "minItems", "maxItems"] as const;

/** The JSON schema of a tool's arguments or of a structured answer. Throws a TypeError on a kind of schema the dialect lacks. */
export function strictSchema(schema: TSchema): JsonSchema {
  const passed: JsonSchema = {};
  for (const key of PASSED_ON) if (schema[key] !== undefined) passed[key] = schema[key];

  if (TypeGuard.IsObject(schema)) return { type: "object", ...passed, ...objectParts(schema) };
  if (TypeGuard.IsArray(schema)) return { type: "array", ...passed, items: strictSchema(schema.items) };
  if (TypeGuard.IsString(schema)) return { type: "string", ...passed };
  if (TypeGuard.IsInteger(schema)) return { type: "integer", ...passed };
  if (TypeGuard.IsNumber(schema)) return { type: "number", ...passed };
  if (TypeGuard.IsBoolean(schema)) return { type: "boolean", ...passed };
  if (TypeGuard.IsNull(schema)) return { type: "null" };
  if (TypeGuard.IsLiteral(schema)) return { type: typeof schema.const, enum: [schema.const], ...passed };
  if (TypeGuard.IsUnion(schema)) return { ...unionParts(schema.anyOf), ...passed };
  throw new TypeError(`A strict schema cannot express ${String(schema[Symbol.for("TypeBox.Kind") as never] ?? schema.type)}.`);
}

function objectParts(schema: TObject): JsonSchema {
  const required = new Set(schema.required ?? []);
  const properties: JsonSchema = {};
  for (const [key, property] of Object.entries(schema.properties)) {
    const strict = strictSchema(property);
    properties[key] = required.has(key) ? strict : { anyOf: [strict, { type: "null" }] };
  }
  return { properties, required: Object.keys(properties), additionalProperties: false };
}

function unionParts(variants: readonly TSchema[]): JsonSchema {
  const words = variants.filter(TypeGuard.IsLiteral).map((variant) => variant.const);
  if (words.length === variants.length && words.every((word) => typeof word === "string")) return { type: "string", enum: words };
  return { anyOf: variants.map(strictSchema) };
}

export type ArgumentCheck = { ok: true; value: unknown } | { ok: false; hint: string };

/** Parses and checks the arguments a model wrote. Nulls of optional keys are dropped; the hint tells the model what to change. */
export function checkArguments(schema: TObject, written: string): ArgumentCheck {
  let parsed: unknown;
  try {
    parsed = JSON.parse(written === "" ? "{}" : written);
  } catch {
    // Awaited: SyntaxError, models do write broken JSON.
    return { ok: false, hint: "The arguments are not valid JSON." };
  }
  const value = dropNulls(schema, parsed);
  const first = Value.Errors(schema, value).First();
  if (first) return { ok: false, hint: `${first.path || "/"}: ${first.message}` };
  return { ok: true, value };
}

function dropNulls(schema: TSchema, value: unknown): unknown {
  if (TypeGuard.IsArray(schema) && Array.isArray(value)) return value.map((item) => dropNulls(schema.items, item));
  if (!TypeGuard.IsObject(schema) || typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const required = new Set(schema.required ?? []);
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === null && !required.has(key)) continue;
    const property = schema.properties[key];
    out[key] = property ? dropNulls(property, item) : item;
  }
  return out;
}
