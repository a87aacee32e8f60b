/**
 * The database file: one connection that writes, one that reads the last committed state while a transaction is open.
 * The file carries its format version and is migrated forward when it is opened; a newer one is refused.
 */
import { closeSync, existsSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { Catalog } from "./catalog";
import { Connection } from "./connection";
import { FORMAT_STEPS } from "./format";

/** "CHSQ": marks the file as ours (SQLite's application_id). */
const APPLICATION_ID = 0x43485351;
/** The inner pages of the trees of a million documents; leaves come from the operating system's cache just as well. */
const WRITER_CACHE_KIB = 8_192;
const READER_CACHE_KIB = 4_096;

export class NewerFormatError extends Error {
  constructor(file: string, found: number, known: number) {
    super(
      `${file} was written by a newer version (file format ${found}, this version knows ${known}). Install the newer version again.`,
    );
    this.name = "NewerFormatError";
  }
}

export class Storage {
  readonly file: string;
  readonly writer: Connection;
  readonly catalog: Catalog;
  #reader: Connection | null = null;

  constructor(file: string) {
    this.file = file;
    const isNew = !existsSync(file);
    this.writer = new Connection({ file, readonly: false, cacheKib: WRITER_CACHE_KIB });
    prepareFormat(this.writer, file);
    // The name of a new file must survive a power cut too, not only its content.
    if (isNew) syncDirectory(dirname(file));
    this.catalog = new Catalog(this.writer);
  }

  /** The second connection; made when it is needed first. */
  get reader(): Connection {
    this.#reader ??= new Connection({ file: this.file, readonly: true, cacheKib: READER_CACHE_KIB });
    return this.#reader;
  }

  /** Moves everything from the write-ahead log into the file. */
  checkpoint(): void {
    this.writer.db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  close(): void {
    this.#reader?.close();
    this.#reader = null;
    this.checkpoint();
    this.writer.close();
  }
}

function syncDirectory(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function prepareFormat(writer: Connection, file: string): void {
  const application = writer.number("PRAGMA application_id");
  const found = writer.number("PRAGMA user_version");
  const tables = writer.number("SELECT count(*) AS n FROM sqlite_master");
  if (application !== APPLICATION_ID && tables > 0) throw new Error(`${file} is a database of another program.`);
  if (found > FORMAT_STEPS.length) throw new NewerFormatError(file, found, FORMAT_STEPS.length);
  if (found === FORMAT_STEPS.length) return;
  writer.db.run("BEGIN IMMEDIATE");
  try {
    for (const step of FORMAT_STEPS.slice(found)) step(writer);
    writer.db.run(`PRAGMA application_id = ${APPLICATION_ID}`);
    writer.db.run(`PRAGMA user_version = ${FORMAT_STEPS.length}`);
    writer.db.run("COMMIT");
  } catch (error) {
    // Whatever a step threw: the file stays as it was.
    writer.db.run("ROLLBACK");
    throw error;
  }
}
