/** Reports: figures of a span of days as the viewer's clock shows them, filtered, in steps or in shares. Nobody sees more than they reach. */
import type { Actor } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { describeError, fail } from "../../core/errors";
import type { Log } from "../../core/log";
import type { EventBus } from "../../events/bus";
import type {
  BREAKDOWNS,
  BreakdownQuery,
  BreakdownView,
  Figures,
  HeatQuery,
  ReportStatusView,
  SeriesQuery,
  SeriesView,
  SpanQuery,
  SummaryQuery,
  SummaryView,
} from "./report.schema";
import type { ReportFeed } from "./report-feed.service";
import { ALL_METRICS, figuresOf } from "./report-figures";
import type { ReportFilter, ReportIndex, ReportRequest, ReportRow } from "./report-port";
import { dayAt, dayNumber, dayStart, dayText, offsetAt, segmentsOf } from "./report-zone";

export interface ReportService {
  summary(query: SummaryQuery, actor: Actor): Promise<SummaryView>;
  /** Every step there is, also those in which nothing happened. */
  series(query: SeriesQuery, actor: Actor): Promise<SeriesView[]>;
  breakdown(query: BreakdownQuery, actor: Actor): Promise<BreakdownView[]>;
  heat(query: HeatQuery, actor: Actor): Promise<{ metric: string; hours: number[][] }>;
  status(): Promise<ReportStatusView>;
  /** Begins to build all figures anew; `status` says how far that is. Throws `report.rebuilding`. */
  rebuild(): Promise<ReportStatusView>;
}

export interface ReportServiceDeps {
  index: ReportIndex;
  feed: ReportFeed;
  /** Names of people and teams by id. */
  namesOf: (what: "agent" | "team", ids: readonly string[]) => Promise<Map<string, string>>;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

const DEFAULT_DAYS = 30;
const MOST_DAYS = 1_100;
const MOST_DAYS_OF_HOURS = 62;
const HOUR_S = 3_600;
const DAYS_FROM_MONDAY = 3;

type Share = (typeof BREAKDOWNS)[number];

interface Span {
  zone: string;
  /** Local days, counted from 1970-01-01; both included. */
  first: number;
  last: number;
  request: Omit<ReportRequest, "period" | "group" | "metrics">;
}

export function createReportService({ index, feed, namesOf, bus, clock, log }: ReportServiceDeps): ReportService {
  function spanOf(query: SpanQuery, actor: Actor, mostDays = MOST_DAYS): Span {
    const { zone = "UTC" } = query;
    const last = dayOf(query.to, "to") ?? dayAt(zone, clock.now() / 1_000);
    const first = dayOf(query.from, "from") ?? last - DEFAULT_DAYS + 1;
    if (first > last) throw refuse("from", "is behind `to`");
    if (last - first >= mostDays) throw refuse("from", `a report of this kind has ${mostDays} days at most`);
    const segments = segmentsOf(zone, dayStart(zone, first), dayStart(zone, last + 1));
    return { zone, first, last, request: { segments, filter: filterOf(query), reach: reachOf(actor) } };
  }

  /** As many days before a span. While its last day is not over they end at the same time of day: half a day is not less than a whole one. */
  function spanBefore({ zone, first, last, request }: Span): Span & { until: number | null } {
    const [from, to] = [first - (last - first + 1), first - 1];
    const passed = clock.now() / 1_000 - dayStart(zone, last);
    const end = dayStart(zone, to + 1);
    const cut = passed >= 0 ? Math.min(end, dayStart(zone, to) + passed) : end;
    const segments = segmentsOf(zone, dayStart(zone, from), cut);
    return { zone, first: from, last: to, request: { ...request, segments }, until: cut < end ? cut : null };
  }

  const find = (request: ReportRequest) => index.find(request);

  async function totalOf({ first, last, request }: Span): Promise<{ from: string; to: string; figures: Figures }> {
    const rows = await find({ ...request, period: "total", group: "all", metrics: ALL_METRICS });
    return { from: dayText(first), to: dayText(last), figures: figuresOf(rows) };
  }

  return {
    async summary({ compare = false, ...query }, actor) {
      const span = spanOf(query, actor);
      const total = { ...(await totalOf(span)), zone: span.zone };
      if (!compare) return total;
      const { until, ...before } = spanBefore(span);
      const ends = until === null ? null : new Date(until * 1_000).toISOString();
      return { ...total, before: { ...(await totalOf(before)), until: ends } };
    },

    async series({ by = "day", ...query }, actor) {
      const span = spanOf(query, actor, by === "hour" ? MOST_DAYS_OF_HOURS : MOST_DAYS);
      const period = by === "month" ? "day" : by;
      const rows = await find({ ...span.request, period, group: "all", metrics: ALL_METRICS });
      const found = grouped(rows, (row) => (by === "month" ? dayText(row.period).slice(0, 7) : row.period));
      return stepsOf(span, by).map(({ key, ...names }) => ({ ...names, figures: figuresOf(found.get(key) ?? []) }));
    },

    async breakdown({ by, ...query }, actor) {
      const { request } = spanOf(query, actor);
      const rows = await find({ ...request, period: "total", group: by, metrics: ALL_METRICS });
      const found = grouped(rows, ({ key }) => key);
      const names =
        by === "agent" || by === "team"
          ? await namesOf(
              by,
              [...found.keys()].filter((key) => key !== ""),
            )
          : null;
      return [...found]
        .map(([key, of]) => ({ key: key === "" ? null : key, name: names?.get(key) ?? null, figures: figuresOf(of) }))
        .sort((a, b) => weight(b.figures) - weight(a.figures) || String(a.key).localeCompare(String(b.key)));
    },

    async heat({ metric = "messagesIn", ...query }, actor) {
      const { request } = spanOf(query, actor);
      const rows = await find({ ...request, period: "hour-of-week", group: "all", metrics: [metric] });
      const hours = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0));
      for (const { period, count } of rows) hours[Math.floor(period / 24)]![period % 24]! += count;
      return { metric, hours };
    },

