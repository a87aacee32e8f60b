/** Online backup: a compact copy of the committed state, written beside the running store. */
import { Database } from "bun:sqlite";
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import type { Connection } from "./connection";

/**
 * Writes a copy to `target`, which must not exist. The copy appears under its name only when it is complete and
 * synced. Runs on a read connection, so writers go on.
 */
export function backupTo(reader: Connection, target: string): void {
  if (existsSync(target)) throw new Error(`${target} exists already.`);
  const partial = `${target}.partial`;
  rmSync(partial, { force: true });
  reader.db.run("VACUUM INTO ?", [partial]);
  const handle = openSync(partial, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(partial, target);
}

/** SQLite's own verdict on a backup file; empty when it is sound. */
export function checkBackup(file: string): string[] {
  const db = new Database(file, { readonly: true });
  try {
    return db
      .query<{ integrity_check: string }, []>("PRAGMA integrity_check")
      .all()
      .map((row) => row.integrity_check)
      .filter((text) => text !== "ok");
  } finally {
    db.close();
  }
}
