/** Nobody is told before the log is on disk: syncs are shared, and a disk that fails only makes everybody wait. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/core/clock";
import { createLog } from "../../src/core/log";
import { Connection } from "../../src/store/embedded/storage/connection";
import { LogSync } from "../../src/store/embedded/storage/log-sync";
import { tempDir } from "../helpers/temp-dir";
import { until } from "../helpers/until";

function open(logFile?: string) {
  const dir = tempDir();
  const file = join(dir.path, "some.db");
  const connection = new Connection({ file, readonly: false, cacheKib: 64 });
  connection.db.run("CREATE TABLE t(n INTEGER)");
  const lines: string[] = [];
  const log = createLog({ level: "error", write: (line: string) => void lines.push(line) });
  const writer = { db: connection.db, file: logFile ?? file } as Connection;
  const sync = new LogSync(writer, systemClock, log);
  const told: number[] = [];
  const commit = (n: number) => {
    connection.db.run(`INSERT INTO t VALUES(${n})`);
    sync.add([{ resolve: () => void told.push(n) }]);
  };
  return {
    sync,
    told,
    lines,
    commit,
    file,
    db: connection.db,
    [Symbol.dispose]() {
      connection.close();
      dir[Symbol.dispose]();
    },
  };
}

test("commits of one sync share it, and those that come meanwhile share the next; all are told in their order", async () => {
  using store = open();
  store.commit(1);
  for (let n = 2; n <= 50; n++) store.commit(n);
  expect(store.told).toEqual([]);
  await store.sync.idle();
  expect(store.told).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  expect(store.sync.syncs).toBe(2);
  await store.sync.close();
});

test("after a sync that failed nobody is told until everything is in the file itself", async () => {
  // A log that cannot be opened fails as a broken disk does.
  using store = open("/nonexistent/some.db");
  store.db.run("BEGIN");
  store.sync.add([{ resolve: () => void store.told.push(0) }]);
  await until(() => store.lines.length >= 2);
  expect(store.told).toEqual([]);
  expect(store.lines[0]).toContain("acknowledgements wait");
  store.db.run("COMMIT");
  store.commit(1);
  await until(() => store.told.length === 2);
  // The file alone, without its log, has it.
  const copy = `${store.file}.copy`;
  copyFileSync(store.file, copy);
  using alone = new Database(copy);
  expect(alone.query("SELECT n FROM t").all()).toEqual([{ n: 1 }]);
});
