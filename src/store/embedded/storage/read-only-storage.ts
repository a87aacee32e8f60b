/** The database file as a reader in another thread sees it: one read-only connection, and the catalog as of the last commit. */
import { Catalog } from "./catalog";
import { Connection } from "./connection";

const CACHE_KIB = 16_384;

export class ReadOnlyStorage {
  readonly writer: Connection;
  #catalog: Catalog;
  #version: number;

  constructor(file: string) {
    this.writer = new Connection({ file, readonly: true, cacheKib: CACHE_KIB });
    this.#version = this.#dataVersion();
    this.#catalog = new Catalog(this.writer);
  }

  get catalog(): Catalog {
    return this.#catalog;
  }

  /** Runs `work` on one unchanging state of the file, the newest. */
  snapshot<T>(work: (connection: Connection) => T): T {
    this.writer.db.run("BEGIN");
    try {
      // The first read takes the snapshot. The version moves with every commit of the other connection.
      const version = this.#dataVersion();
      if (version !== this.#version) {
        this.#version = version;
        this.writer.forgetStatements();
        this.#catalog = new Catalog(this.writer);
      }
      return work(this.writer);
    } finally {
      this.writer.db.run("COMMIT");
    }
  }

  #dataVersion(): number {
    return this.writer.number("PRAGMA data_version");
  }

  close(): void {
    this.writer.close();
  }
}
