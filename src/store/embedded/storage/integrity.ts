/** Checks that documents and index entries agree, and that the file itself is sound. */
import { decode, decodeFields } from "../bson/decode";
import { keyOf } from "../bson/key";
import type { Catalog } from "./catalog";
import type { CollectionTable } from "./collection-table";
import type { Connection } from "./connection";

export interface CollectionCheck {
  documents: number;
  /** Entries of each secondary index. */
  entries: Map<string, number>;
  /** One sentence for each disagreement; empty when everything agrees. */
  errors: string[];
}

const CHUNK = 1000;
const MOST_ERRORS = 100;

/** Recomputes the entries of every document and looks each of them up. */
export function checkCollection(collection: CollectionTable, connection: Connection): CollectionCheck {
  const errors: string[] = [];
  const expected = new Map(collection.indexes.map((index) => [index.spec.name, 0]));
  const complain = (text: string) => {
    if (errors.length < MOST_ERRORS) errors.push(`${collection.namespace}: ${text}`);
  };
  let documents = 0;
  for (let last = -1; ; ) {
    const rows = connection.keyedRows(
      `SELECT rid, k, d FROM ${collection.table} WHERE rid > ? ORDER BY rid LIMIT ${CHUNK}`,
      last,
    );
    for (const { rid, k, d } of rows) {
      last = rid;
      documents++;
      const id = decode(d).get("_id");
      if (id === undefined || Buffer.compare(keyOf(id), k) !== 0) complain(`row ${rid} is stored under another _id`);
      for (const index of collection.indexes) {
        const { entries, multikey } = index.extract(decodeFields(d, index.fields));
        if ((multikey & ~index.multikey) !== 0) complain(`index ${index.spec.name} does not know of the arrays of row ${rid}`);
        for (const { key } of entries) {
          expected.set(index.spec.name, expected.get(index.spec.name)! + 1);
          if (connection.number(`SELECT count(*) AS n FROM ${index.table} WHERE k = ? AND rid = ?`, key, rid) !== 1) {
            complain(`index ${index.spec.name} lacks the entry of row ${rid}`);
          }
        }
      }
    }
    if (rows.length < CHUNK) break;
  }
  for (const index of collection.indexes) {
    const stored = connection.number(`SELECT count(*) AS n FROM ${index.table}`);
    if (stored !== expected.get(index.spec.name))
      complain(`index ${index.spec.name} has ${stored} entries instead of ${expected.get(index.spec.name)}`);
  }
  return { documents, entries: expected, errors };
}

/** An open file: its catalog, and the connection to read it by. */
interface Checked {
  readonly catalog: Catalog;
  readonly writer: Connection;
}

/** Everything: SQLite's own check of the file and the check of each collection. Empty when the file is sound. */
export function checkIntegrity({ catalog, writer: connection }: Checked): string[] {
  const found = connection.db.query<{ integrity_check: string }, []>("PRAGMA integrity_check").all();
  const errors = found.map((row) => row.integrity_check).filter((text) => text !== "ok");
  return [...errors, ...catalog.all().flatMap((collection) => checkCollection(collection, connection).errors)];
}
