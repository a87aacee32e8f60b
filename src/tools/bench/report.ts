/** Figures as a table for people and as JSON for the next comparison. */

import { cpus, totalmem } from "node:os";
import { join } from "node:path";

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function percentiles(values: Iterable<number>): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}

export interface Column<Row> {
  title: string;
  of: (row: Row) => string | number;
  /** Digits behind the point; numbers only. */
  digits?: number;
}

/** One line a row; texts stand left, numbers right. */
export function toTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const values = rows.map((row) => columns.map(({ of }) => of(row)));
  const cells = values.map((line) =>
    line.map((value, column) => (typeof value === "number" ? value.toFixed(columns[column]!.digits ?? 0) : value)),
  );
  const isText = columns.map((_, column) => values.some((line) => typeof line[column] === "string"));
  const widths = columns.map(({ title }, column) => Math.max(title.length, ...cells.map((line) => line[column]!.length)));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, column) => (isText[column] ? text.padEnd(widths[column]!) : text.padStart(widths[column]!)))
      .join("  ")
      .trimEnd();
  return [line(columns.map(({ title }) => title)), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)].join("\n");
}

/** Writes <directory>/<name>.json with what the figures depend on, and returns its path. */
export async function writeJson(directory: string, name: string, figures: object): Promise<string> {
  const path = join(directory, `${name}.json`);
  const machine = { cores: cpus().length, processor: cpus()[0]?.model ?? "unknown", memoryBytes: totalmem() };
  const about = { bun: Bun.version, platform: `${process.platform}-${process.arch}`, machine };
  await Bun.write(path, `${JSON.stringify({ ...about, ...figures }, null, 2)}\n`);
  return path;
}
