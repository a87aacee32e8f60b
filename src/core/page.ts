/** Paging by key: a cursor names the last row seen, so pages stay right while rows come and go. */
import { fail } from "./errors";

export interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}

export interface Page<T> {
  items: T[];
  /** Null on the last page. */
  next: string | null;
}

export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 50;

/** An opaque cursor from the sort keys of the last row. */
export const encodeCursor = (keys: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(keys)).toString("base64url");

/** The sort keys in a cursor. Throws `request.cursor` for anything that is not `kinds.length` values of these kinds. */
export function decodeCursor(cursor: string, kinds: readonly ("string" | "number")[]): (string | number)[] {
  let keys: unknown;
  try {
    keys = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch (error) {
    // Only JSON.parse can throw here: the cursor was not made by us.
    throw fail("request.cursor", { cause: error });
  }
  if (!Array.isArray(keys) || keys.length !== kinds.length || !keys.every((key, index) => isKey(key, kinds[index])))
    throw fail("request.cursor");
  return keys;
}

/** The last millisecond a Date can hold: numbers in cursors are times. */
const LAST_TIME = 8.64e15;

const isKey = (key: unknown, kind: "string" | "number" | undefined): key is string | number =>
  typeof key === kind && (typeof key !== "number" || Math.abs(key) <= LAST_TIME);

/** Cuts a result fetched with `limit + 1` rows into a page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  item: (row: Row) => Item,
  keys: (row: Row) => readonly (string | number)[],
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(item), next: rows.length > limit && last ? encodeCursor(keys(last)) : null };
}
