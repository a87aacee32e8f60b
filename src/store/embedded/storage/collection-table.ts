/** One collection: documents as BSON bytes with their encoded _id, and the entries of all its indexes, kept in step. */
import { decode, decodeFields } from "../bson/decode";
import { encode, MAX_DOCUMENT_BYTES } from "../bson/encode";
import { keyOf } from "../bson/key";
import { Doc, type Value } from "../bson/value";
import { CommandError, commandError } from "../command-error";
import type { Connection, DocumentSql, Row } from "./connection";
import { checkId, idFirst, newObjectId, startsWithId } from "./document-id";
import { duplicateKey, type Entry, type IndexTable } from "./index-table";

const ID_PATTERN = new Doc(["_id"], [1]);

interface Inserted {
  /** The fields that the indexes look at. */
  doc: Doc;
  id: Value;
  rid: number | null;
}

export class CollectionTable {
  readonly id: number;
  /** `database.collection`; changes only by renameCollection. */
  namespace: string;
  options: Doc;
  readonly indexes: IndexTable[] = [];
  readonly table: string;
  /** True while the transaction that created it has not been committed: readers outside must not see it. */
  uncommitted = false;
  /** What a capped collection holds; null until it is counted. */
  use: { documents: number; bytes: number } | null = null;
  #fields: ReadonlySet<string> = new Set(["_id"]);
  /** The indexes that look at a top-level field. */
  #byField: ReadonlyMap<string, readonly IndexTable[]> = new Map();
  readonly #byId: string;
  readonly #sql: DocumentSql;

