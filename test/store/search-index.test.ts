import { afterEach, beforeEach, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { silentLog } from "../../src/core/log";
import { openSearchIndex, type SearchIndex } from "../../src/store/search/search-index";
import type { SearchEntry } from "../../src/store/search/search-message";
import { ManualClock } from "../helpers/manual-clock";
import { tempDir } from "../helpers/temp-dir";
import { until } from "../helpers/until";

const IDLE_MS = 1_000;
const EVERYTHING = { kind: "all", agent: "", teams: [] } as const;

let dir: ReturnType<typeof tempDir>;
let clock: ManualClock;
let index: SearchIndex;
beforeEach(() => {
  dir = tempDir();
  clock = new ManualClock();
  index = openSearchIndex({ dataDir: dir.path, clock, log: silentLog, idleMs: IDLE_MS });
});
afterEach(async () => {
  await index.close();
  dir[Symbol.dispose]();
});

const entry = (id: string, text: string): SearchEntry => ({
  kind: "contact",
  id,
  conversation: null,
  contact: id,
  at: 1,
  channel: null,
  direction: null,
  author: null,
  labels: [],
  text,
});

const found = async (words: string) =>
  (await index.find({ words, kinds: ["contact"], reach: EVERYTHING, limit: 10 })).hits.map(({ id }) => id);
/** SQLite takes its log away when the last connection closes. */
const isOpen = () => readdirSync(dir.path).some((name) => name.endsWith("-wal"));

test("after a while without a task the file is closed; the next task opens it again", async () => {
  await index.apply([{ put: entry("a".repeat(24), "Rosa Quispe") }], 7);
  expect(isOpen()).toBe(true);
  clock.advance(IDLE_MS - 1);
  expect(await found("rosa")).toEqual(["a".repeat(24)]);
  clock.advance(IDLE_MS - 1);
  expect(isOpen()).toBe(true);
  clock.advance(1);
  await until(() => Promise.resolve(!isOpen()));
  expect(await found("quis")).toEqual(["a".repeat(24)]);
  expect(await index.size()).toMatchObject({ position: 7, entries: 1 });
});

test("how far it has read is known without opening it", async () => {
  expect(await index.position()).toBeNull();
  await index.apply([], 12);
  expect(await index.position()).toBe(12);
  clock.advance(IDLE_MS);
  await until(() => Promise.resolve(!isOpen()));
  expect(await index.position()).toBe(12);
  expect(clock.pending).toBe(0);
});

test("tasks that come while it closes are done, in order", async () => {
  clock.advance(IDLE_MS);
  const tasks = [1, 2, 3].map((at) => index.apply([{ put: entry(String(at).repeat(24), `persona ${at}`) }], at));
  await Promise.all(tasks);
  expect(await index.size()).toMatchObject({ position: 3, entries: 3 });
});

test("an index that is being built is not left half done by a pause", async () => {
  await index.beginBuild(20);
  await index.build([{ put: entry("b".repeat(24), "Benito") }], { source: "contacts", last: "b".repeat(24) });
  clock.advance(10 * IDLE_MS);
  await index.build([{ put: entry("c".repeat(24), "Carla") }], { source: "contacts", last: "c".repeat(24) });
  await index.finishBuild();
  expect([await found("benito"), await found("carla")]).toEqual([["b".repeat(24)], ["c".repeat(24)]]);
});

test("closed, it takes no more tasks", async () => {
  await index.close();
  expect(index.size()).rejects.toMatchObject({ code: "search.unavailable" });
});
