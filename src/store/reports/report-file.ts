/**
 * The figures: a SQLite file of its own. What is known of each conversation is kept small, its facts are worked out anew whenever it
 * changes, and the sums over all conversations take the difference: so they always equal a recount. Everything in it is derived; a
 * file that is damaged or of another version is thrown away and built again.
 */
import { Database, type Statement } from "bun:sqlite";
import { rmSync } from "node:fs";
import { type Fact, factsOf, type Moment, type Said } from "./report-facts";
import {
  DIMENSIONS,
  type Dimension,
  MESSAGE_KINDS,
  METRICS,
  type MomentKind,
  type ReportConversation,
  type ReportMessage,
  type ReportMoment,
  type ReportOperation,
  type ReportSize,
} from "./report-message";

/** Raise it when what is stored or counted changes: the file is then built again. */
const VERSION = 1;

const SCHEMA = [
  "CREATE TABLE state (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID",
  `CREATE TABLE conversation (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, contact TEXT, channel TEXT, team TEXT, agent TEXT,
   labels TEXT NOT NULL, created INTEGER, is_over INTEGER NOT NULL, is_assisted INTEGER NOT NULL, merged INTEGER NOT NULL) STRICT`,
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

interface ConversationRow {
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
  merged: number;
}

type Place = Pick<ConversationRow, "channel" | "team" | "labels">;

export const metricNumber = (metric: (typeof METRICS)[number]): number => METRICS.indexOf(metric);
export const dimensionNumber = (dimension: Dimension): number => DIMENSIONS.indexOf(dimension);

export class ReportFile {
  readonly database: Database;
  readonly #statements = new Map<string, Statement>();
  /** Conversations whose facts are to be worked out again, with what they were counted under until now. */
  readonly #touched = new Map<number, Place>();

  /** Opens the file; one that cannot be used is replaced by an empty one. */
  constructor(path: string) {
    this.database = openUsable(path);
  }

  get size(): ReportSize {
    const position = this.get<{ value: number }>("SELECT value FROM state WHERE key = 'position'");
    const { conversations } = this.get<{ conversations: number }>("SELECT count(*) AS conversations FROM conversation")!;
    return { position: position?.value ?? null, conversations };
  }

  /** All or nothing, with how far the events have been read. Gives the moments that nobody has stored elsewhere yet. */
  apply(operations: readonly ReportOperation[], position: number, stored: readonly string[]): ReportMoment[] {
    this.database.transaction(() => {
      for (const id of stored) this.run("UPDATE moment SET is_stored = 1 WHERE id = ?", id);
      for (const operation of operations) this.#take(operation);
      for (const [n, before] of this.#touched) this.#derive(n, before);
      this.#touched.clear();
      this.run("INSERT OR REPLACE INTO state VALUES ('position', ?)", position);
    })();
    return this.all<ReportMoment>(
      `SELECT moment.id, conversation.id AS conversation, kind, at, moment.agent, value
       FROM moment JOIN conversation ON conversation.n = moment.conversation WHERE is_stored = 0`,
    );
  }

  /** The same of a file that is being built: its facts and sums come at the end. */
  build(operations: readonly ReportOperation[]): void {
    this.database.transaction(() => {
      for (const operation of operations) this.#take(operation);
      this.#touched.clear();
    })();
  }

  beginBuild(position: number): void {
    this.run("INSERT OR REPLACE INTO state VALUES ('build', ?)", position);
  }

  /** Works out the facts of some more conversations, then the sums of one more dimension. False once all is done. */
  deriveBuild(): boolean {
    const done = this.get<{ value: number }>("SELECT value FROM state WHERE key = 'derived'")?.value ?? 0;
    const rows = this.all<{ n: number }>("SELECT n FROM conversation WHERE n > ? ORDER BY n LIMIT 2000", done);
    if (rows.length > 0) {
      this.database.transaction(() => {
        for (const { n } of rows) for (const fact of this.#factsOf(n)) this.#insertFact(n, fact);
        this.run("INSERT OR REPLACE INTO state VALUES ('derived', ?)", rows.at(-1)!.n);
      })();
      return true;
    }
    const summed = this.get<{ value: number }>("SELECT value FROM state WHERE key = 'summed'")?.value ?? 0;
    const dimension = DIMENSIONS[summed];
    if (!dimension) return false;
    this.database.transaction(() => {
      this.run(
        `INSERT INTO total SELECT ?, ${KEYS[dimension]}, metric, bucket, bin, sum(count), sum(sum)
         FROM fact JOIN conversation ON conversation.n = fact.conversation
         ${dimension === "label" ? "JOIN label ON label.conversation = fact.conversation" : ""} GROUP BY 2, 3, 4, 5`,
        summed,
      );
      this.run("INSERT OR REPLACE INTO state VALUES ('summed', ?)", summed + 1);
    })();
    return true;
  }

  /** From now on it is a file like any other. */
  finishBuild(): void {
    this.database.transaction(() => {
      this.run("INSERT OR REPLACE INTO state SELECT 'position', value FROM state WHERE key = 'build'");
      this.run("DELETE FROM state WHERE key IN ('build', 'derived', 'summed')");
    })();
  }

  #take(operation: ReportOperation): void {
    if ("conversation" in operation) this.#takeConversation(operation.conversation, operation.at);
    else if ("moment" in operation) this.#takeMoment(operation.moment, 1);
    else if ("dropMessage" in operation) this.#dropMessage(operation.dropMessage);
    else if ("dropContact" in operation) this.#dropContact(operation.dropContact);
    else if ("isUnsaid" in operation) this.#setUnsaid(operation.message, operation.isUnsaid);
    else this.#takeMessage(operation.message);
  }

  #takeMessage({ id, conversation, at, kind, author }: ReportMessage): void {
    const known = this.get<{ n: number }>("SELECT conversation AS n FROM message WHERE id = ?", bytes(id));
    if (known) return;
    const n = this.#numberOf(conversation);
    this.run("INSERT INTO message VALUES (?, ?, ?, ?, ?, 0)", n, at, bytes(id), MESSAGE_KINDS.indexOf(kind), author);
    this.#touch(n);
  }

  #dropMessage(id: string): void {
    const known = this.get<{ n: number }>("SELECT conversation AS n FROM message WHERE id = ?", bytes(id));
    if (!known) return;
    this.run("DELETE FROM message WHERE id = ?", bytes(id));
    this.#touch(known.n);
  }

  #setUnsaid(id: string, isUnsaid: boolean): void {
    const changed = this.get<{ n: number }>(
      "UPDATE message SET is_unsaid = ?2 WHERE id = ?1 AND is_unsaid <> ?2 RETURNING conversation AS n",
      bytes(id),
      Number(isUnsaid),
    );
    if (changed) this.#touch(changed.n);
  }

  #takeConversation(now: ReportConversation, at: number | null): void {
    const n = this.#numberOf(now.id);
    const before = this.#row(n)!;
    const labels = JSON.stringify(now.labels.toSorted());
    const isNew = before.created === null;
    const isSame =
      !isNew &&
      before.channel === now.channel &&
      before.team === now.team &&
      before.agent === now.agent &&
      before.labels === labels &&
      before.contact === now.contact &&
      before.is_over === Number(now.isOver) &&
      before.is_assisted === Number(now.isAssisted) &&
      before.merged === Number(now.mergedInto !== null);
    if (isSame) return;
    this.#touch(n);
    this.run(
      `UPDATE conversation SET contact = ?, channel = ?, team = ?, agent = ?, labels = ?, created = ?, is_over = ?, is_assisted = ?,
       merged = ? WHERE n = ?`,
      now.contact,
      now.channel,
      now.team,
      now.agent,
      labels,
      now.created,
      Number(now.isOver),
      Number(now.isAssisted),
      Number(now.mergedInto !== null),
      n,
    );
    if (before.labels !== labels) {
      this.run("DELETE FROM label WHERE conversation = ? AND label IN (SELECT value FROM json_each(?))", n, before.labels);
      this.run("INSERT OR IGNORE INTO label SELECT ?, value FROM json_each(?)", n, labels);
    }
    if (now.mergedInto !== null) {
      this.#move(n, this.#numberOf(now.mergedInto));
      return;
    }
    const isKnown = at === null && this.#lastOf(n) === "resolved";
    if (!isKnown) for (const moment of momentsBetween(before, isNew, now, at)) this.#takeMoment(moment, at === null ? 1 : 0);
  }

  #lastOf(n: number): string | undefined {
    return this.get<{ kind: string }>(
      "SELECT kind FROM moment WHERE conversation = ? AND kind IN ('resolved', 'reopened') ORDER BY at DESC, id DESC LIMIT 1",
      n,
    )?.kind;
  }

  /** Another conversation has taken in what was said in this one. */
  #move(from: number, to: number): void {
    this.#touch(to);
    this.run("UPDATE OR IGNORE message SET conversation = ? WHERE conversation = ?", to, from);
    this.run("UPDATE moment SET conversation = ? WHERE conversation = ?", to, from);
  }

  #takeMoment({ id, conversation, kind, at, agent, value }: ReportMoment, isStored: 0 | 1): void {
    const n = this.#numberOf(conversation);
    const known = this.get<{ at: number; value: number | null }>("SELECT at, value FROM moment WHERE id = ?", id);
    if (known?.at === at && known.value === value) return;
    this.#touch(n);
    this.run("INSERT OR REPLACE INTO moment VALUES (?, ?, ?, ?, ?, ?, ?)", id, n, kind, at, agent, value, isStored);
  }

  #dropContact(contact: string): void {
    for (const { n } of this.all<{ n: number }>("SELECT n FROM conversation WHERE contact = ?", contact)) {
      this.#touch(n);
      this.run("DELETE FROM message WHERE conversation = ?", n);
      this.run("DELETE FROM moment WHERE conversation = ?", n);
      const { labels } = this.#row(n)!;
      this.run("DELETE FROM label WHERE conversation = ? AND label IN (SELECT value FROM json_each(?))", n, labels);
      this.#derive(n, this.#touched.get(n)!, []);
      this.#touched.delete(n);
      this.run("DELETE FROM conversation WHERE n = ?", n);
    }
  }

  #numberOf(id: string): number {
    const known = this.get<{ n: number }>("SELECT n FROM conversation WHERE id = ?", id);
    if (known) return known.n;
    return this.get<{ n: number }>(
      "INSERT INTO conversation VALUES (NULL, ?, NULL, NULL, NULL, NULL, '[]', NULL, 0, 0, 0) RETURNING n",
      id,
    )!.n;
  }

  #row = (n: number): ConversationRow | null => this.get<ConversationRow>("SELECT * FROM conversation WHERE n = ?", n);

  #touch(n: number): void {
    if (this.#touched.has(n)) return;
    const { channel, team, labels } = this.#row(n)!;
    this.#touched.set(n, { channel, team, labels });
  }

  #factsOf(n: number): Fact[] {
    const row = this.#row(n);
    // Something was said in it, and what it is comes with a later event.
    if (!row || row.created === null) return [];
    const said = this.all<{ at: number; kind: number; author: string | null }>(
      "SELECT at, kind, author FROM message WHERE conversation = ? AND is_unsaid = 0 ORDER BY at, id",
      n,
    ).map(({ at, kind, author }): Said => ({ at, kind: MESSAGE_KINDS[kind]!, author }));
    const moments = this.all<Moment>("SELECT kind, at, agent, value FROM moment WHERE conversation = ? ORDER BY at, id", n);
    return factsOf({ created: row.created, agent: row.agent, isMerged: row.merged === 1, said, moments });
  }

  /** Replaces the facts of a conversation and moves the sums by the difference. */
  #derive(n: number, before: Place, facts = this.#factsOf(n)): void {
    const old = this.all<Omit<Fact, "metric"> & { metric: number }>("SELECT * FROM fact WHERE conversation = ?", n).map(
      (fact): Fact => ({ ...fact, metric: METRICS[fact.metric]! }),
    );
    const now = this.#row(n)!;
    const changes = new Map<string, { fact: Fact; dimension: Dimension; key: string; count: number; sum: number }>();
    const add = (fact: Fact, place: Place, sign: 1 | -1) => {
      for (const [dimension, key] of placesOf(fact, place)) {
        const id = `${dimension} ${key} ${fact.metric} ${fact.bucket} ${fact.bin}`;
        const change = changes.get(id) ?? { fact, dimension, key, count: 0, sum: 0 };
        change.count += sign * fact.count;
        change.sum += sign * fact.sum;
        changes.set(id, change);
      }
    };
    for (const fact of old) add(fact, before, -1);
    for (const fact of facts) add(fact, now, 1);
    for (const change of changes.values()) if (change.count !== 0 || change.sum !== 0) this.#moveTotal(change);
    const known = new Map(old.map((fact) => [keyOf(fact), fact]));
    for (const fact of facts) {
      const same = known.get(keyOf(fact));
      known.delete(keyOf(fact));
      if (same?.count !== fact.count || same.sum !== fact.sum) this.#insertFact(n, fact);
    }
    for (const { bucket, metric, agent, bin } of known.values())
      this.run(
        "DELETE FROM fact WHERE conversation = ? AND bucket = ? AND metric = ? AND agent = ? AND bin = ?",
        n,
        bucket,
        metricNumber(metric),
        agent,
        bin,
      );
  }

  #moveTotal({
    fact: { metric, bucket, bin },
    dimension,
    key,
    count,
    sum,
  }: {
    fact: Fact;
    dimension: Dimension;
    key: string;
    count: number;
    sum: number;
  }): void {
    const place = [dimensionNumber(dimension), key, metricNumber(metric), bucket, bin];
    this.run(
      `INSERT INTO total VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count, sum = sum + excluded.sum`,
      ...place,
      count,
      sum,
    );
    if (count < 0)
      this.run(
        "DELETE FROM total WHERE dimension = ? AND key = ? AND metric = ? AND bucket = ? AND bin = ? AND count = 0",
        ...place,
      );
  }

  #insertFact(n: number, { bucket, metric, agent, bin, count, sum }: Fact): void {
    this.run("INSERT OR REPLACE INTO fact VALUES (?, ?, ?, ?, ?, ?, ?)", n, bucket, metricNumber(metric), agent, bin, count, sum);
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
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
    this.database.close();
  }
}

