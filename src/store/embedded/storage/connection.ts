/** One SQLite connection with its prepared statements. The writer and the reader of the store are two of these. */
import { Database, type SQLQueryBindings, type Statement } from "bun:sqlite";

export type Row = { rid: number; d: Uint8Array };
/** A row with the key of the index it was found by. */
export type KeyedRow = Row & { k: Uint8Array };

/** SQLite's own waiting stands still with everything else, so it is short; who has to wait longer asks again. */
const BUSY_MS = 20;
const OPENING_BUSY_MS = 5_000;

/** The statements that change the documents of one collection. */
export interface DocumentSql {
  readonly table: string;
  /** Key and bytes; adds nothing when the key is there. */
  readonly insert: string;
  readonly update: string;
  readonly remove: string;
}

/** The statements that change the entries of one index. */
export interface EntrySql {
  readonly table: string;
  readonly unique: boolean;
  readonly add: string;
  readonly remove: string;
}

/** Told every changed document of a transaction; null stands for none. */
export interface ChangeSink {
  record(collection: number, rid: number, before: Uint8Array | null, after: Uint8Array | null): void;
}

export interface ConnectionOptions {
  file: string;
  readonly: boolean;
  /** Page cache in KiB. */
  cacheKib: number;
}

export class Connection {
  readonly db: Database;
  readonly file: string;
  readonly #statements = new Map<string, Statement<Row, SQLQueryBindings[]>>();
  /** Notes what the transaction on this connection changes; null while there is none. */
  changes: ChangeSink | null = null;
  /** Asked before a stored document is changed; throws when somebody else holds it. */
  claim: ((document: DocumentSql, collection: number, rid: number) => void) | null = null;
  /** Asked before a key is added that only one document may have; throws when somebody else holds it. */
  claimKey: ((table: string, key: Uint8Array) => void) | null = null;

  constructor({ file, readonly, cacheKib }: ConnectionOptions) {
    this.file = file;
    this.db = readonly ? new Database(file, { readonly: true }) : new Database(file, { create: true, readwrite: true });
    // Another process (a backup tool, the reader of a report) may hold a lock for a moment.
    this.db.run(`PRAGMA busy_timeout = ${OPENING_BUSY_MS}`);
    this.db.run(`PRAGMA cache_size = -${cacheKib}`);
    this.db.run("PRAGMA temp_store = MEMORY");
    if (!readonly) {
      this.db.run("PRAGMA journal_mode = WAL");
      // NORMAL: SQLite keeps the file sound by itself, and leaves the sync of each commit to the log's own (log-sync.ts).
      this.db.run("PRAGMA synchronous = NORMAL");
      this.db.run("PRAGMA wal_autocheckpoint = 4000");
      this.db.run("PRAGMA journal_size_limit = 67108864");
    }
    this.db.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
  }

  /** A prepared statement, kept for the next time. */
  statement(sql: string): Statement<Row, SQLQueryBindings[]> {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.db.prepare<Row, SQLQueryBindings[]>(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** Runs a statement that gives no rows; returns the number of changed rows. */
  run(sql: string, ...args: SQLQueryBindings[]): number {
    return this.statement(sql).run(...args).changes;
  }

  rows(sql: string, ...args: SQLQueryBindings[]): Row[] {
    return this.statement(sql).all(...args);
  }

  keyedRows(sql: string, ...args: SQLQueryBindings[]): KeyedRow[] {
    return this.statement(sql).all(...args) as KeyedRow[];
  }

  row(sql: string, key: Uint8Array): Row | null {
    return this.statement(sql).get(key);
  }

  /** One number from one row. */
  number(sql: string, ...args: SQLQueryBindings[]): number {
    const row = this.statement(sql).get(...args) as Record<string, number> | null;
    return row ? Number(Object.values(row)[0]) : 0;
  }

  /** Stores a document and returns its row id, or null when its key is there already. `rid` is kept where rows are private. */
  insertRow({ table, insert }: DocumentSql, key: Uint8Array, bytes: Uint8Array, _rid: number | null): number | null {
    this.claimKey?.(table, key);
    const { changes, lastInsertRowid } = this.statement(insert).run(key, bytes);
    return changes === 0 ? null : Number(lastInsertRowid);
  }

  updateRow({ update }: DocumentSql, rid: number, bytes: Uint8Array): void {
    this.statement(update).run(bytes, rid);
  }

  removeRow({ remove }: DocumentSql, rid: number): void {
    this.statement(remove).run(rid);
  }

  /** Adds an entry to an index; false when it is unique and has the key already. */
  addEntry({ table, unique, add }: EntrySql, key: Uint8Array, rid: number): boolean {
    if (unique) this.claimKey?.(table, key);
    return this.statement(add).run(key, rid).changes === 1;
  }

  removeEntry({ remove }: EntrySql, key: Uint8Array, rid: number): void {
    this.statement(remove).run(key, rid);
  }

  /** Keeps what an index has learnt of arrays; false when this connection cannot. */
  keepMultikey(index: number, multikey: number): boolean {
    this.run("UPDATE _idx SET multikey = ? WHERE id = ?", multikey, index);
    return true;
  }

  /** Forgets the statements: they may name tables that a rollback took away. */
  forgetStatements(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
  }

  close(): void {
    this.forgetStatements();
    this.db.close();
  }
}
