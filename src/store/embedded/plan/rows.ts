/**
 * Runs a plan: rows in the plan's order, fetched in chunks by fresh statements that continue after the last row seen,
 * so that a cursor can rest between commands without keeping a read transaction open.
 */
import type { CollectionTable } from "../storage/collection-table";
import type { Connection, Row } from "../storage/connection";
import type { IndexPlan, KeyRange, Plan } from "./planner";

const LARGEST_CHUNK = 1000;
const FIRST_CHUNK = 128;

export interface RowRequest {
  collection: CollectionTable;
  plan: Plan;
  /** Asked before each chunk: a cursor may outlive the transaction in which it was opened. */
  connection: () => Connection;
  /** The number of rows that will be taken at most, 0 when unknown. */
  expected: number;
}

export function rowsOf(request: RowRequest): Iterable<Row> {
  const { plan } = request;
  if (plan.kind === "scan") return scanRows(request, plan.reverse);
  if (plan.kind === "union") return distinct(unionRows(request, plan.branches));
  const rows = indexRows(request, plan);
  return plan.dedupe ? distinct(rows) : rows;
}

/** The one row of a plan that is a single _id, without building a row source. */
export function singleRow({ collection, plan, connection }: RowRequest): Row | null | undefined {
  if (plan.kind !== "index" || plan.ranges.length !== 1) return undefined;
  const [range] = plan.ranges;
  if (!range || range.prefix !== range.lo.length) return undefined;
  if (plan.index === null) return connection().statement(`SELECT rid, k, d FROM ${collection.table} WHERE k = ?`).get(range.lo);
  if (!plan.index.unique || plan.bounded !== plan.index.paths.length) return undefined;
  const { table } = plan.index;
  return connection()
    .statement(
      `SELECT x.rid AS rid, x.k AS k, c.d AS d FROM ${table} AS x CROSS JOIN ${collection.table} AS c ON c.rid = x.rid WHERE x.k = ?`,
    )
    .get(range.lo);
}

function* unionRows(request: RowRequest, branches: readonly IndexPlan[]): Generator<Row> {
  for (const branch of branches) yield* indexRows({ ...request, expected: 0 }, branch);
}

function* distinct(rows: Iterable<Row>): Generator<Row> {
  const seen = new Set<number>();
  for (const row of rows) {
    if (seen.has(row.rid)) continue;
    seen.add(row.rid);
    yield row;
  }
}

const firstChunk = (expected: number): number => (expected > 0 ? Math.min(expected, LARGEST_CHUNK) : FIRST_CHUNK);
const nextChunk = (size: number): number => Math.min(size * 4, LARGEST_CHUNK);

function* scanRows({ collection, connection, expected }: RowRequest, reverse: boolean): Generator<Row> {
  const sql = reverse
    ? `SELECT rid, k, d FROM ${collection.table} WHERE rid < ? ORDER BY rid DESC LIMIT ?`
    : `SELECT rid, k, d FROM ${collection.table} WHERE rid > ? ORDER BY rid LIMIT ?`;
  let last = reverse ? Number.MAX_SAFE_INTEGER : -1;
  for (let size = firstChunk(expected); ; size = nextChunk(size)) {
    const rows = connection().rows(sql, last, size);
    for (const row of rows) {
      last = row.rid;
      yield row;
    }
    if (rows.length < size) return;
  }
}

function indexRows(request: RowRequest, plan: IndexPlan): Iterable<Row> {
  const ranges = plan.reverse ? [...plan.ranges].reverse() : plan.ranges;
  if (plan.merge && ranges.length > 1) return mergeRanges(request, plan, ranges);
  return sequence(request, plan, ranges);
}

function* sequence(request: RowRequest, plan: IndexPlan, ranges: readonly KeyRange[]): Generator<Row> {
  for (const range of ranges) yield* rangeRows(request, plan, range);
}

