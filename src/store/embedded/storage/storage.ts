/**
 * The database file: one connection that writes, one that reads the last committed state while a transaction is open.
 * The file carries its format version and is migrated forward when it is opened; a newer one is refused.
 */
import { closeSync, existsSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { Catalog } from "./catalog";
import { Connection } from "./connection";
import { migrate, refuseForeign } from "./format";

/** The inner pages of the trees of a million documents; leaves come from the operating system's cache just as well. */
const WRITER_CACHE_KIB = 8_192;
const READER_CACHE_KIB = 4_096;

export class Storage {
  readonly file: string;
  readonly writer: Connection;
  readonly catalog: Catalog;
  #reader: Connection | null = null;

  constructor(file: string) {
    this.file = file;
    const isNew = !existsSync(file);
    if (!isNew) refuseForeign(file);
    this.writer = new Connection({ file, readonly: false, cacheKib: WRITER_CACHE_KIB });
    migrate(this.writer);
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