    async status() {
      const { position, conversations } = await index.size();
      return { conversations, position, newest: bus.seq, rebuild: feed.progress, at: new Date(clock.now()).toISOString() };
    },

    async rebuild() {
      if (feed.progress) throw fail("report.rebuilding");
      const begun = Promise.withResolvers<void>();
      feed
        .rebuild(() => begun.resolve())
        .then(
          () => begun.resolve(),
          (error: unknown) => {
            // The server stops, or a disk is full. The old figures stay.
            log.warn("the reports could not be built anew", { reason: describeError(error) });
            begun.resolve();
          },
        );
      await begun.promise;
      return this.status();
    },
  };
}

const refuse = (field: string, message: string) => fail("request.invalid", { details: [{ path: `query.${field}`, message }] });

function dayOf(text: string | undefined, field: string): number | null {
  if (text === undefined) return null;
  const day = dayNumber(text);
  if (day === null) throw refuse(field, "there is no such day");
  return day;
}

function filterOf(query: SpanQuery): ReportFilter {
  const list = (name: Share) => {
    const words = query[name]?.split(",").map((word) => word.trim());
    return words ? { [name]: [...new Set(words.map((word) => (word === "none" && name !== "label" ? "" : word)))] } : {};
  };
  return { ...list("channel"), ...list("team"), ...list("agent"), ...list("label") };
}

const reachOf = ({ reach, id, teams }: Actor): ReportRequest["reach"] =>
  reach === "all" ? null : { agent: id, teams: reach === "team" ? teams : [] };

function grouped<K>(rows: readonly ReportRow[], keyOf: (row: ReportRow) => K): Map<K, ReportRow[]> {
  const groups = new Map<K, ReportRow[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}

/** All steps of a span in order, each with the key its rows have. */
function stepsOf({ zone, first, last, request }: Span, by: NonNullable<SeriesQuery["by"]>) {
  const steps: { key: number | string; start: string; local: string }[] = [];
  const push = (key: number | string, start: string, local = start) => {
    if (steps.at(-1)?.key !== key) steps.push({ key, start, local });
  };
  if (by === "hour") {
    for (const { from, to, offset } of request.segments)
      for (let time = Math.floor((from + offset) / HOUR_S) * HOUR_S - offset; time < to; time += HOUR_S) {
        const local = new Date((time + offsetAt(zone, Math.max(time, from))) * 1_000).toISOString().slice(0, 16);
        push(time, new Date(time * 1_000).toISOString(), local);
      }
    return steps;
  }
  for (let day = first; day <= last; day++) {
    if (by === "day") push(day, dayText(day));
    else if (by === "month") push(dayText(day).slice(0, 7), dayText(day).slice(0, 7));
    else {
      const week = Math.floor((day + DAYS_FROM_MONDAY) / 7);
      push(week, dayText(week * 7 - DAYS_FROM_MONDAY));
    }
  }
  return steps;
}

/** What is shown first. */
const weight = ({ conversations, messagesIn, messagesPeople, resolved }: Figures): number =>
  conversations + messagesIn + messagesPeople + resolved;