interface Head {
  row: Row;
  rest: Uint8Array;
  source: Iterator<Row>;
  prefix: number;
}

/** Reads all ranges at once, always taking the row that comes first by what follows the equal prefix. */
function* mergeRanges(request: RowRequest, plan: IndexPlan, ranges: readonly KeyRange[]): Generator<Row> {
  const heads: Head[] = [];
  const pull = (source: Iterator<Row>, prefix: number): void => {
    const next = source.next();
    if (!next.done) heads.push({ row: next.value, rest: next.value.k.subarray(prefix), source, prefix });
  };
  for (const range of ranges) pull(rangeRows(request, plan, range)[Symbol.iterator](), range.prefix);
  while (heads.length > 0) {
    let first = 0;
    for (let i = 1; i < heads.length; i++) {
      const order = Buffer.compare(heads[i]!.rest, heads[first]!.rest) || heads[i]!.row.rid - heads[first]!.row.rid;
      if (plan.reverse ? order > 0 : order < 0) first = i;
    }
    const [head] = heads.splice(first, 1);
    yield head!.row;
    pull(head!.source, head!.prefix);
  }
}

interface RangeSql {
  start: string;
  resume: string;
}

const rangeSql = new Map<string, RangeSql>();

/** The statements for one table; key and row id together are unique, so reading can go on after any row. */
function sqlFor(collection: CollectionTable, plan: IndexPlan): RangeSql {
  const unique = plan.index === null || plan.index.unique;
  const id = `${collection.table}/${plan.index?.table ?? ""}/${unique}/${plan.reverse}`;
  let sql = rangeSql.get(id);
  if (sql) return sql;
  const [order, beyond] = plan.reverse ? ["DESC", "<"] : ["ASC", ">"];
  const from = plan.index
    ? `SELECT x.rid AS rid, x.k AS k, c.d AS d FROM ${plan.index.table} AS x CROSS JOIN ${collection.table} AS c ON c.rid = x.rid`
    : `SELECT x.rid AS rid, x.k AS k, x.d AS d FROM ${collection.table} AS x`;
  const orderBy = unique ? `ORDER BY x.k ${order}` : `ORDER BY x.k ${order}, x.rid ${order}`;
  const after = unique ? `x.k ${beyond} ?3` : `(x.k, x.rid) ${beyond} (?3, ?4)`;
  sql = {
    start: `${from} WHERE x.k >= ?1 AND x.k < ?2 ${orderBy} LIMIT ?3`,
    resume: `${from} WHERE x.k >= ?1 AND x.k < ?2 AND ${after} ${orderBy} LIMIT ${unique ? "?4" : "?5"}`,
  };
  rangeSql.set(id, sql);
  return sql;
}

function* rangeRows({ collection, connection, expected }: RowRequest, plan: IndexPlan, { lo, hi }: KeyRange): Generator<Row> {
  const sql = sqlFor(collection, plan);
  const unique = plan.index === null || plan.index.unique;
  let size = firstChunk(expected);
  let rows = connection().rows(sql.start, lo, hi, size);
  for (;;) {
    yield* rows;
    if (rows.length < size) return;
    const last = rows[rows.length - 1]!;
    size = nextChunk(size);
    rows = unique
      ? connection().rows(sql.resume, lo, hi, last.k, size)
      : connection().rows(sql.resume, lo, hi, last.k, last.rid, size);
  }
}

/** Counts without reading documents; only for exact plans that cannot give a row twice. */
export function countRows({ collection, plan, connection }: RowRequest): number | null {
  if (plan.kind === "scan") return plan.exact ? collection.count(connection()) : null;
  if (plan.kind === "union" || !plan.exact || plan.dedupe) return null;
  const table = plan.index?.table ?? collection.table;
  let count = 0;
  for (const { lo, hi } of plan.ranges)
    count += connection().number(`SELECT count(*) AS n FROM ${table} WHERE k >= ? AND k < ?`, lo, hi);
  return count;
}
