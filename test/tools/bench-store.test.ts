/** The store benchmark at its smallest: every operation runs, checks what it got, and is measured. */
import { expect, test } from "bun:test";
import { measureStore } from "../../src/tools/bench/store";
import { storeTable } from "../../src/tools/bench/store-report";
import { tempDir } from "../helpers/temp-dir";

test("every operation is measured beside bun:sqlite and the stores keep what they were given", async () => {
  using dir = tempDir();
  const lines: string[] = [];
  const timings = await measureStore(dir.path, { rows: 1_000, rounds: 1 }, (line) => lines.push(line));
  expect(lines).toContain("seeded 1000 of 1000");
  expect(timings.every(({ samples }) => samples.length === 1 && samples[0]!.wallMicroseconds > 0)).toBe(true);
  const residence = {
    openMilliseconds: 1,
    openedBytes: 1e6,
    readBytes: 2e6,
    peakBytes: 3e6,
    groupMilliseconds: 4,
    groupCpuMicroseconds: 5,
    restBytes: 6e6,
  };
  const table = storeTable(timings, residence, 1_000);
  for (const row of [
    /findOne by _id +driver .* x bun:sqlite/,
    /insert one +Mongoose .* x driver/,
    /transaction of 10 operations/,
    /at most 3 MB/,
  ])
    expect(table).toMatch(row);
}, 60_000);
