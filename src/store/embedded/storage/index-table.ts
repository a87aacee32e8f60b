/** One secondary index: a table of (key, row id) whose key order is MongoDB's order. */
import { compoundKey } from "../bson/key";
import { show } from "../bson/show";
import { Doc, toNumber, type Value } from "../bson/value";
import { type CommandError, commandError } from "../command-error";
import { compileFilter, type ExpressionTest, type Matcher } from "../query/matcher";
import { type Path, pathOf } from "../query/path";
import type { Connection, EntrySql } from "./connection";
import { extractTuples, type Tuple } from "./index-keys";
import type { IndexSpec } from "./index-spec";

const noExpressions: ExpressionTest = () => {
  throw commandError("CannotCreateIndex", "$expr is not supported in partial indexes");
};

/** One entry: its bytes, and the values for messages about duplicates. */
export interface Entry {
  key: Uint8Array;
  tuple: Tuple;
}

export class IndexTable {
  readonly id: number;
  readonly spec: IndexSpec;
  readonly paths: readonly Path[];
  readonly directions: readonly number[];
  /** Top-level fields needed to compute entries. */
  readonly fields: ReadonlySet<string>;
  /** Bit i: field i has met an array. Only ever grows. */
  multikey: number;
  /** What of it is in the file: a transaction that stands aside cannot write it there. */
  #kept: number;
  readonly table: string;
  readonly #partial: Matcher | null;
  readonly #sql: EntrySql;

  constructor(id: number, spec: IndexSpec, multikey: number) {
    this.id = id;
    this.spec = spec;
    this.multikey = multikey;
    this.#kept = multikey;
    this.table = `x${id}`;
    const add = `INSERT INTO ${this.table}(k, rid) VALUES(?, ?)`;
    this.#sql = {
      table: this.table,
      unique: spec.unique,
      add: spec.unique ? `${add} ON CONFLICT(k) DO NOTHING` : add,
      remove: `DELETE FROM ${this.table} WHERE k = ? AND rid = ?`,
    };
    this.paths = spec.key.keys.map(pathOf);
    this.directions = spec.key.values.map((value) => (toNumber(value) < 0 ? -1 : 1));
    this.#partial = spec.partial && compileFilter(spec.partial, noExpressions);
    this.fields = new Set([...this.paths.map((path) => path[0]!), ...(this.#partial?.fields ?? [])]);
  }

  get unique(): boolean {
    return this.spec.unique;
  }

  /** The SQL that makes the table. */
  get ddl(): string {
    return this.unique
      ? `CREATE TABLE ${this.table}(k BLOB NOT NULL PRIMARY KEY, rid INTEGER NOT NULL) WITHOUT ROWID, STRICT`
      : `CREATE TABLE ${this.table}(k BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY(k, rid)) WITHOUT ROWID, STRICT`;
  }

  /** The entries of a document (which may hold only `fields`). */
  entriesOf(doc: Doc, connection: Connection): Entry[] {
    const { entries, multikey } = this.extract(doc);
    if ((multikey & ~this.#kept) !== 0) {
      this.multikey |= multikey;
      if (connection.keepMultikey(this.id, this.#kept | multikey)) this.#kept |= multikey;
    }
    return entries;
  }

  /** True when the document has no entries here, neither before nor after a change of these top-level fields. */
  staysOut(before: Doc, touched: ReadonlySet<string>): boolean {
    if (!this.#partial?.fields) return false;
    for (const field of this.#partial.fields) if (touched.has(field)) return false;
    return !this.#partial.test(before);
  }

  /** After a rollback: what the file knows. More was seen by those who stand aside, and stays. */
  reread(kept: number): void {
    this.multikey = kept | (this.multikey & ~this.#kept);
    this.#kept = kept;
  }

  /** The same without taking note of arrays: for checks, which write nothing. */
  extract(doc: Doc): { entries: Entry[]; multikey: number } {
    if (this.#partial && !this.#partial.test(doc)) return { entries: [], multikey: 0 };
    const { tuples, multikey } = extractTuples(doc, this.paths, this.spec.sparse);
    if (tuples.length === 1) {
      return { entries: [{ key: compoundKey(tuples[0]!, this.directions), tuple: tuples[0]! }], multikey };
    }
    return { entries: tuples.map((tuple) => ({ key: compoundKey(tuple, this.directions), tuple })), multikey };
  }

  /** Adds an entry; false when a unique index has the key already. */
  add(connection: Connection, { key }: Entry, rid: number): boolean {
    return connection.addEntry(this.#sql, key, rid);
  }

  remove(connection: Connection, { key }: Entry, rid: number): void {
    connection.removeEntry(this.#sql, key, rid);
  }

  duplicate(namespace: string, { tuple }: Entry): CommandError {
    return duplicateKey(namespace, this.spec.name, this.spec.key, tuple);
  }
}

/** E11000 as MongoDB 7 words it. */
export function duplicateKey(namespace: string, index: string, pattern: Doc, tuple: Tuple): CommandError {
  const values: Value[] = tuple.map((value) => value ?? null);
  const shown = pattern.keys.map((path, i) => `${path}: ${show(values[i])}`).join(", ");
  return commandError(
    "DuplicateKey",
    `E11000 duplicate key error collection: ${namespace} index: ${index} dup key: { ${shown} }`,
    {
      keyPattern: pattern,
      keyValue: new Doc(pattern.keys.slice(), values),
    },
  );
}
