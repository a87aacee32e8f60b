/** The statements that fetch rows by an index, made once for each index and direction. */
import type { CollectionTable } from "../storage/collection-table";
import type { IndexTable } from "../storage/index-table";

export interface RowSql {
  /** The row of one whole key of a unique index. */
  point: string;
  /** The first so many rows of a range. */
  start: string;
  /** The same without their keys: nobody will go on after them. */
  only: string;
  /** Goes on after a row; key and row id together are unique, so after any row. */
  resume: string;
}

type Directions = [forward: RowSql, backward: RowSql];

const known = new WeakMap<IndexTable | CollectionTable, Directions>();

/** `index` null: the collection's own order by _id. */
export function rowSql(collection: CollectionTable, index: IndexTable | null, reverse: boolean): RowSql {
  const owner = index ?? collection;
  let directions = known.get(owner);
  if (!directions) {
    directions = [make(collection, index, "ASC", ">"), make(collection, index, "DESC", "<")];
    known.set(owner, directions);
  }
  return directions[reverse ? 1 : 0];
}

function make(collection: CollectionTable, index: IndexTable | null, order: string, beyond: string): RowSql {
  const unique = index === null || index.unique;
  const [fields, keyed, from] = index
    ? [
        "x.rid AS rid, c.d AS d",
        "x.rid AS rid, x.k AS k, c.d AS d",
        `${index.table} AS x CROSS JOIN ${collection.table} AS c ON c.rid = x.rid`,
      ]
    : ["x.rid AS rid, x.d AS d", "x.rid AS rid, x.k AS k, x.d AS d", `${collection.table} AS x`];
  const inRange = "WHERE x.k >= ?1 AND x.k < ?2";
  const orderBy = unique ? `ORDER BY x.k ${order}` : `ORDER BY x.k ${order}, x.rid ${order}`;
  const after = unique ? `x.k ${beyond} ?3` : `(x.k, x.rid) ${beyond} (?3, ?4)`;
  return {
    // A subquery: for a single row SQLite is twice as fast with it as with a join.
    point: index
      ? `SELECT rid, d FROM ${collection.table} WHERE rid = (SELECT rid FROM ${index.table} WHERE k = ?)`
      : `SELECT rid, d FROM ${collection.table} WHERE k = ?`,
    start: `SELECT ${keyed} FROM ${from} ${inRange} ${orderBy} LIMIT ?3`,
    only: `SELECT ${fields} FROM ${from} ${inRange} ${orderBy} LIMIT ?3`,
    resume: `SELECT ${keyed} FROM ${from} ${inRange} AND ${after} ${orderBy} LIMIT ${unique ? "?4" : "?5"}`,
  };
}

export interface EntryReads {
  /** The first so many entries of a range, without documents. */
  start: string;
  /** The document of an entry, if the entry is still there. */
  document: string;
}

const knownEntries = new WeakMap<IndexTable, [forward: EntryReads, backward: EntryReads]>();

/** The statements that read an index and its documents apart from each other. */
export function entrySql(collection: CollectionTable, index: IndexTable, reverse: boolean): EntryReads {
  let directions = knownEntries.get(index);
  if (!directions) {
    directions = [makeEntries(collection, index, "ASC"), makeEntries(collection, index, "DESC")];
    knownEntries.set(index, directions);
  }
  return directions[reverse ? 1 : 0];
}

function makeEntries(collection: CollectionTable, { table }: IndexTable, order: string): EntryReads {
  return {
    start: `SELECT k, rid FROM ${table} WHERE k >= ?1 AND k < ?2 ORDER BY k ${order}, rid ${order} LIMIT ?3`,
    document: `SELECT c.rid AS rid, c.d AS d FROM ${table} AS x CROSS JOIN ${collection.table} AS c ON c.rid = x.rid WHERE x.k = ?1 AND x.rid = ?2`,
  };
}
