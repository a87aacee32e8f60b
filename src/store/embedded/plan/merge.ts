/**
 * Merging ranges of an index, or the branches of an $or, into one order. Most of them give little: of each, a few entries
 * are read at first, and their documents only when their turn has come. From those that give more, rows come in portions.
 */
import { decodeFields } from "../bson/decode";
import type { Order } from "../query/order";
import type { Connection, KeyedRow, Row } from "../storage/connection";
import type { IndexTable } from "../storage/index-table";
import type { KeyRange } from "./bounds";
import { entrySql, rowSql } from "./row-sql";
import type { RowRequest } from "./rows";

const FIRST_PORTION = 16;
const LARGEST_PORTION = 512;

/** An entry of an index, perhaps without its document. */
type EntryRow = Omit<KeyedRow, "d"> & { d?: Uint8Array };

interface Head<Item, Key> {
  item: Item;
  key: Key;
  source: Iterator<Item>;
}

/** Takes the item that comes first, again and again. */
function* merged<Item, Key>(
  sources: readonly Iterator<Item>[],
  keyOf: (item: Item, source: number) => Key,
  isBefore: (a: Key, b: Key) => boolean,
): Generator<Item> {
  const heads: (Head<Item, Key> & { at: number })[] = [];
  for (const [at, source] of sources.entries()) {
    const next = source.next();
    if (!next.done) heads.push({ item: next.value, key: keyOf(next.value, at), source, at });
  }
  while (heads.length > 0) {
    let first = 0;
    for (let i = 1; i < heads.length; i++) if (isBefore(heads[i]!.key, heads[first]!.key)) first = i;
    const head = heads[first]!;
    yield head.item;
    const next = head.source.next();
    if (next.done) heads.splice(first, 1);
    else {
      head.item = next.value;
      head.key = keyOf(next.value, head.at);
    }
  }
}

/** The rows of branches that are each in the wanted order. */
export const mergeBranches = (branches: readonly Iterator<Row>[], order: Order): Iterable<Row> =>
  merged(
    branches,
    ({ d }) => order.keyOf(decodeFields(d, order.fields)),
    (a, b) => Buffer.compare(a, b) < 0,
  );

/** The rows of ranges of one index, in the order of what follows the equal prefix of each. */
export function* mergeRanges(
  request: RowRequest,
  index: IndexTable,
  { ranges, reverse }: { ranges: readonly KeyRange[]; reverse: boolean },
): Generator<Row> {
  const { collection, connection } = request;
  const sql = entrySql(collection, index, reverse);
  const { resume } = rowSql(collection, index, reverse);
  const before = reverse ? 1 : -1;
  const rows = merged(
    ranges.map((range) => entriesOf(connection, { start: sql.start, resume, isUnique: index.unique }, range)),
    ({ k, rid }, at) => ({ rest: k.subarray(ranges[at]!.prefix), rid }),
    (a, b) => Math.sign(Buffer.compare(a.rest, b.rest) || a.rid - b.rid) === before,
  );
  for (const { k, rid, d } of rows) {
    // The document may have changed since its entry was read: a cursor rests between two batches.
    const row = d ? { rid, d } : connection().statement(sql.document).get(k, rid);
    if (row) yield row;
  }
}

interface PortionSql {
  start: string;
  resume: string;
  isUnique: boolean;
}

function* entriesOf(
  connection: () => Connection,
  { start, resume, isUnique }: PortionSql,
  { lo, hi }: KeyRange,
): Generator<EntryRow> {
  let size = FIRST_PORTION;
  let entries: EntryRow[] = connection().keyedRows(start, lo, hi, size);
  for (;;) {
    yield* entries;
    if (entries.length < size) return;
    const { k, rid } = entries[entries.length - 1]!;
    size = Math.min(size * 4, LARGEST_PORTION);
    const place = isUnique ? [k] : [k, rid];
    entries = connection().keyedRows(resume, lo, hi, ...place, size);
  }
}
