/** The smallest value that fits a strict JSON schema: what the sandbox puts into structured answers and forced tool calls. */

type Schema = Record<string, unknown>;

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null;

/** A value of the schema; always the same for the same schema. */
export function instanceOf(schema: unknown): unknown {
  if (!isSchema(schema)) return null;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.anyOf)) {
    // An optional key: leaving it out is the smallest value.
    return schema.anyOf.some((variant) => isSchema(variant) && variant.type === "null") ? null : instanceOf(schema.anyOf[0]);
  }
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case "object":
      return Object.fromEntries(
        Object.entries(isSchema(schema.properties) ? schema.properties : {}).map(([key, property]) => [
          key,
          instanceOf(property),
        ]),
      );
    case "array":
      return Array.from({ length: Number(schema.minItems ?? 0) }, () => instanceOf(schema.items));
    case "string":
      return "sandbox";
    case "integer":
    case "number":
      return Number(schema.minimum ?? 0);
    case "boolean":
      return true;
    default:
      return null;
  }
}
