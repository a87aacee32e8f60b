/** A power cut takes what was not synced: the write-ahead log ends somewhere. What had been synced before is there, and whole. */
import { expect, test } from "bun:test";
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { decode } from "../../src/store/embedded/bson/decode";
import { Engine } from "../../src/store/embedded/engine";
import { checkIntegrity } from "../../src/store/embedded/storage/integrity";
import { tempDir } from "../helpers/temp-dir";
import { openTestStore } from "./embedded-store";

const WRITES = 120;

/** What has been acknowledged when the log was this long. */
interface Mark {
  bytes: number;
  singles: number;
  pairs: number;
}

test("a log cut anywhere opens, is sound, and has every write that was synced before the cut", async () => {
  await using store = await openTestStore();
  const file = join(store.dir, "chasqui.db");
  const log = `${file}-wal`;
  const things = store.db.collection<{ _id: string; n: number; tags: string[] }>("things");
  await things.createIndex({ n: 1, tags: 1 });
  await things.createIndex({ tags: 1 });
  // From here on everything is in the log alone.
  store.engine.storage.checkpoint();
  const marks: Mark[] = [{ bytes: 0, singles: 0, pairs: 0 }];
  let pairs = 0;
  for (let i = 0; i < WRITES; i++) {
    await things.insertOne({ _id: `s${i}`, n: i % 9, tags: ["a", `t${i % 4}`] });
    if (i % 4 === 0) {
      await store.store.transaction(async (session) => {
        await things.insertOne({ _id: `p${pairs}a`, n: -1, tags: [] }, { session });
        await things.insertOne({ _id: `p${pairs}b`, n: -1, tags: [] }, { session });
      });
      pairs++;
    }
    marks.push({ bytes: statSync(log).size, singles: i + 1, pairs });
  }
  expect(statSync(log).size).toBeGreaterThan(100_000);
  using copy = tempDir();
  const target = join(copy.path, "chasqui.db");
  const whole = readFileSync(log);

  const cutAt = async (bytes: number, rubbish = new Uint8Array(0)) => {
    copyFileSync(file, target);
    writeFileSync(`${target}-wal`, whole);
    truncateSync(`${target}-wal`, bytes);
    if (rubbish.length > 0) writeFileSync(`${target}-wal`, Buffer.concat([whole.subarray(0, bytes), rubbish]));
    await Bun.file(`${target}-shm`)
      .delete()
      .catch(() => {});
    const engine = new Engine({ file: target, clock: systemClock, log: silentLog });
    try {
      expect(checkIntegrity(engine.storage)).toEqual([]);
      const { table } = engine.storage.catalog.find("chasqui.things")!;
      const ids = new Set(
        engine.storage.writer.rows(`SELECT rid, k, d FROM ${table}`).map(({ d }) => String(decode(d).get("_id"))),
      );
      const synced = marks.findLast((mark) => mark.bytes <= bytes)!;
      for (let i = 0; i < synced.singles; i++) expect([`s${i}`, ids.has(`s${i}`)]).toEqual([`s${i}`, true]);
      for (let i = 0; i < pairs; i++) {
        expect([i, ids.has(`p${i}a`)]).toEqual([i, ids.has(`p${i}b`)]);
        if (i < synced.pairs) expect(ids.has(`p${i}a`)).toBe(true);
      }
    } finally {
      await engine.close();
    }
  };

  // At the last sync, just before and after it, and anywhere.
  for (const bytes of [whole.length, whole.length - 1, marks.at(-2)!.bytes, marks.at(-2)!.bytes + 1, 0, 31]) await cutAt(bytes);
  // Sectors that were never written hold what lay there before.
  await cutAt(marks.at(-3)!.bytes, crypto.getRandomValues(new Uint8Array(9_000)));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), (bytes) => cutAt(bytes)),
    { numRuns: 40 },
  );
}, 120_000);
