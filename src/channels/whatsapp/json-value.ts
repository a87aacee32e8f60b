/**
 * Careful reading of JSON that strangers wrote: every accessor answers `undefined` for what is absent, empty or of the wrong kind.
 * WhatsApp's early documentation showed "" for missing values, so an empty string counts as absent.
 */

export type JsonObject = Record<string, unknown>;

/** Deeper nesting is cut: no payload of Meta comes near, and documents deeper than 100 levels cannot be stored. */
const MAX_DEPTH = 48;

export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** The items of a list; a single object where a list is expected counts as a list of one. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return objectOf(value) ? [value] : [];
}

/** Text that is safe to store and to send on: well-formed Unicode and without NUL (the raw item keeps what came). */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string" || value === "") return undefined;
  return value.isWellFormed() && !value.includes("\0") ? value : value.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** An id: text without surrounding blanks, or a number written as text (some fields carry ids as numbers). */
export function idOf(value: unknown): string | undefined {
  return textOf(value)?.trim() || undefined;
}

/** A finite number, also when it arrives as text. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Milliseconds of a time in seconds. */
export function millisecondsOf(seconds: unknown): number | undefined {
  const number = numberOf(seconds);
  return number === undefined ? undefined : numberOf(number * 1000);
}

export function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (value === "true") return true;
  return value === "false" ? false : undefined;
}

/** The object without keys whose value is undefined, so that stored documents hold only what is known. */
export function compact<T extends object>(value: T): T {
  for (const key in value) if (value[key] === undefined) delete value[key];
  return value;
}

/**
 * The value as received when a document store can hold it; otherwise a copy in which only the offending places are changed:
 * nesting beyond 48 levels becomes "[too deep]" and NUL inside keys becomes U+FFFD.
 */
export function storable(value: unknown): unknown {
  return isStorable(value, 0) ? value : storableCopy(value, 0);
}

function isStorable(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isStorable(item, depth + 1));
  for (const key in value) if (key.includes("\0") || !isStorable((value as JsonObject)[key], depth + 1)) return false;
  return true;
}

function storableCopy(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "[too deep]";
  if (Array.isArray(value)) return value.map((item) => storableCopy(item, depth + 1));
  const entries = Object.entries(value).map(
    ([key, item]) => [key.replaceAll("\0", "\uFFFD"), storableCopy(item, depth + 1)] as const,
  );
  return Object.fromEntries(entries);
}

/** JSON with keys in a fixed order: two deliveries of the same thing give the same text. Expects a storable value. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson((value as JsonObject)[key])}`).join(",")}}`;
}
