/** Answers a report from the sums, or, where several filters meet, from the facts. */

import { dimensionNumber, metricNumber, type ReportDatabase, type SqlValue } from "./report-database";
import { BUCKET_S } from "./report-facts";
import {
  type Dimension,
  METRICS,
  type Metric,
  type Period,
  type ReportFilter,
  type ReportRequest,
  type ReportRow,
  type Segment,
} from "./report-message";

const DAY_S = 86_400;
const HOUR_S = 3_600;
/** 1970 began on a Thursday. */
const DAYS_FROM_MONDAY = 3;

/** The number of the period a bucket is in; `t` is its local time. */
const PERIODS: Readonly<Record<Period, (t: string, offset: number) => string>> = {
  total: () => "0",
  hour: (t, offset) => `(${t}) / ${HOUR_S} * ${HOUR_S} - ${offset}`,
  day: (t) => `(${t}) / ${DAY_S}`,
  week: (t) => `((${t}) / ${DAY_S} + ${DAYS_FROM_MONDAY}) / 7`,
  "hour-of-week": (t) => `((${t}) / ${HOUR_S} + ${DAYS_FROM_MONDAY * 24}) % 168`,
};

type Row = Omit<ReportRow, "metric"> & { metric: number };

export function find(db: ReportDatabase, request: ReportRequest): ReportRow[] {
  const source = sumsOf(request) ?? factsOf(request);
  const metrics = request.metrics.map(metricNumber);
  const found = new Map<string, ReportRow>();
  for (const segment of request.segments) {
    for (const row of read(db, source, request, metrics, segment)) {
      const id = `${row.key} ${row.period} ${row.metric} ${row.bin}`;
      const known = found.get(id);
      if (known) {
        known.count += row.count;
        known.sum += row.sum;
      } else found.set(id, { ...row, metric: METRICS[row.metric] as Metric });
    }
  }
  return [...found.values()];
}

interface Source {
  from: string;
  /** The column of the key. */
  key: string;
  /** The table with bucket, metric, bin, count and sum. */
  table: string;
  where: string[];
  values: SqlValue[];
}

function read(
  db: ReportDatabase,
  source: Source,
  { period }: ReportRequest,
  metrics: readonly number[],
  segment: Segment,
): Row[] {
  const { table } = source;
  const { from, to, offset } = segment;
  const time = `${table}.bucket * ${BUCKET_S} + ${offset}`;
  return db.all<Row>(
    `SELECT ${source.key} AS key, ${PERIODS[period](time, offset)} AS period, ${table}.metric AS metric, ${table}.bin AS bin,
     sum(${table}.count) AS count, sum(${table}.sum) AS sum
     FROM ${source.from}
     WHERE ${[...source.where, `${table}.metric IN (${metrics.join(", ")})`].join(" AND ")}
     AND ${table}.bucket >= ? AND ${table}.bucket < ? GROUP BY 1, 2, 3, 4`,
    ...source.values,
    Math.ceil(from / BUCKET_S),
    Math.ceil(to / BUCKET_S),
  );
}

/** From the sums, when what is asked is a matter of one dimension. Null: it is not. */
function sumsOf({ group, filter, reach }: ReportRequest): Source | null {
  if (reach) return null;
  const filtered = (Object.keys(filter) as (keyof ReportFilter)[]).filter((name) => filter[name] !== undefined);
  if (filtered.length > 1) return null;
  const [only] = filtered;
  if (group !== "all" && only !== undefined && only !== group) return null;
  const dimension: Dimension = only ?? group;
  const keys = only === undefined ? undefined : filter[only];
  // Who carries two of the labels would be counted twice.
  if (dimension === "label" && group === "all" && (keys?.length ?? 0) > 1) return null;
  return {
    from: "total",
    key: group === "all" ? "''" : "total.key",
    table: "total",
    where: ["total.dimension = ?", ...(keys ? [`total.key IN (${marks(keys)})`] : [])],
    values: [dimensionNumber(dimension), ...(keys ?? [])],
  };
}

const COLUMNS: Readonly<Record<Dimension, string>> = {
  all: "''",
  channel: "coalesce(conversation.channel, '')",
  team: "coalesce(conversation.team, '')",
  agent: "fact.agent",
  label: "label.label",
};

function factsOf({ group, filter, reach }: ReportRequest): Source {
  const where = ["1"];
  const values: SqlValue[] = [];
  for (const name of ["channel", "team", "agent"] as const) {
    const keys = filter[name];
    if (!keys) continue;
    where.push(`${COLUMNS[name]} IN (${marks(keys)})`);
    values.push(...keys);
  }
  if (filter.label) {
    where.push(
      group === "label"
        ? `label.label IN (${marks(filter.label)})`
        : `conversation.n IN (SELECT conversation FROM label WHERE label IN (${marks(filter.label)}))`,
    );
    values.push(...filter.label);
  }
  if (reach) {
    where.push(`(fact.agent = ? OR conversation.team IN (${marks(reach.teams)}))`);
    values.push(reach.agent, ...reach.teams);
  }
  return {
    // In this order: conversations are few beside their facts, which lie together.
    from: `conversation ${group === "label" ? "CROSS JOIN label ON label.conversation = conversation.n" : ""}
           CROSS JOIN fact ON fact.conversation = conversation.n`,
    key: COLUMNS[group],
    table: "fact",
    where,
    values,
  };
}

const marks = (values: readonly unknown[]): string => values.map(() => "?").join(", ");
