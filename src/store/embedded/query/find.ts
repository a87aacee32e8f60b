/** Finds the documents of a filter: plan, rows, residual test, order, skip and limit. */
import { decode, decodeFields } from "../bson/decode";
import { Doc, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { choosePlan, type Plan } from "../plan/planner";
import { countRows, rowsOf, singleRow } from "../plan/rows";
import type { CollectionTable } from "../storage/collection-table";
import type { Connection, Row } from "../storage/connection";
import { compileFilter, type ExpressionTest, type Matcher } from "./matcher";
import { type Order, readOrder } from "./order";

/** MongoDB's limit for sorting in memory. */
const SORT_MEMORY_BYTES = 104_857_600;

export interface FindRequest {
  collection: CollectionTable;
  filter: Doc;
  sort: Value | undefined;
  hint: Value | undefined;
  skip: number;
  /** 0 = no limit. */
  limit: number;
}

export interface FindContext {
  connection: () => Connection;
  expression: ExpressionTest;
  /** Told the plan of each search, for the slow log, explain and the scan guard. */
  planned: (plan: Plan, collection: CollectionTable, filter: Doc) => void;
  /** Told each document looked at; may stop a scan that grows too large. */
  examined: (plan: Plan, collection: CollectionTable, count: number) => void;
}

export interface Found {
  matcher: Matcher;
  rows: Iterable<Row>;
}

export function find(request: FindRequest, context: FindContext): Found {
  const natural = isNatural(request.sort);
  const order = natural ? null : readOrder(request.sort);
  const { collection, filter } = request;
  const plan = choosePlan({ collection, filter, order, hint: natural ? request.sort : request.hint });
  context.planned(plan, collection, filter);
  const matcher = compileFilter(filter, context.expression);
  const base = { collection, plan, connection: context.connection };

  const single = singleRow({ ...base, expected: 1, most: 1 });
  if (single !== undefined) {
    if (single) context.examined(plan, collection, 1);
    const hit = single !== null && (plan.exact || matches(matcher, single.d));
    return { matcher, rows: hit && request.skip === 0 ? [single] : [] };
  }

  const wanted = request.limit > 0 ? request.limit + request.skip : 0;
  const exact = plan.exact || matcher.matchesAll;
  const repeats = plan.kind === "index" && plan.dedupe;
  const most = plan.sorted && exact && !repeats ? wanted : 0;
  const expected = plan.sorted && (!exact || repeats) ? wanted * 2 : most;
  let rows: Iterable<Row> = counted(rowsOf({ ...base, expected, most }), plan, collection, context);
  if (!exact) rows = filtered(rows, matcher);
  if (!plan.sorted && order) rows = sorted(rows, order, wanted);
  return { matcher, rows: wanted > 0 || request.skip > 0 ? sliced(rows, request.skip, request.limit) : rows };
}

/** `{$natural: -1}`: the order in which documents came, not one of their fields. */
const isNatural = (sort: Value | undefined): boolean => sort instanceof Doc && sort.size === 1 && sort.has("$natural");

const matches = (matcher: Matcher, bytes: Uint8Array): boolean =>
  matcher.test(matcher.fields ? decodeFields(bytes, matcher.fields) : decode(bytes));

function* counted(rows: Iterable<Row>, plan: Plan, collection: CollectionTable, context: FindContext): Generator<Row> {
  let count = 0;
  for (const row of rows) {
    context.examined(plan, collection, ++count);
    yield row;
  }
}

function* filtered(rows: Iterable<Row>, matcher: Matcher): Generator<Row> {
  for (const row of rows) if (matches(matcher, row.d)) yield row;
}

function* sliced(rows: Iterable<Row>, skip: number, limit: number): Generator<Row> {
  let seen = 0;
  for (const row of rows) {
    if (seen++ < skip) continue;
    yield row;
    if (limit > 0 && seen >= skip + limit) return;
  }
}

interface Keyed {
  key: Uint8Array;
  row: Row;
  /** Position of arrival: rows with equal keys keep their order. */
  at: number;
}

const byKey = (a: Keyed, b: Keyed): number => Buffer.compare(a.key, b.key) || a.at - b.at;

/** Sorts in memory; with a limit only the best rows are kept. */
function sorted(rows: Iterable<Row>, order: Order, wanted: number): Row[] {
  let kept: Keyed[] = [];
  let bytes = 0;
  let at = 0;
  const prune = () => {
    kept.sort(byKey);
    kept = kept.slice(0, wanted);
    bytes = kept.reduce((sum, { row }) => sum + row.d.length, 0);
  };
  for (const row of rows) {
    kept.push({ key: order.keyOf(decodeFields(row.d, order.fields)), row, at: at++ });
    bytes += row.d.length;
    if (wanted > 0 && kept.length >= wanted * 2 + 1000) prune();
    if (bytes > SORT_MEMORY_BYTES) {
      if (wanted > 0) prune();
      if (bytes > SORT_MEMORY_BYTES) {
        throw commandError(
          "QueryExceededMemoryLimitNoDiskUseAllowed",
          `Executor error during find command :: caused by :: Sort exceeded memory limit of ${SORT_MEMORY_BYTES} bytes, but did not opt in to external sorting.`,
        );
      }
    }
  }
  if (wanted > 0) prune();
  else kept.sort(byKey);
  return kept.map(({ row }) => row);
}

/** The number of matches, from the index alone where that is exact. */
export function count(request: FindRequest, context: FindContext): number {
  const { collection, filter } = request;
  const plan = choosePlan({ collection, filter, order: null, hint: request.hint });
  const wanted = request.limit > 0 ? request.limit + request.skip : 0;
  const quick = countRows({ collection, plan, connection: context.connection, most: wanted });
  if (quick !== null) {
    context.planned(plan, collection, filter);
    compileFilter(filter, context.expression);
    const rest = Math.max(0, quick - request.skip);
    return request.limit > 0 ? Math.min(rest, request.limit) : rest;
  }
  let n = 0;
  for (const _ of find({ ...request, sort: undefined }, context).rows) n++;
  return n;
}
