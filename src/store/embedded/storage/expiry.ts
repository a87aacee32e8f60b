/** TTL indexes: removes documents whose date has passed, in portions, as MongoDB's TTL monitor does. */
import { compoundKey, KeyType } from "../bson/key";
import { DateTime } from "../bson/value";
import type { CollectionTable } from "./collection-table";
import type { Connection, Row } from "./connection";
import type { IndexTable } from "./index-table";

/** Removed in one write, so that a sweep never holds up other writers for long. */
export const EXPIRE_PORTION = 500;

export const ttlIndexes = (collection: CollectionTable): IndexTable[] =>
  collection.indexes.filter((index) => index.spec.expireAfterSeconds !== null);

/**
 * Removes up to a portion of the documents that have expired at `now`; returns how many. Only dates expire; in an
 * array the earliest date counts, which is what one entry before the limit means.
 */
export function removeExpired(collection: CollectionTable, index: IndexTable, connection: Connection, now: number): number {
  const limit = new DateTime(now - (index.spec.expireAfterSeconds ?? 0) * 1000);
  const direction = index.directions[0]!;
  const atLimit = compoundKey([limit], [direction]);
  const typeByte = direction > 0 ? KeyType.date : ~KeyType.date & 0xff;
  const typeStart = new Uint8Array([typeByte]);
  const typeEnd = new Uint8Array([typeByte + 1]);
  const [from, to, low] = direction > 0 ? [typeStart, atLimit, ">="] : [atLimit, typeEnd, ">"];
  const rows: Row[] = connection.rows(
    `SELECT DISTINCT c.rid AS rid, c.d AS d FROM ${index.table} AS x CROSS JOIN ${collection.table} AS c ON c.rid = x.rid WHERE x.k ${low} ? AND x.k < ? LIMIT ${EXPIRE_PORTION}`,
    from,
    to,
  );
  for (const row of rows) collection.remove(connection, row);
  return rows.length;
}
