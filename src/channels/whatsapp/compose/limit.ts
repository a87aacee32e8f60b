/** Checks shared by the builders: each names the field and the limit in the error a person reads. */
import { type AppError, fail } from "../../../core/errors";

export const refuse = (path: string, message: string): AppError =>
  fail("compose.limit", { message: `${path}: ${message}`, details: [{ path, message }] });

/** Refuses text above `limit` characters (UTF-16 units, the stricter way to count). */
export function atMost(path: string, value: string, limit: number): string {
  if (value.length > limit) throw refuse(path, `at most ${limit} characters, this has ${value.length}`);
  return value;
}

/** Refuses missing or blank text, and text above `limit`. */
export function required(path: string, value: string | undefined, limit: number): string {
  if (value === undefined || value.trim() === "") throw refuse(path, "must not be empty");
  return atMost(path, value, limit);
}

/** Refuses a list with fewer than `min` or more than `max` items. */
export function count<T>(path: string, items: readonly T[], min: number, max: number): readonly T[] {
  if (items.length < min || items.length > max) throw refuse(path, `${min} to ${max} items, this has ${items.length}`);
  return items;
}

/** Refuses a list in which two items have the same key. */
export function unique<T>(path: string, items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const seen = new Set<string>();
  for (const item of items) {
    const key = keyOf(item);
    if (seen.has(key)) throw refuse(path, `"${key}" appears twice`);
    seen.add(key);
  }
  return items;
}

/** Refuses anything but an absolute http(s) address. */
export function webAddress(path: string, value: string, limit = 2_000): string {
  required(path, value, limit);
  const url = URL.parse(value);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") throw refuse(path, "must be an http(s) address");
  return value;
}