  constructor(id: number, namespace: string, options: Doc) {
    this.id = id;
    this.namespace = namespace;
    this.options = options;
    this.table = `c${id}`;
    this.#byId = `SELECT rid, d FROM ${this.table} WHERE k = ?`;
    this.#sql = {
      table: this.table,
      insert: `INSERT INTO ${this.table}(k, d) VALUES(?, ?) ON CONFLICT(k) DO NOTHING`,
      update: `UPDATE ${this.table} SET d = ? WHERE rid = ?`,
      remove: `DELETE FROM ${this.table} WHERE rid = ?`,
    };
  }

  get database(): string {
    return this.namespace.slice(0, this.namespace.indexOf("."));
  }

  get name(): string {
    return this.namespace.slice(this.namespace.indexOf(".") + 1);
  }

  get ddl(): string {
    return `CREATE TABLE ${this.table}(rid INTEGER PRIMARY KEY, k BLOB NOT NULL UNIQUE, d BLOB NOT NULL) STRICT`;
  }

  /** To be called after `indexes` has changed. */
  indexesChanged(): void {
    this.#fields = new Set(["_id", ...this.indexes.flatMap((index) => [...index.fields])]);
    this.#byField = new Map([...this.#fields].map((field) => [field, this.indexes.filter(({ fields }) => fields.has(field))]));
  }

  byId(connection: Connection, id: Value): Row | null {
    return connection.row(this.#byId, keyOf(id));
  }

  count(connection: Connection): number {
    return connection.number(`SELECT count(*) AS n FROM ${this.table}`);
  }

  /**
   * Stores a document; gives it an _id when it has none. Throws E11000 and leaves nothing behind. Returns its _id.
   * `rid`: its row id, where the connection lets one choose.
   */
  insert(connection: Connection, source: Uint8Array, rid: number | null = null): Value {
    let bytes = source;
    let doc = decodeFields(bytes, this.#fields);
    let id = doc.get("_id");
    if (id === undefined || !startsWithId(bytes)) {
      id ??= newObjectId();
      bytes = encode(idFirst(decode(bytes), id));
      doc = decodeFields(bytes, this.#fields);
    }
    this.#insertDoc(connection, bytes, { doc, id, rid });
    return id;
  }

  #insertDoc(connection: Connection, bytes: Uint8Array, { doc, id, rid: wanted }: Inserted): void {
    checkId(id);
    checkSize(bytes, "insert");
    const rid = connection.insertRow(this.#sql, keyOf(id), bytes, wanted);
    if (rid === null) throw duplicateKey(this.namespace, "_id_", ID_PATTERN, [id]);
    const done: [IndexTable, Entry][] = [];
    try {
      for (const index of this.indexes) this.#addEntries(connection, index, index.entriesOf(doc, connection), rid, done);
    } catch (error) {
      // A duplicate key or an array MongoDB would not index: the document goes away again. Store failures roll back as a whole.
      if (error instanceof CommandError) {
        for (const [index, entry] of done) index.remove(connection, entry, rid);
        connection.removeRow(this.#sql, rid);
      }
      throw error;
    }
    connection.changes?.record(this.id, rid, null, bytes);
  }

  #addEntries(
    connection: Connection,
    index: IndexTable,
    entries: readonly Entry[],
    rid: number,
    done: [IndexTable, Entry][],
  ): void {
    for (const entry of entries) {
      if (!index.add(connection, entry, rid)) throw index.duplicate(this.namespace, entry);
      done.push([index, entry]);
    }
  }

  remove(connection: Connection, row: Row): void {
    connection.claim?.(this.#sql, this.id, row.rid);
    this.unindex(connection, row);
    connection.removeRow(this.#sql, row.rid);
    connection.changes?.record(this.id, row.rid, row.d, null);
    this.use = null;
  }

  /** Takes a document out of all indexes. */
  unindex(connection: Connection, row: Row): void {
    if (this.indexes.length === 0) return;
    const doc = decodeFields(row.d, this.#fields);
    for (const index of this.indexes) {
      for (const entry of index.entriesOf(doc, connection)) index.remove(connection, entry, row.rid);
    }
  }

  /** Writes a document that `unindex` has taken out. Throws E11000. */
  putBack(connection: Connection, { rid, d }: Row): void {
    connection.updateRow(this.#sql, rid, d);
    if (this.indexes.length === 0) return;
    const doc = decodeFields(d, this.#fields);
    for (const index of this.indexes) this.#addEntries(connection, index, index.entriesOf(doc, connection), rid, []);
  }

  /** Deletes a document that `unindex` has taken out. */
  drop(connection: Connection, rid: number): void {
    connection.removeRow(this.#sql, rid);
    this.use = null;
  }

  /** The document of a row as the connection sees it; null when there is none. */
  atRow(connection: Connection, rid: number): Uint8Array | null {
    return connection.statement(`SELECT rid, d FROM ${this.table} WHERE rid = ?`).get(rid)?.d ?? null;
  }

  /** The indexes on a field in `touched` (null: any), in their order. */
  #affectedBy(touched: ReadonlySet<string> | null): readonly IndexTable[] {
    if (touched === null) return this.indexes;
    const found = new Set<IndexTable>();
    for (const field of touched) for (const index of this.#byField.get(field) ?? NONE) found.add(index);
    return found.size === 0 ? NONE : this.indexes.filter((index) => found.has(index));
  }

  /**
   * Replaces the document of a row. Only indexes on a field in `touched` (null: any) are looked at.
   * Throws E11000 and leaves everything as it was.
   */
  replace(connection: Connection, row: Row, bytes: Uint8Array, touched: ReadonlySet<string> | null): void {
    checkSize(bytes, "update");
    connection.claim?.(this.#sql, this.id, row.rid);
    const affected = this.#affectedBy(touched);
    if (affected.length > 0) {
      const fields = affected.length === 1 ? affected[0]!.fields : this.#fields;
      const before = decodeFields(row.d, fields);
      const next = decodeFields(bytes, fields);
      const added: [IndexTable, Entry][] = [];
      const gone: [IndexTable, Entry][] = [];
      try {
        for (const index of affected) {
          // Most partial indexes have nothing to do with most documents.
          if (touched !== null && index.staysOut(before, touched)) continue;
          const old = index.entriesOf(before, connection);
          const fresh = index.entriesOf(next, connection);
          this.#addEntries(connection, index, without(fresh, old), row.rid, added);
          for (const entry of without(old, fresh)) gone.push([index, entry]);
        }
      } catch (error) {
        // As in insert: only what MongoDB refuses is undone here.
        if (error instanceof CommandError) for (const [index, entry] of added) index.remove(connection, entry, row.rid);
        throw error;
      }
      for (const [index, entry] of gone) index.remove(connection, entry, row.rid);
    }
    connection.updateRow(this.#sql, row.rid, bytes);
    connection.changes?.record(this.id, row.rid, row.d, bytes);
  }
}

const NONE: readonly IndexTable[] = [];

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && Buffer.compare(a, b) === 0;

const without = (entries: readonly Entry[], others: readonly Entry[]): Entry[] =>
  entries.filter((entry) => !others.some((other) => same(entry.key, other.key)));

function checkSize(bytes: Uint8Array, what: "insert" | "update"): void {
  if (bytes.length <= MAX_DOCUMENT_BYTES) return;
  if (what === "insert")
    throw commandError(
      "BSONObjectTooLarge",
      `object to insert too large. size in bytes: ${bytes.length}, max size: ${MAX_DOCUMENT_BYTES}`,
    );
  throw new CommandError(17419, "Location17419", `Resulting document after update is larger than ${MAX_DOCUMENT_BYTES}`);
}
