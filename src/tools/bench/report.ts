/** Medians of the rounds as a table for people and as JSON for the next comparison. */
import { join } from "node:path";
import { DIST } from "../checkout";
import type { Measurement, RoundResult } from "./rounds";

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

const COLUMNS: readonly { title: string; of: (round: RoundResult) => number; digits: number }[] = [
  { title: "req/s", of: (round) => round.perSecond, digits: 0 },
  { title: "p50 ms", of: (round) => round.latency.p50, digits: 2 },
  { title: "p99 ms", of: (round) => round.latency.p99, digits: 2 },
  { title: "max ms", of: (round) => round.latency.max, digits: 1 },
  { title: "CPU us/req", of: (round) => round.cpuMicroseconds, digits: 1 },
  { title: "CPU us/req, all done", of: (round) => round.cpuMicrosecondsSettled, digits: 1 },
  { title: "RSS MB", of: (round) => round.residentBytes / 1e6, digits: 0 },
  { title: "generator load", of: (round) => round.generatorLoad, digits: 2 },
];

/** One line a target and phase, medians over the rounds. */
export function toTable(measurements: readonly Measurement[]): string {
  const head = ["target", "phase", ...COLUMNS.map(({ title }) => title)];
  const rows = measurements.map(({ target, phase, rounds }) => [
    target,
    phase,
    ...COLUMNS.map(({ of, digits }) => median(rounds.map(of)).toFixed(digits)),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  ");
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** Writes every round to dist/bench/<name>.json. */
export async function writeJson(name: string, measurements: readonly Measurement[]): Promise<void> {
  const path = join(DIST, "bench", `${name}.json`);
  await Bun.write(
    path,
    `${JSON.stringify({ bun: Bun.version, platform: `${process.platform}-${process.arch}`, measurements }, null, 2)}\n`,
  );
}
