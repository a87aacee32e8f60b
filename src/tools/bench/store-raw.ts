/**
 * The yardstick of the store benchmark: the least that bun:sqlite can do with the same bytes, the same two indexes and
 * the same settings. Keys and BSON are made beforehand; only prepared statements and the stock BSON reader are timed.
 */
import { Database, type Statement } from "bun:sqlite";
import { type BenchMessage, conversationOf, fromBytes, idOf, messageAt, toBytes, wamidOf } from "./store-message.model";

const EVERY_SETTING = ["journal_mode = WAL", "synchronous = FULL", "cache_size = -8192", "wal_autocheckpoint = 4000"];

/** What is stored of one message: nothing of it is computed while the clock runs. */
export interface RawRow {
  id: Uint8Array;
  wamid: Uint8Array;
  conversation: Uint8Array;
  bytes: Uint8Array;
}

const keyOfId = (index: number): Uint8Array => idOf(index).id;
const keyOfWamid = (index: number): Uint8Array => Buffer.from(wamidOf(index));

/** Conversation ascending, time descending. */
function keyOfConversation({ conversation, at }: BenchMessage): Uint8Array {
  const key = Buffer.alloc(20);
  key.set(conversation.id);
  key.writeBigUInt64BE(~BigInt(at.getTime()) & 0xffff_ffff_ffff_ffffn, 12);
  return key;
}

export function rawRow(index: number, rows: number): RawRow {
  const message = messageAt(index, rows);
  return { id: keyOfId(index), wamid: keyOfWamid(index), conversation: keyOfConversation(message), bytes: toBytes(message) };
}

export class RawStore {
  readonly #db: Database;
  readonly #insert: Statement;
  readonly #insertWamid: Statement;
  readonly #insertConversation: Statement;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #byId: Statement<{ d: Uint8Array }, [Uint8Array]>;
  readonly #byWamid: Statement<{ d: Uint8Array }, [Uint8Array]>;
  readonly #page: Statement<{ d: Uint8Array }, [Uint8Array, Uint8Array]>;

  constructor(file: string) {
    this.#db = new Database(file, { create: true });
    for (const setting of EVERY_SETTING) this.#db.run(`PRAGMA ${setting}`);
    this.#db.run("CREATE TABLE c(rid INTEGER PRIMARY KEY, k BLOB NOT NULL UNIQUE, d BLOB NOT NULL) STRICT");
    this.#db.run("CREATE TABLE w(k BLOB NOT NULL PRIMARY KEY, rid INTEGER NOT NULL) WITHOUT ROWID, STRICT");
    this.#db.run("CREATE TABLE v(k BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY(k, rid)) WITHOUT ROWID, STRICT");
    this.#insert = this.#db.prepare("INSERT INTO c(k, d) VALUES(?, ?)");
    this.#insertWamid = this.#db.prepare("INSERT INTO w(k, rid) VALUES(?, ?)");
    this.#insertConversation = this.#db.prepare("INSERT INTO v(k, rid) VALUES(?, ?)");
    this.#begin = this.#db.prepare("BEGIN IMMEDIATE");
    this.#commit = this.#db.prepare("COMMIT");
    this.#byId = this.#db.prepare("SELECT d FROM c WHERE k = ?");
    this.#byWamid = this.#db.prepare("SELECT c.d AS d FROM w CROSS JOIN c ON c.rid = w.rid WHERE w.k = ?");
    this.#page = this.#db.prepare(
      "SELECT c.d AS d FROM v CROSS JOIN c ON c.rid = v.rid WHERE v.k >= ? AND v.k < ? ORDER BY v.k LIMIT 50",
    );
  }

  /** One transaction for all of them: one sync to disk. */
  insert(rows: readonly RawRow[]): void {
    this.#begin.run();
    for (const { id, wamid, conversation, bytes } of rows) {
      const { lastInsertRowid } = this.#insert.run(id, bytes);
      this.#insertWamid.run(wamid, lastInsertRowid);
      this.#insertConversation.run(conversation, lastInsertRowid);
    }
    this.#commit.run();
  }

  bytesById(index: number): Uint8Array | undefined {
    return this.#byId.get(keyOfId(index))?.d;
  }

  bytesByWamid(index: number): Uint8Array | undefined {
    return this.#byWamid.get(keyOfWamid(index))?.d;
  }

  bytesOfPage(conversation: number): Uint8Array[] {
    const from = conversationOf(conversation).id;
    const to = new Uint8Array(20).fill(0xff);
    to.set(from);
    return this.#page.all(from, to).map((row) => row.d);
  }

  byId(index: number): BenchMessage | null {
    const bytes = this.bytesById(index);
    return bytes ? fromBytes(bytes) : null;
  }

  byWamid(index: number): BenchMessage | null {
    const bytes = this.bytesByWamid(index);
    return bytes ? fromBytes(bytes) : null;
  }

  page(conversation: number): BenchMessage[] {
    return this.bytesOfPage(conversation).map(fromBytes);
  }

  count(): number {
    return this.#db.query<{ n: number }, []>("SELECT count(*) AS n FROM c").get()!.n;
  }

  close(): void {
    for (const statement of [this.#insert, this.#insertWamid, this.#insertConversation, this.#begin, this.#commit])
      statement.finalize();
    this.#db.close();
  }
}
