/** The SQLite file of the figures: its tables, and statements that are prepared once. */
import { Database, type Statement } from "bun:sqlite";
import { rmSync } from "node:fs";
import { DIMENSIONS, type Dimension, METRICS, type Metric } from "./report-message";

/** Raise it when what is stored or counted changes: the file is then built again. */
const VERSION = 3;

const SCHEMA = [
  "CREATE TABLE state (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID",
  `CREATE TABLE conversation (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, contact TEXT, channel TEXT, team TEXT, agent TEXT,
   labels TEXT NOT NULL, created INTEGER, is_over INTEGER NOT NULL, is_assisted INTEGER NOT NULL, merged INTEGER NOT NULL,
   state TEXT, derived INTEGER NOT NULL, version INTEGER NOT NULL, is_read INTEGER NOT NULL, told INTEGER) STRICT`,
  "CREATE INDEX conversation_contact ON conversation (contact)",
  "CREATE TABLE label (conversation INTEGER NOT NULL, label TEXT NOT NULL, PRIMARY KEY (label, conversation)) STRICT, WITHOUT ROWID",
  `CREATE TABLE message (conversation INTEGER NOT NULL, at INTEGER NOT NULL, id BLOB NOT NULL UNIQUE, kind INTEGER NOT NULL,
   author TEXT, is_unsaid INTEGER NOT NULL, PRIMARY KEY (conversation, at, id)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE moment (id TEXT PRIMARY KEY, conversation INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, agent TEXT,
   value INTEGER, is_stored INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
  "CREATE INDEX moment_conversation ON moment (conversation, at)",
  "CREATE INDEX moment_new ON moment (is_stored) WHERE is_stored = 0",
  `CREATE TABLE fact (conversation INTEGER NOT NULL, bucket INTEGER NOT NULL, metric INTEGER NOT NULL, agent TEXT NOT NULL,
   bin INTEGER NOT NULL, count INTEGER NOT NULL, sum INTEGER NOT NULL,
   PRIMARY KEY (conversation, bucket, metric, agent, bin)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE total (dimension INTEGER NOT NULL, key TEXT NOT NULL, metric INTEGER NOT NULL, bucket INTEGER NOT NULL,
   bin INTEGER NOT NULL, count INTEGER NOT NULL, sum INTEGER NOT NULL,
   PRIMARY KEY (dimension, key, metric, bucket, bin)) STRICT, WITHOUT ROWID`,
];

export interface ConversationRow {
  n: number;
  id: string;
  contact: string | null;
  channel: string | null;
  team: string | null;
  agent: string | null;
  /** JSON. */
  labels: string;
  created: number | null;
  is_over: number;
  is_assisted: number;
  /** The row of the conversation that took this one in; 0: none did. */
  merged: number;
  /** JSON: what has to be known to go on. */
  state: string | null;
  /** The time of the newest thing its facts tell of. */
  derived: number;
  /** How often the conversation had been decided about; see `ReportConversation`. */
  version: number;
  /** Read from the document while the file was built: events that are older than that are still to come. */
  is_read: number;
  /** What the newest of those events has said, which the document had already left behind: 1 over, 2 assisted; null: none came. */
  told: number | null;
}

/** What a conversation is counted under. */
export type Place = Pick<ConversationRow, "channel" | "team" | "labels">;

export const metricNumber = (metric: Metric): number => METRICS.indexOf(metric);
export const dimensionNumber = (dimension: Dimension): number => DIMENSIONS.indexOf(dimension);

export type SqlValue = string | number | null | Uint8Array;

export class ReportDatabase {
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();

  /** Opens the file; one that cannot be used is replaced by an empty one. */
  constructor(path: string) {
    this.#database = openUsable(path);
  }

  /** All or nothing. */
  transaction(work: () => void): void {
    this.#database.transaction(work)();
  }

  get<T>(sql: string, ...values: SqlValue[]): T | null {
    return this.#prepared(sql).get(...values) as T | null;
  }

  all<T>(sql: string, ...values: SqlValue[]): T[] {
    return this.#prepared(sql).all(...values) as T[];
  }

  run(sql: string, ...values: SqlValue[]): void {
    this.#prepared(sql).run(...values);
  }

  #prepared(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
    this.#database.close();
  }
}

export function removeReportFile(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
}

function openUsable(path: string): Database {
  try {
    const database = open(path);
    const version = (database.query("PRAGMA user_version").get() as { user_version: number }).user_version;
    if (version === VERSION) return database;
    database.close();
  } catch {
    // Damaged, or no database at all.
  }
  removeReportFile(path);
  const database = open(path);
  database.transaction(() => {
    for (const statement of SCHEMA) database.run(statement);
    database.run(`PRAGMA user_version = ${VERSION}`);
  })();
  return database;
}

function open(path: string): Database {
  const database = new Database(path, { create: true });
  // What is lost with the machine is read from the events again: its position is lost with it.
  for (const pragma of ["journal_mode = WAL", "synchronous = NORMAL", "cache_size = -8000", "busy_timeout = 5000"])
    database.run(`PRAGMA ${pragma}`);
  return database;
}
