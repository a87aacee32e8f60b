/** Migrations run once, in order, by one process, and never backwards. */
import { describe, expect, test } from "bun:test";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { MIGRATIONS, type Migration, migrate } from "../../src/store/migrations/index";
import { openTestStore, type TestStore } from "./embedded-store";

const run = (test: TestStore, migrations?: readonly Migration[]) =>
  migrate({ connection: test.store.connection, log: silentLog, clock: systemClock, ...(migrations && { migrations }) });

const step = (version: number, up: Migration["up"] = async () => {}): Migration => ({ version, name: `step ${version}`, up });

describe("migrations", () => {
  test("the table is numbered 1, 2, 3 ... and the first run records the baseline", async () => {
    await using test = await openTestStore();
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
    expect(await run(test)).toEqual(MIGRATIONS.map(({ version }) => version));
    expect(await run(test)).toEqual([]);
    expect(await test.db.collection("migrations").findOne({ _id: 1 as never })).toMatchObject({ name: "baseline" });
  });

  test("the index that moved with every message goes, the others stay", async () => {
    await using test = await openTestStore();
    const conversations = test.db.collection("conversations");
    await conversations.createIndex({ contact: 1, lastMessageAt: -1, _id: -1 });
    await conversations.createIndex({ contact: 1, _id: -1 });
    await run(test);
    expect((await conversations.listIndexes().toArray()).map(({ name }) => name)).toEqual(["_id_", "contact_1__id_-1"]);
  });

  test("only missing ones run, in order, and see what earlier ones did", async () => {
    await using test = await openTestStore();
    const seen: number[] = [];
    const first = step(1, async ({ db }) => {
      await db!.collection("things").insertOne({ n: 1 });
      seen.push(1);
    });
    await run(test, [first]);
    const done = await run(test, [
      step(3, async () => void seen.push(3)),
      first,
      step(2, async ({ db }) => void seen.push(2, (await db!.collection("things").findOne({}))!.n * 10)),
    ]);
    expect(done).toEqual([2, 3]);
    expect(seen).toEqual([1, 2, 10, 3]);
  });

  test("a step that fails is not recorded and runs again", async () => {
    await using test = await openTestStore();
    let tries = 0;
    const flaky = step(1, async () => {
      if (++tries === 1) throw new Error("power cut");
    });
    await expect(run(test, [flaky])).rejects.toThrow("power cut");
    expect(await run(test, [flaky])).toEqual([1]);
  });

  test("two processes at once: each step runs once", async () => {
    await using test = await openTestStore();
    let runs = 0;
    const slow = step(1, async () => {
      runs++;
      await Bun.sleep(20);
    });
    const results = await Promise.all([run(test, [slow]), run(test, [slow]), run(test, [slow])]);
    expect(runs).toBe(1);
    expect(results.flat()).toEqual([1]);
  });

  test("a database of a newer version is refused and left alone", async () => {
    await using test = await openTestStore();
    await run(test, [step(1), step(2)]);
    let ran = false;
    const error = await run(test, [
      step(1, async () => {
        ran = true;
      }),
    ]).catch((caught: Error & { code: string }) => caught);
    expect(error).toMatchObject({ code: "store.newer" });
    expect((error as Error).message).toContain("migration 2");
    expect(ran).toBe(false);
  });
});
