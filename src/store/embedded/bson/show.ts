/** Values as MongoDB prints them in error messages. */
import { decimalText } from "./decimal";
import { Bin, DateTime, Dbl, Decimal, Doc, Oid, Regex, Timestamp, type Value } from "./value";

export function show(value: Value | undefined): string {
  if (value === undefined || value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "[]" : `[ ${value.map(show).join(", ")} ]`;
  if (value instanceof Doc) return showDoc(value);
  if (value instanceof Dbl) return Object.is(value.value, -0) ? "-0.0" : value.value.toFixed(1);
  if (value instanceof DateTime) return `new Date(${value.exact ?? value.ms})`;
  if (value instanceof Oid) return `ObjectId('${value.hex}')`;
  if (value instanceof Decimal) return `Decimal128('${decimalText(value)}')`;
  if (value instanceof Regex) return `/${value.pattern}/${value.options}`;
  if (value instanceof Bin) return `BinData(${value.subtype}, ${Buffer.from(value.bytes).toString("hex").toUpperCase()})`;
  if (value instanceof Timestamp) return `Timestamp(${value.seconds}, ${value.increment})`;
  return "value" in value
    ? JSON.stringify(value.value)
    : "source" in value
      ? value.source
      : value.t < 0
        ? "MinKey"
        : value.t > 100
          ? "MaxKey"
          : "undefined";
}

export const showDoc = (doc: Doc): string =>
  doc.size === 0 ? "{}" : `{ ${doc.keys.map((key, i) => `${key}: ${show(doc.values[i])}`).join(", ")} }`;