export type SqlValue = string | number | null | Uint8Array;

/** A column for the key of each dimension. */
const KEYS: Readonly<Record<Dimension, string>> = {
  all: "''",
  channel: "coalesce(channel, '')",
  team: "coalesce(team, '')",
  agent: "fact.agent",
  label: "label",
};

const bytes = (id: string): Uint8Array => Buffer.from(id, "hex");
const keyOf = ({ bucket, metric, agent, bin }: Fact): string => `${bucket} ${metric} ${agent} ${bin}`;

/** Under which keys a fact is counted. */
function placesOf({ agent }: Fact, { channel, team, labels }: Place): [Dimension, string][] {
  return [
    ["all", ""],
    ["channel", channel ?? ""],
    ["team", team ?? ""],
    ["agent", agent],
    ...(JSON.parse(labels) as string[]).map((label): [Dimension, string] => ["label", label]),
  ];
}

/** What has happened to a conversation between what was known of it and what it is now. */
function momentsBetween(before: ConversationRow, isNew: boolean, now: ReportConversation, at: number | null): ReportMoment[] {
  const moment = (kind: MomentKind, when: number): ReportMoment => ({
    id: `${kind}:${now.id}:${when}`,
    conversation: now.id,
    kind,
    at: when,
    agent: now.agent,
    value: null,
  });
  // Read from the document: only the last resolution is still known.
  if (at === null) return now.isOver && now.resolvedAt !== null ? [moment("resolved", now.resolvedAt)] : [];
  const wasOver = !isNew && before.is_over === 1;
  if (now.isOver) return wasOver ? [] : [moment("resolved", now.resolvedAt ?? at)];
  return [
    ...(wasOver ? [moment("reopened", at)] : []),
    ...(!isNew && before.is_assisted === 1 && now.isPeoples ? [moment("handed-off", at)] : []),
  ];
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
