/** One SQLite connection with its prepared statements. The writer and the reader of the store are two of these. */
import { Database, type SQLQueryBindings, type Statement } from "bun:sqlite";

export type Row = { rid: number; d: Uint8Array };
/** A row with the key of the index it was found by. */
export type KeyedRow = Row & { k: Uint8Array };

/** SQLite's own waiting stands still with everything else, so it is short; who has to wait longer asks again. */
const BUSY_MS = 20;
const OPENING_BUSY_MS = 5_000;

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
