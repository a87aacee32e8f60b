/** Group commit at its barest, as the store does it: what is written in one turn of the event loop shares a commit and a sync. */
import { Database } from "bun:sqlite";
import { closeSync, fdatasync, openSync } from "node:fs";

/** `in place`: SQLite syncs within COMMIT. `beside`: the log is synced on another thread after COMMIT, and what comes meanwhile waits for the next. */
export type Syncing = "in place" | "beside";

export interface Writer {
  /** Resolves with the number of the row once it is on disk. */
  write(bytes: Uint8Array): Promise<number>;
  read(row: number): Promise<Uint8Array> | Uint8Array;
  close(): Promise<void>;
}

interface Waiting {
  bytes: Uint8Array;
  resolve: (row: number) => void;
}

export function openWriter(file: string, syncing: Syncing): Writer {
  const db = new Database(file, { create: true });
  for (const setting of [
    "journal_mode = WAL",
    `synchronous = ${syncing === "in place" ? "FULL" : "NORMAL"}`,
    "wal_autocheckpoint = 4000",
  ])
    db.run(`PRAGMA ${setting}`);
  db.run("CREATE TABLE IF NOT EXISTS t(d BLOB NOT NULL)");
  const [begin, commit] = [db.prepare("BEGIN IMMEDIATE"), db.prepare("COMMIT")];
  const insert = db.prepare("INSERT INTO t(d) VALUES(?)");
  const select = db.prepare<{ d: Uint8Array }, [number]>("SELECT d FROM t WHERE rowid = ?");
  const log = openSync(`${file}-wal`, "r+");
  let waiting: Waiting[] = [];
  let unsynced: (() => void)[] = [];
  let syncs: Promise<void> | null = null;

  function flush(): void {
    const group = waiting;
    waiting = [];
    begin.run();
    const rows = group.map(({ bytes }) => Number(insert.run(bytes).lastInsertRowid));
    commit.run();
    const tell = () => {
      for (const [index, { resolve }] of group.entries()) resolve(rows[index] ?? 0);
    };
    if (syncing === "in place") tell();
    else {
      unsynced.push(tell);
      syncs ??= syncAll().finally(() => {
        syncs = null;
      });
    }
  }

  async function syncAll(): Promise<void> {
    while (unsynced.length > 0) {
      const told = unsynced;
      unsynced = [];
      await new Promise<void>((resolve, reject) => fdatasync(log, (error) => (error ? reject(error) : resolve())));
      for (const tell of told) tell();
    }
  }

  return {
    write: (bytes) =>
      new Promise((resolve) => {
        waiting.push({ bytes, resolve });
        if (waiting.length === 1) setImmediate(flush);
      }),
    read: (row) => select.get(row)?.d ?? new Uint8Array(),
    async close() {
      await syncs;
      closeSync(log);
      db.close();
    },
  };
}
