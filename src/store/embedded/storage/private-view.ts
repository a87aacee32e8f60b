/**
 * The database as one transaction sees it that has let go of the writer: the committed state of that moment, with its own
 * changes laid over it. Temporary views take the place of the tables, so that everything that reads them reads on unchanged.
 */
import { Connection, type DocumentSql, type EntrySql } from "./connection";

const CACHE_KIB = 1_024;

export class PrivateView extends Connection {
  readonly #covered = new Set<string>();

  /** Opens the state as of now. */
  constructor(file: string) {
    super({ file, readonly: true, cacheKib: CACHE_KIB });
    this.db.run("BEGIN");
    // Only the first read takes the snapshot.
    this.db.query("SELECT count(*) FROM _coll").get();
  }

  override insertRow({ table }: DocumentSql, key: Uint8Array, bytes: Uint8Array, rid: number | null): number | null {
    this.#coverDocuments(table);
    if (this.number(`SELECT count(*) AS n FROM ${table} WHERE k = ?`, key) > 0) return null;
    this.claimKey?.(table, key);
    const id = rid ?? this.number(`SELECT max(${newest(`main.${table}`)}, ${newest(`temp.own_${table}`)}) + 1 AS n`);
    this.run(`INSERT INTO temp.own_${table}(rid, k, d) VALUES(?, ?, ?)`, id, key, bytes);
    return id;
  }

  override updateRow({ table }: DocumentSql, rid: number, bytes: Uint8Array): void {
    this.#coverDocuments(table);
    if (this.run(`UPDATE temp.own_${table} SET d = ? WHERE rid = ?`, bytes, rid) > 0) return;
    this.run(`INSERT INTO temp.own_${table}(rid, k, d) SELECT rid, k, ? FROM main.${table} WHERE rid = ?`, bytes, rid);
    this.run(`INSERT INTO temp.gone_${table}(rid) VALUES(?)`, rid);
  }

  override removeRow({ table }: DocumentSql, rid: number): void {
    this.#coverDocuments(table);
    if (this.run(`DELETE FROM temp.own_${table} WHERE rid = ?`, rid) > 0) return;
    this.run(`INSERT INTO temp.gone_${table}(rid) VALUES(?)`, rid);
  }

  override addEntry({ table, unique }: EntrySql, key: Uint8Array, rid: number): boolean {
    this.#coverEntries(table);
    if (unique && this.number(`SELECT count(*) AS n FROM ${table} WHERE k = ?`, key) > 0) return false;
    if (unique) this.claimKey?.(table, key);
    if (this.run(`DELETE FROM temp.gone_${table} WHERE k = ? AND rid = ?`, key, rid) > 0) return true;
    this.run(`INSERT INTO temp.own_${table}(k, rid) VALUES(?, ?)`, key, rid);
    return true;
  }

  override removeEntry({ table }: EntrySql, key: Uint8Array, rid: number): void {
    this.#coverEntries(table);
    if (this.run(`DELETE FROM temp.own_${table} WHERE k = ? AND rid = ?`, key, rid) > 0) return;
    this.run(`INSERT INTO temp.gone_${table}(k, rid) VALUES(?, ?)`, key, rid);
  }

  /** True when the row had the key in the file and has it no longer here. */
  hasGivenUp(table: string, key: Uint8Array, rid: number): boolean {
    if (!this.#covered.has(table)) return false;
    return table.startsWith("c")
      ? this.number(`SELECT count(*) AS n FROM temp.gone_${table} WHERE rid = ?`, rid) > 0
      : this.number(`SELECT count(*) AS n FROM temp.gone_${table} WHERE k = ? AND rid = ?`, key, rid) > 0;
  }

  /** The file is written at the commit. */
  override keepMultikey(): boolean {
    return false;
  }

  #coverDocuments(table: string): void {
    this.#cover(table, [
      `CREATE TEMP TABLE own_${table}(rid INTEGER PRIMARY KEY, k BLOB NOT NULL UNIQUE, d BLOB NOT NULL)`,
      `CREATE TEMP TABLE gone_${table}(rid INTEGER PRIMARY KEY)`,
      `CREATE TEMP VIEW ${table} AS
         SELECT rid, k, d FROM main.${table} WHERE rid NOT IN (SELECT rid FROM temp.gone_${table})
         UNION ALL SELECT rid, k, d FROM temp.own_${table}`,
    ]);
  }

  #coverEntries(table: string): void {
    this.#cover(table, [
      `CREATE TEMP TABLE own_${table}(k BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY(k, rid)) WITHOUT ROWID`,
      `CREATE TEMP TABLE gone_${table}(k BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY(k, rid)) WITHOUT ROWID`,
      `CREATE TEMP VIEW ${table} AS
         SELECT k, rid FROM main.${table} AS m
         WHERE NOT EXISTS (SELECT 1 FROM temp.gone_${table} AS g WHERE g.k = m.k AND g.rid = m.rid)
         UNION ALL SELECT k, rid FROM temp.own_${table}`,
    ]);
  }

  #cover(table: string, statements: readonly string[]): void {
    if (this.#covered.has(table)) return;
    this.#covered.add(table);
    // Those prepared before name the tables below.
    this.forgetStatements();
    for (const sql of statements) this.db.run(sql);
  }
}

const newest = (table: string): string => `coalesce((SELECT max(rid) FROM ${table}), 0)`;
