/**
 * The search index: a SQLite file of its own with full-text tables. Everything in it is derived, so a file that is damaged or of
 * another version is thrown away and built again. Row numbers carry the time, so the newest are found first without sorting.
 */
import { Database, type Statement } from "bun:sqlite";
import { rmSync } from "node:fs";
import type { SearchConversation, SearchEntry, SearchKind, SearchOperation, SearchSize } from "./search-message";
import { tagsOf } from "./search-tags";
import { numberParts, wordsOf } from "./words";

/** Raise it when what is stored or how words are made changes: the index is then built again. */
const VERSION = 1;
/** Row numbers: milliseconds since then, and which one of that millisecond. Together within 53 bits until 2084. */
const FIRST_YEAR = Date.UTC(2015, 0);
const PER_MS = 4_096;
const LONGEST_TEXT = 12_000;

const fullText = (name: string) =>
  `CREATE VIRTUAL TABLE ${name} USING fts5(words, digits, tags, content='', columnsize=0,
   tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co So M*'", prefix='2 3 4')`;

const SCHEMA = [
  "CREATE TABLE state (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
  `CREATE TABLE entry (row INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, id TEXT NOT NULL, conversation TEXT,
   contact TEXT, channel TEXT, direction TEXT, author TEXT, at INTEGER NOT NULL, labels TEXT NOT NULL, text TEXT NOT NULL) STRICT`,
  "CREATE INDEX entry_conversation ON entry (conversation) WHERE conversation IS NOT NULL",
  "CREATE INDEX entry_contact ON entry (contact) WHERE contact IS NOT NULL",
  `CREATE TABLE conversation (id TEXT PRIMARY KEY, contact TEXT NOT NULL, name TEXT NOT NULL, channel TEXT NOT NULL, agent TEXT,
   team TEXT, participants TEXT NOT NULL, labels TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  "CREATE INDEX conversation_contact ON conversation (contact)",
  "CREATE TABLE mark (mark TEXT NOT NULL, conversation TEXT NOT NULL, PRIMARY KEY (mark, conversation)) STRICT, WITHOUT ROWID",
  "CREATE INDEX mark_conversation ON mark (conversation)",
  fullText("said"),
  fullText("people"),
  "CREATE VIRTUAL TABLE said_words USING fts5vocab('said', 'instance')",
  "CREATE VIRTUAL TABLE people_words USING fts5vocab('people', 'instance')",
];

const CONVERSATION_FIELDS = ["contact", "name", "channel", "agent", "team", "participants", "labels"];
export const agentMark = (agent: string): string => `agent:${agent}`;
export const labelMark = (label: string): string => `label:${label}`;

export interface EntryRow {
  row: number;
  kind: SearchKind;
  id: string;
  conversation: string | null;
  contact: string | null;
  channel: string | null;
  direction: "inbound" | "outbound" | null;
  author: string | null;
  at: number;
  labels: string;
  text: string;
}

/** People are few and would drown among what was said. */
export const tableOf = (kind: SearchKind): "said" | "people" => (kind === "contact" ? "people" : "said");
export const rowAt = (time: number): number => Math.max(0, Math.floor(time) - FIRST_YEAR) * PER_MS;

export class SearchFile {
  readonly database: Database;
  readonly #statements = new Map<string, Statement>();

  /** Opens the file; one that cannot be used is replaced by an empty one. */
  constructor(path: string) {
    this.database = openUsable(path);
  }

  get size(): SearchSize {
    const position = this.get<{ value: number }>("SELECT value FROM state WHERE key = 'position'");
    const { entries } = this.get<{ entries: number }>("SELECT count(*) AS entries FROM entry")!;
    return { position: position?.value ?? null, entries };
  }

  /** All or nothing, and how far the events have been read with it: repeating it changes nothing. */
  apply(operations: readonly SearchOperation[], position: number | null): void {
    this.database.transaction(() => {
      for (const operation of operations) this.#apply(operation);
      if (position !== null) this.run("INSERT OR REPLACE INTO state (key, value) VALUES ('position', ?)", position);
    })();
  }

  #apply(operation: SearchOperation): void {
    if ("put" in operation) this.#put(operation.put);
    else if ("drop" in operation) this.#drop(refOf(operation.drop.kind, operation.drop.id));
    else if ("conversation" in operation) this.#putConversation(operation.conversation);
    else if ("dropConversation" in operation) this.#dropConversation(operation.dropConversation);
    else this.#dropContact(operation.dropContact);
  }

  #put(entry: SearchEntry): void {
    const ref = refOf(entry.kind, entry.id);
    const text = entry.text.slice(0, LONGEST_TEXT);
    const before = this.#entry(ref);
    const labels = JSON.stringify(entry.labels);
    const isSame =
      before !== null &&
      before.text === text &&
      before.labels === labels &&
      before.conversation === entry.conversation &&
      before.contact === entry.contact;
    if (isSame) return;
    if (before) this.#unindex(before);
    const after: EntryRow = { ...entry, text, labels, row: before?.row ?? this.#freeRow(entry.at) };
    this.run(
      `INSERT OR REPLACE INTO entry (row, ref, kind, id, conversation, contact, channel, direction, author, at, labels, text)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[after.row, ref, after.kind, after.id, after.conversation, after.contact, after.channel, after.direction],
      ...[after.author, after.at, labels, text],
    );
    this.run(
      `INSERT INTO ${tableOf(entry.kind)} (rowid, words, digits, tags) VALUES (?, ?, ?, ?)`,
      after.row,
      ...columnsOf(after),
    );
  }

  /** The index of words is taken back with the very text it was made from. */
  #unindex(row: EntryRow): void {
    const table = tableOf(row.kind);
    this.run(
      `INSERT INTO ${table} (${table}, rowid, words, digits, tags) VALUES ('delete', ?, ?, ?, ?)`,
      row.row,
      ...columnsOf(row),
    );
  }

  #drop(ref: string): void {
    const before = this.#entry(ref);
    if (!before) return;
    this.#unindex(before);
    this.run("DELETE FROM entry WHERE row = ?", before.row);
  }

  #dropAll(where: string, value: string): void {
    for (const row of this.all<EntryRow>(`SELECT * FROM entry WHERE ${where} = ?`, value)) {
      this.#unindex(row);
      this.run("DELETE FROM entry WHERE row = ?", row.row);
    }
  }

  #putConversation({ id, contact, name, channel, assignedAgent, team, participants, labels }: SearchConversation): void {
    const values = [contact, name, channel, assignedAgent, team, JSON.stringify(participants), JSON.stringify(labels)];
    const before = this.get<Record<string, string | null>>("SELECT * FROM conversation WHERE id = ?", id);
    // It is told with every message, and seldom differs in what matters here.
    if (before && values.every((value, index) => value === before[CONVERSATION_FIELDS[index]!])) return;
    this.run(
      `INSERT OR REPLACE INTO conversation (id, ${CONVERSATION_FIELDS.join(", ")}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      ...values,
    );
    this.run("DELETE FROM mark WHERE conversation = ?", id);
    const people = [...participants, ...(assignedAgent ? [assignedAgent] : [])];
    for (const mark of [...people.map(agentMark), ...labels.map(labelMark)])
      this.run("INSERT OR IGNORE INTO mark (mark, conversation) VALUES (?, ?)", mark, id);
  }

  conversationsOf(contact: string, limit: number): string[] {
    const rows = this.all<{ id: string }>("SELECT id FROM conversation WHERE contact = ? LIMIT ?", contact, limit);
    return rows.map(({ id }) => id);
  }

  /** Those that carry a label, or that somebody takes part in. */
  conversationsWith(mark: string, limit: number): string[] {
    const rows = this.all<{ id: string }>("SELECT conversation AS id FROM mark WHERE mark = ? LIMIT ?", mark, limit);
    return rows.map(({ id }) => id);
  }

  #dropConversation(id: string): void {
    this.#dropAll("conversation", id);
    this.run("DELETE FROM mark WHERE conversation = ?", id);
    this.run("DELETE FROM conversation WHERE id = ?", id);
  }

  #dropContact(contact: string): void {
    for (const { id } of this.all<{ id: string }>("SELECT id FROM conversation WHERE contact = ?", contact))
      this.#dropConversation(id);
    this.#dropAll("contact", contact);
  }

  #entry(ref: string): EntryRow | null {
    return this.get<EntryRow>("SELECT * FROM entry WHERE ref = ?", ref);
  }

  /** The next free row of that moment; a crowded millisecond runs over into the next. */
  #freeRow(at: number): number {
    const first = rowAt(at);
    const last = this.get<{ row: number | null }>(
      "SELECT max(row) AS row FROM entry WHERE row >= ? AND row < ?",
      first,
      first + PER_MS,
    );
    let row = last?.row === null || last === null ? first : last.row + 1;
    while (this.get("SELECT 1 AS taken FROM entry WHERE row = ?", row)) row++;
    return row;
  }

  /** Joins the pieces the index was written in, a little at a time. False when nothing is left to join. */
  merge(): boolean {
    let isDone = true;
    for (const table of ["said", "people"]) {
      const before = this.get<{ n: number }>("SELECT total_changes() AS n")!.n;
      this.run(`INSERT INTO ${table} (${table}, rank) VALUES ('merge', -300)`);
      if (this.get<{ n: number }>("SELECT total_changes() AS n")!.n - before > 1) isDone = false;
    }
    return !isDone;
  }

  get<T>(sql: string, ...values: (string | number | null)[]): T | null {
    return this.statement(sql).get(...values) as T | null;
  }

  all<T>(sql: string, ...values: (string | number | null)[]): T[] {
    return this.statement(sql).all(...values) as T[];
  }

  run(sql: string, ...values: (string | number | null)[]): void {
    this.statement(sql).run(...values);
  }

  statement(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
    this.database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    this.database.close();
  }
}

const refOf = (kind: SearchKind, id: string): string => `${kind}:${id}`;

const columnsOf = ({ kind, text, conversation, channel, direction, author, labels }: EntryRow): [string, string, string] => [
  wordsOf(text)
    .map((word) => word.text)
    .join(" "),
  numberParts(text).join(" "),
  tagsOf({ kind, conversation, channel, direction, author, labels: JSON.parse(labels) as string[] }),
];

export function removeSearchFile(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
}

function openUsable(path: string): Database {
  try {
    return open(path);
  } catch (error) {
    // SQLITE_NOTADB, SQLITE_CORRUPT, or a file of another version: everything in it can be derived again.
    if (!isUnusable(error)) throw error;
    removeSearchFile(path);
    return open(path);
  }
}

class OtherVersion extends Error {}

const isUnusable = (error: unknown): boolean =>
  error instanceof OtherVersion || /SQLITE_(NOTADB|CORRUPT)/.test(String((error as { code?: unknown }).code));

function open(path: string): Database {
  const database = new Database(path, { create: true });
  try {
    database.run("PRAGMA busy_timeout = 5000");
    database.run("PRAGMA journal_mode = WAL");
    // What a power cut takes from the end, the events bring back: the position goes with it.
    database.run("PRAGMA synchronous = NORMAL");
    database.run("PRAGMA secure_delete = ON");
    database.run("PRAGMA cache_size = -16000");
    const version = (database.query("PRAGMA user_version").get() as { user_version: number }).user_version;
    if (version === VERSION) return database;
    const tables = (database.query("SELECT count(*) AS n FROM sqlite_master").get() as { n: number }).n;
    if (version !== 0 || tables > 0) throw new OtherVersion(`version ${version}`);
    database.transaction(() => {
      for (const statement of SCHEMA) database.run(statement);
      // What is erased must be gone from the index of words, too.
      for (const table of ["said", "people"]) database.run(`INSERT INTO ${table} (${table}, rank) VALUES ('secure-delete', 1)`);
      database.run(`PRAGMA user_version = ${VERSION}`);
    })();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
