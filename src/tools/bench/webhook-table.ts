/** The table of the webhook benchmark: medians over the rounds, one line a target and phase. */
import { type Column, median, toTable } from "./report";
import type { Measurement, RoundResult } from "./rounds";

const of = (title: string, value: (round: RoundResult) => number, digits = 0): Column<Measurement> => ({
  title,
  of: ({ rounds }) => median(rounds.map(value)),
  digits,
});

const COLUMNS: readonly Column<Measurement>[] = [
  { title: "target", of: ({ target }) => target },
  { title: "phase", of: ({ phase }) => phase },
  of("req/s", ({ perSecond }) => perSecond),
  of("p50 ms", ({ latency }) => latency.p50, 2),
  of("p99 ms", ({ latency }) => latency.p99, 2),
  of("max ms", ({ latency }) => latency.max, 1),
  of("CPU us/req", ({ cpuMicroseconds }) => cpuMicroseconds, 1),
  of("CPU us/req, all done", ({ cpuMicrosecondsSettled }) => cpuMicrosecondsSettled, 1),
  of("RSS MB", ({ residentBytes }) => residentBytes / 1e6),
  of("generator load", ({ generatorLoad }) => generatorLoad, 2),
];

export const webhookTable = (measurements: readonly Measurement[]): string => toTable(COLUMNS, measurements);
