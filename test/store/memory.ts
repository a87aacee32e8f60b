/** Aggregations over many documents stream: what they need of memory does not grow with the collection. */
import { expect } from "bun:test";
import { join } from "node:path";
import { tempDir } from "../helpers/temp-dir";

const MOST_BYTES = 400_000_000;

export async function expectSmallReports(rows: number): Promise<void> {
  using dir = tempDir();
  await child("fill", dir.path, rows);
  const { peakBytes, ...found } = JSON.parse(await child("report", dir.path, rows)) as { peakBytes: number };
  expect(found).toEqual({
    total: rows,
    conversations: rows / 100,
    latest: [rows - 1, rows - 2, rows - 3],
    out: Math.ceil(rows / 3),
  } as object);
  expect(peakBytes).toBeLessThan(MOST_BYTES);
}

async function child(act: "fill" | "report", dir: string, rows: number): Promise<string> {
  const started = Bun.spawn([process.execPath, join(import.meta.dir, "memory.child.ts"), act, dir, String(rows)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const [output, code] = await Promise.all([started.stdout.text(), started.exited]);
  expect(code).toBe(0);
  return output;
}
