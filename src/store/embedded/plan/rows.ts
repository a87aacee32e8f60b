/**
 * Runs a plan: rows in the plan's order, fetched in chunks by fresh statements that continue after the last row seen,
 * so that a cursor can rest between commands without keeping a read transaction open.
 */
import type { CollectionTable } from "../storage/collection-table";
import type { Connection, KeyedRow, Row } from "../storage/connection";
import type { IndexPlan, KeyRange, Plan } from "./planner";
import { rowSql } from "./row-sql";

const LARGEST_CHUNK = 1000;
const FIRST_CHUNK = 128;

export interface RowRequest {
  collection: CollectionTable;
  plan: Plan;
  /** Asked before each chunk: a cursor may outlive the transaction in which it was opened. */
  connection: () => Connection;
  /** The number of rows that will probably be taken, 0 when unknown. */
  expected: number;
  /** The number of rows that will be taken at most, 0 when unknown. */
  most: number;
}

export function rowsOf(request: RowRequest): Iterable<Row> {
  const { plan } = request;
  if (plan.kind === "scan") return scanRows(request, plan.reverse);
  if (plan.kind === "union") return distinct(unionRows(request, plan.branches));
  const rows = indexRows(request, plan);
  return plan.dedupe ? distinct(rows) : rows;
}

/** The one row of a plan that is a single value of a unique key, without building a row source; undefined for other plans. */
export function singleRow(request: RowRequest): Row | null | undefined {
  const { plan } = request;
  if (plan.kind !== "index" || plan.ranges.length !== 1) return undefined;
  return isPoint(plan, plan.ranges[0]!) ? pointRow(request, plan, plan.ranges[0]!) : undefined;
}

const isPoint = ({ index, bounded }: IndexPlan, { lo, prefix }: KeyRange): boolean =>
  prefix === lo.length && (index === null || (index.unique && bounded === index.paths.length));

const pointRow = ({ collection, connection }: RowRequest, { index, reverse }: IndexPlan, { lo }: KeyRange): Row | null =>
  connection().row(rowSql(collection, index, reverse).point, lo);

function* unionRows(request: RowRequest, branches: readonly IndexPlan[]): Generator<Row> {
  for (const branch of branches) yield* indexRows({ ...request, expected: 0, most: 0 }, branch);
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
    ? `SELECT rid, d FROM ${collection.table} WHERE rid < ? ORDER BY rid DESC LIMIT ?`
    : `SELECT rid, d FROM ${collection.table} WHERE rid > ? ORDER BY rid LIMIT ?`;
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
  const { collection, connection, most } = request;
  for (const range of ranges) {
    if (isPoint(plan, range)) {
      const row = pointRow(request, plan, range);
      if (row) yield row;
    } else if (most > 0 && most <= LARGEST_CHUNK) {
      yield* connection().rows(rowSql(collection, plan.index, plan.reverse).only, range.lo, range.hi, most);
    } else yield* rangeRows(request, plan, range);
  }
}

interface Head {
  row: KeyedRow;
  rest: Uint8Array;
  source: Iterator<KeyedRow>;
  prefix: number;
}

/** Reads all ranges at once, always taking the row that comes first by what follows the equal prefix. */
function* mergeRanges(request: RowRequest, plan: IndexPlan, ranges: readonly KeyRange[]): Generator<Row> {
  const heads: Head[] = [];
  const pull = (source: Iterator<KeyedRow>, prefix: number): void => {
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

function* rangeRows(request: RowRequest, plan: IndexPlan, { lo, hi }: KeyRange): Generator<KeyedRow> {
  const { collection, connection, expected } = request;
  const sql = rowSql(collection, plan.index, plan.reverse);
  const unique = plan.index === null || plan.index.unique;
  let size = firstChunk(expected);
  let rows = connection().keyedRows(sql.start, lo, hi, size);
  for (;;) {
    yield* rows;
    if (rows.length < size) return;
    const last = rows[rows.length - 1]!;
    size = nextChunk(size);
    rows = unique
      ? connection().keyedRows(sql.resume, lo, hi, last.k, size)
      : connection().keyedRows(sql.resume, lo, hi, last.k, last.rid, size);
  }
}

/** Counts without reading documents; only for exact plans that cannot give a row twice. */
export function countRows({ collection, plan, connection }: Omit<RowRequest, "expected" | "most">): number | null {
  if (plan.kind === "scan") return plan.exact ? collection.count(connection()) : null;
  if (plan.kind === "union" || !plan.exact || plan.dedupe) return null;
  const table = plan.index?.table ?? collection.table;
  let count = 0;
  for (const { lo, hi } of plan.ranges)
    count += connection().number(`SELECT count(*) AS n FROM ${table} WHERE k >= ? AND k < ?`, lo, hi);
  return count;
}
