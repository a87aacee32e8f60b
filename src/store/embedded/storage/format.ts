/**
 * The version of the file: the steps that lead from an empty file to the current format, and how a file is brought
 * there. Step n brings a file of version n to n + 1; steps are never changed.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { Connection } from "./connection";

/** "CHSQ": marks the file as ours (SQLite's application_id). */
const APPLICATION_ID = 0x43485351;

export type FormatStep = (connection: Connection) => void;

export const FORMAT_STEPS: readonly FormatStep[] = [
  (connection) => {
    connection.db.run(
      "CREATE TABLE _coll(id INTEGER PRIMARY KEY AUTOINCREMENT, ns TEXT NOT NULL UNIQUE, options BLOB NOT NULL) STRICT",
    );
    // AUTOINCREMENT: the number of a dropped collection or index is never given to another one.
    connection.db.run(
      "CREATE TABLE _idx(id INTEGER PRIMARY KEY AUTOINCREMENT, coll INTEGER NOT NULL, spec BLOB NOT NULL, multikey INTEGER NOT NULL) STRICT",
    );
  },
  // Views; and from here on the options of a collection may hold a validator or a cap, which must be heeded.
  (connection) => {
    connection.db.run("CREATE TABLE _view(ns TEXT PRIMARY KEY, options BLOB NOT NULL) STRICT, WITHOUT ROWID");
  },
];

export class NewerFormatError extends Error {
  constructor(file: string, found: number, known: number) {
    super(
      `${file} was written by a newer version (file format ${found}, this version knows ${known}). Install the newer version again.`,
    );
    this.name = "NewerFormatError";
  }
}

interface Stamp {
  application: number;
  version: number;
  tables: number;
}

/** Throws for a file that is not ours or too new; nothing of it is touched, nothing is left beside it. */
export function refuseForeign(file: string, steps: readonly FormatStep[] = FORMAT_STEPS): void {
  const { application, version, tables } = hasLog(file) ? stampBySqlite(file) : stampInHeader(file);
  if (application !== APPLICATION_ID && tables > 0) throw new Error(`${file} is a database of another program.`);
  if (version > steps.length) throw new NewerFormatError(file, version, steps.length);
}

const hasLog = (file: string): boolean => (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;

function stampBySqlite(file: string): Stamp {
  const connection = new Connection({ file, readonly: true, cacheKib: 64 });
  try {
    return {
      application: connection.number("PRAGMA application_id"),
      version: connection.number("PRAGMA user_version"),
      tables: connection.number("SELECT count(*) AS n FROM sqlite_master"),
    };
  } finally {
    connection.close();
  }
}

/** SQLite leaves files of its own beside one that it opens for reading; the first page says the same. */
function stampInHeader(file: string): Stamp {
  const header = Buffer.alloc(105);
  const handle = openSync(file, "r");
  try {
    // Shorter: a file that was just made. The places are those of SQLite's file format.
    readSync(handle, header);
  } finally {
    closeSync(handle);
  }
  return { application: header.readInt32BE(68), version: header.readInt32BE(60), tables: header.readUInt16BE(103) };
}

/** Brings the file to the current format: the whole way or not at all. */
export function migrate(writer: Connection, steps: readonly FormatStep[] = FORMAT_STEPS): void {
  const found = writer.number("PRAGMA user_version");
  if (found === steps.length) return;
  writer.db.run("BEGIN IMMEDIATE");
  try {
    for (const step of steps.slice(found)) step(writer);
    writer.db.run(`PRAGMA application_id = ${APPLICATION_ID}`);
    writer.db.run(`PRAGMA user_version = ${steps.length}`);
    writer.db.run("COMMIT");
  } catch (error) {
    // Whatever a step threw: the file stays as it was.
    writer.db.run("ROLLBACK");
    throw error;
  }
}
