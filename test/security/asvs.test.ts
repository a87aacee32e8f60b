/**
 * OWASP ASVS 4.0.3, level 2: each requirement with what meets it here. A test that is named must exist under that name, a check must
 * find nothing, and what is not met is said. `bun test test/security/asvs.test.ts` prints how many of each there are.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { ARCHITECTURE } from "./asvs/architecture";
import { DATA } from "./asvs/data";
import { INPUT } from "./asvs/input";
import { liveChecks } from "./asvs/live-checks";
import { OPERATION } from "./asvs/operation";
import { PEOPLE } from "./asvs/people";
import type { Row } from "./asvs/row";
import { sourceChecks } from "./asvs/source-checks";

setDefaultTimeout(60_000);

const ROOT = join(import.meta.dir, "../..");
const ROWS: readonly Row[] = [...ARCHITECTURE, ...PEOPLE, ...INPUT, ...DATA, ...OPERATION];

/** Every requirement of level 2 that was not deleted: section, and which of it. */
const LEVEL_2 = `
1.1 1-7 | 1.2 1-4 | 1.4 1,4,5 | 1.5 1-4 | 1.6 1-4 | 1.7 1-2 | 1.8 1-2 | 1.9 1-2 | 1.10 1 | 1.11 1-2 | 1.12 2 | 1.14 1-6
2.1 1-12 | 2.2 1-3 | 2.3 1-3 | 2.4 1-6 | 2.5 1-7 | 2.6 1-3 | 2.7 1-6 | 2.8 1-7 | 2.9 1-3 | 2.10 1-4
3.1 1 | 3.2 1-4 | 3.3 1-4 | 3.4 1-5 | 3.5 1-3 | 3.7 1
4.1 1-3,5 | 4.2 1-2 | 4.3 1-3
5.1 1-5 | 5.2 1-8 | 5.3 1-10 | 5.4 1-3 | 5.5 1-4
6.1 1-3 | 6.2 1-6 | 6.3 1-2 | 6.4 1-2
7.1 1-4 | 7.2 1-2 | 7.3 1,3,4 | 7.4 1-3
8.1 1-4 | 8.2 1-3 | 8.3 1-8
9.1 1-3 | 9.2 1-4
10.2 1-2 | 10.3 1-3
11.1 1-8
12.1 1-3 | 12.2 1 | 12.3 1-6 | 12.4 1-2 | 12.5 1-2 | 12.6 1
13.1 1,3-5 | 13.2 1-3,5-6 | 13.3 1-2 | 13.4 1-2
14.1 1-4 | 14.2 1-6 | 14.3 2-3 | 14.4 1-7 | 14.5 1-4
`
  .split(/[|\n]/)
  .map((part) => part.trim())
  .filter(Boolean)
  .flatMap((part) => {
    const [section = "", which = ""] = part.split(" ");
    return which.split(",").flatMap((range) => {
      const [from = 0, to = from] = range.split("-").map(Number);
      return Array.from({ length: to - from + 1 }, (_, at) => `${section}.${from + at}`);
    });
  });

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off" } });
});
afterAll(() => app[Symbol.asyncDispose]());

test("every requirement is in the list once, and nothing else", () => {
  const sorted = (ids: readonly string[]) => [...ids].sort();
  expect(sorted(ROWS.map(({ id }) => id))).toEqual(sorted(LEVEL_2));
  expect(LEVEL_2.length).toBeGreaterThan(240);
  const count = (kind: Row["kind"]) => ROWS.filter((row) => row.kind === kind).length;
  console.log(
    `ASVS 4.0.3 level 2: ${ROWS.length} requirements; ${count("test")} by tests, ${count("check")} by checks, ${count("words")} in words, ${count("gap")} not met:\n${ROWS.filter(
      ({ kind }) => kind === "gap",
    )
      .map(({ id, asks, words }) => `  ${id} ${asks}: ${words}`)
      .join("\n")}`,
  );
});

const texts = new Map<string, string | null>();
function textOf(file: string): string | null {
  if (!texts.has(file)) texts.set(file, existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), "utf8") : null);
  return texts.get(file) ?? null;
}

test("every test that is named exists", () => {
  const missing = ROWS.flatMap(({ id, kind, tests = [] }) => {
    if (kind === "test" && tests.length === 0) return [`${id} names no test`];
    return tests.flatMap(([file, title]) => (textOf(file)?.includes(title) ? [] : [`${id}: ${file} has no "${title}"`]));
  });
  expect(missing).toEqual([]);
});

test("what is only said is said in a sentence", () => {
  const short = ROWS.filter(({ kind, words = "" }) => (kind === "words" || kind === "gap") && words.length < 12);
  expect(short.map(({ id }) => id)).toEqual([]);
});

describe("checks", () => {
  const named = ROWS.filter(({ kind }) => kind === "check");
  test("all are there, and all are named", () => {
    const known = [...Object.keys(sourceChecks), ...Object.keys(liveChecks)].sort();
    expect([...new Set(named.map(({ check }) => check ?? ""))].sort()).toEqual(known);
  });
  test.each(Object.entries(sourceChecks))("of the code: %s", (_, check) => expect(check()).toEqual([]));
  test.each(Object.entries(liveChecks))("of the server: %s", async (_, check) => expect(await check(app)).toEqual([]));
});
