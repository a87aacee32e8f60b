/** The version of the database file: older files are brought forward, newer ones are left alone, a kill leaves either state. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { FILE, openStore } from "../../src/store/connect";
import { Connection } from "../../src/store/embedded/storage/connection";
import { FORMAT_STEPS, migrate } from "../../src/store/embedded/storage/format";
import { tempDir } from "../helpers/temp-dir";
import { openTestStore } from "./embedded-store";

interface Row {
  _id: number;
  n: number;
  tags: string[];
}

const row = (n: number): Row => ({ _id: n, n, tags: [`t${n % 7}`, "all"] });
const COUNT = 500;

const version = (file: string): number => {
  const db = new Database(file, { readonly: true });
  try {
    return db.query<{ user_version: number }, []>("PRAGMA user_version").get()!.user_version;
  } finally {
    db.close();
  }
};

const open = (dataDir: string) => openStore({ dataDir, log: silentLog, clock: systemClock });

/** A store with documents and indexes as the first version of the format has it. */
async function writeFirstFormat(dir: string): Promise<string> {
  const store = await open(dir);
  const rows = store.connection.db!.collection<Row>("rows");
  await rows.createIndex({ n: 1 }, { unique: true });
  await rows.createIndex({ tags: 1, n: -1 });
  await rows.insertMany(Array.from({ length: COUNT }, (_, n) => row(n)));
  await store.close();
  const file = join(dir, FILE);
  const db = new Database(file);
  db.run("DROP TABLE _view");
  db.run("PRAGMA user_version = 1");
  db.close();
  return file;
}

async function expectEverything(dir: string): Promise<void> {
  const store = await open(dir);
  const db = store.connection.db!;
  const rows = db.collection<Row>("rows");
  expect(await store.engine!.check()).toEqual([]);
  expect(await rows.find().sort({ _id: 1 }).toArray()).toEqual(Array.from({ length: COUNT }, (_, n) => row(n)));
  const plan = await rows.find({ tags: "t3" }).sort({ n: -1 }).explain("queryPlanner");
  expect(JSON.stringify(plan)).toContain("tags_1_n_-1");
  expect(await rows.countDocuments({ tags: "t3" })).toBe(Math.ceil((COUNT - 3) / 7));
  await expect(rows.insertOne({ ...row(3), _id: -1 })).rejects.toMatchObject({ code: 11000 });
  // What came with the newer format works.
  await db.createCollection("late", { viewOn: "rows", pipeline: [{ $match: { n: { $gte: COUNT - 10 } } }] });
  expect(await db.collection("late").countDocuments()).toBe(10);
  await store.close();
}

test("a file of the first format is brought forward with its documents and indexes", async () => {
  using dir = tempDir();
  const file = await writeFirstFormat(dir.path);
  expect(version(file)).toBe(1);
  await expectEverything(dir.path);
  expect(version(file)).toBe(FORMAT_STEPS.length);
});

test("a step that fails leaves the file as it was", async () => {
  using dir = tempDir();
  const file = await writeFirstFormat(dir.path);
  const writer = new Connection({ file, readonly: false, cacheKib: 256 });
  const fails = () => {
    throw new Error("no");
  };
  expect(() => migrate(writer, [...FORMAT_STEPS, fails])).toThrow("no");
  expect(writer.number("SELECT count(*) AS n FROM sqlite_master WHERE name = '_view'")).toBe(0);
  writer.close();
  expect(version(file)).toBe(1);
  await expectEverything(dir.path);
});

test.each([
  { moment: "inside", left: 1 },
  { moment: "after", left: FORMAT_STEPS.length },
])("a kill $moment a migration leaves version $left, whole", async ({ moment, left }) => {
  using dir = tempDir();
  const file = await writeFirstFormat(dir.path);
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "format.child.ts"), file, moment]);
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
  expect(version(file)).toBe(left);
  await expectEverything(dir.path);
});

const contents = (dir: string) =>
  Object.fromEntries(readdirSync(dir).map((name) => [name, Bun.hash(readFileSync(join(dir, name)))]));

test("a file of a newer format is refused with a sentence and not touched", async () => {
  using dir = tempDir();
  const file = await writeFirstFormat(dir.path);
  const db = new Database(file);
  db.run("PRAGMA user_version = 99");
  db.close();
  const before = contents(dir.path);
  await expect(open(dir.path)).rejects.toThrow(
    `${file} was written by a newer version (file format 99, this version knows ${FORMAT_STEPS.length}). Install the newer version again.`,
  );
  expect(contents(dir.path)).toEqual(before);
});

test("a database of another program is refused and not touched", async () => {
  using dir = tempDir();
  const file = join(dir.path, FILE);
  const db = new Database(file);
  db.run("CREATE TABLE accounts(id INTEGER)");
  db.close();
  const before = contents(dir.path);
  await expect(open(dir.path)).rejects.toThrow(`${file} is a database of another program.`);
  expect(contents(dir.path)).toEqual(before);
});

test("a new file has the newest format", async () => {
  await using test = await openTestStore();
  expect(version(join(test.dir, FILE))).toBe(FORMAT_STEPS.length);
});
