/**
 * Runs a plan: rows in the plan's order, fetched in chunks by fresh statements that continue after the last row seen,
 * so that a cursor can rest between commands without keeping a read transaction open.
 */
import type { CollectionTable } from "../storage/collection-table";
import type { Connection, KeyedRow, Row } from "../storage/connection";
import type { KeyRange } from "./bounds";
import { mergeBranches, mergeRanges } from "./merge";
import type { IndexPlan, Plan } from "./planner";
import { rowSql } from "./row-sql";

const LARGEST_CHUNK = 1000;
const FIRST_CHUNK = 128;
const SMALL_CHUNK = 16;

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
  if (plan.kind === "union")
    return distinct(
      plan.order ? mergeBranches(branchRows(request, plan.branches), plan.order) : unionRows(request, plan.branches),
    );
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

/** Each branch gives about its share. */
function branchRows(request: RowRequest, branches: readonly IndexPlan[]): Iterator<Row>[] {
  const expected = Math.max(SMALL_CHUNK, Math.ceil(request.expected / branches.length));
  return branches.map((branch) => indexRows({ ...request, expected, most: 0 }, branch)[Symbol.iterator]());
}

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
  if (plan.merge && plan.index && ranges.length > 1) return mergeRanges(request, plan.index, { ranges, reverse: plan.reverse });
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

/** Counts without reading documents, up to `most` (0: all of them); null for plans that do not tell every match by themselves. */
export function countRows({ collection, plan, connection, most }: Omit<RowRequest, "expected">): number | null {
  if (plan.kind === "scan") return plan.exact ? collection.count(connection()) : null;
  if (plan.kind === "union" || !plan.exact) return null;
  const table = plan.index?.table ?? collection.table;
  const left = () => (most > 0 ? most - count : Number.MAX_SAFE_INTEGER);
  let count = 0;
  const seen = new Set<number>();
  for (const { lo, hi } of plan.ranges) {
    if (left() <= 0) break;
    if (plan.dedupe && plan.ranges.length > 1) {
      // The entries of one document may lie in several ranges.
      for (const { rid } of connection().rows(`SELECT rid FROM ${table} WHERE k >= ? AND k < ?`, lo, hi)) seen.add(rid);
      count = seen.size;
    } else if (plan.dedupe) {
      count = connection().number(`SELECT count(DISTINCT rid) AS n FROM ${table} WHERE k >= ? AND k < ?`, lo, hi);
    } else {
      const sql = `SELECT count(*) AS n FROM (SELECT 1 FROM ${table} WHERE k >= ? AND k < ? LIMIT ?)`;
      count += connection().number(sql, lo, hi, left());
    }
  }
  return count;
}
