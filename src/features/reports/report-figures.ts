/** Counted rows as figures people read: averages, medians, rates. Pure. */
import { percentileOf } from "../../core/duration-class";
import type { Figures, Times } from "./report.schema";
import type { Metric, ReportRow } from "./report-port";

export const TIMES = ["firstReply", "nextReply", "assistantReply", "resolution"] as const satisfies readonly Metric[];
const COUNTS = [
  "conversations",
  "messagesIn",
  "messagesPeople",
  "messagesAssistant",
  "messagesOther",
  "resolved",
  "reopened",
  "handedOff",
  "assisted",
  "deflected",
  "slaKept",
  "slaBroken",
] as const satisfies readonly Metric[];
export const ALL_METRICS: readonly Metric[] = [...COUNTS, "csat", ...TIMES];
const SCORES = [1, 2, 3, 4, 5];
const MEDIAN = 0.5;
const NINETIETH = 0.9;

const round = (value: number, digits = 0): number => Number(value.toFixed(digits));
const share = (part: number, whole: number): number | null => (whole === 0 ? null : round(part / whole, 4));

export function figuresOf(rows: readonly ReportRow[]): Figures {
  const of = (metric: Metric) => rows.filter((row) => row.metric === metric);
  const count = (metric: Metric) => of(metric).reduce((sum, row) => sum + row.count, 0);
  const counts = Object.fromEntries(COUNTS.map((metric) => [metric, count(metric)])) as Record<(typeof COUNTS)[number], number>;
  const opinions = of("csat");
  const scores = SCORES.map((score) => opinions.filter(({ bin }) => bin === score).reduce((sum, row) => sum + row.count, 0));
  const answers = count("csat");
  const total = opinions.reduce((sum, row) => sum + row.sum, 0);
  return {
    ...counts,
    deflectionRate: share(counts.deflected, counts.assisted),
    slaRate: share(counts.slaKept, counts.slaKept + counts.slaBroken),
    csat: { count: answers, average: answers === 0 ? null : round(total / answers, 2), scores },
    firstReply: timesOf(of("firstReply")),
    nextReply: timesOf(of("nextReply")),
    assistantReply: timesOf(of("assistantReply")),
    resolution: timesOf(of("resolution")),
  };
}

function timesOf(rows: readonly ReportRow[]): Times {
  const count = rows.reduce((sum, row) => sum + row.count, 0);
  const seconds = rows.reduce((sum, row) => sum + row.sum, 0);
  const at = (part: number) => {
    const value = percentileOf(
      rows.map(({ bin, count: here }) => [bin, here] as const),
      part,
    );
    return value === null ? null : round(value);
  };
  return { count, average: count === 0 ? null : round(seconds / count), median: at(MEDIAN), p90: at(NINETIETH) };
}

/** The names of the columns, and of the values of a row. */
export const FIGURE_COLUMNS: readonly string[] = flatten(figuresOf([])).map(([name]) => name);
export const figureCells = (figures: Figures): unknown[] => flatten(figures).map(([, value]) => value);

function flatten(figures: Figures): [string, unknown][] {
  return Object.entries(figures).flatMap(([name, value]): [string, unknown][] => {
    if (typeof value !== "object" || value === null) return [[name, value]];
    return Object.entries(value).flatMap(([part, inner]): [string, unknown][] =>
      Array.isArray(inner) ? inner.map((one, index) => [`${name}_${index + 1}`, one]) : [[`${name}_${part}`, inner]],
    );
  });
}
