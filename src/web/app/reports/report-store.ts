/** The figures of a report, part by part: only what a change of the address concerns is asked for again. */
import { computed, inject, Service, signal } from "@angular/core";
import type { CsatView } from "@server/events/automation-view";
import type { UsageRow } from "@server/features/ai-runs/ai-run.schema";
import type { BreakdownView, SeriesView, SummaryView } from "@server/features/reports/report.schema";
import { dataOf, type Page, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Clock } from "../clock";
import { Permissions } from "../settings/permissions";
import { daysBetween, dayText, shiftDay, startOf, zone } from "./report-day";
import { ReportPart } from "./report-part";
import { type ReportState, spanOf, stepOf } from "./report-state";

export interface Lines {
  now: readonly SeriesView[];
  before: readonly SeriesView[] | null;
}
export interface Usage {
  rows: readonly UsageRow[];
  total: UsageRow;
  before: UsageRow | null;
}

const COMMENTS = 10;
/** The server answers for so many days of usage at once. */
const MOST_USAGE_DAYS = 92;

@Service({ autoProvided: false })
export class ReportStore {
  readonly #calls = inject(ApiClient).calls;
  readonly #clock = inject(Clock);
  readonly #permissions = inject(Permissions);

  readonly summary = new ReportPart<SummaryView>();
  readonly lines = new ReportPart<Lines>();
  readonly shares = new ReportPart<readonly BreakdownView[]>();
  readonly heat = new ReportPart<readonly number[][]>();
  readonly opinions = new ReportPart<Page<CsatView[]>>();
  readonly usage = new ReportPart<Usage>();
  readonly #state = signal<ReportState | null>(null);
  readonly updatedAt = signal(0);
  readonly maySeeUsage = computed(() => this.#permissions.may("assistant.manage"));
  readonly zone = zone();

  /** Shows another state; parts it does not concern stay as they are. */
  async show(state: ReportState, isForced = false): Promise<void> {
    this.#state.set(state);
    const span = spanOf(state, this.zone);
    const key = JSON.stringify(span);
    const compared = state.isCompared;
    await Promise.all([
      this.summary.load(
        `${key}${compared}`,
        () => dataOf(this.#calls.reports.summary.get({ query: { ...span, ...(compared ? { compare: true } : {}) } })),
        isForced,
      ),
      this.lines.load(`${key}${compared}`, () => this.#lines(state), isForced),
      this.shares.load(
        `${key}${state.share}`,
        () => dataOf(this.#calls.reports.breakdown.get({ query: { ...span, by: state.share } })),
        isForced,
      ),
      this.heat.load(
        `${key}${state.heat}`,
        async () => (await dataOf(this.#calls.reports.heatmap.get({ query: { ...span, metric: state.heat } }))).hours,
        isForced,
      ),
      this.opinions.load(key, () => this.#opinions(state), isForced),
      this.#loadUsage(state, isForced),
    ]);
    this.updatedAt.set(this.#clock.now());
  }

  /** Asks for everything once more. */
  async refresh(): Promise<void> {
    const state = this.#state();
    if (state) await this.show(state, true);
  }

  /** Further answers of customers. Throws ApiFailure. */
  moreOpinions(cursor: string): Promise<Page<CsatView[]>> {
    return this.#opinions(this.#state() as ReportState, cursor);
  }

  /** Which days the usage covers: of a long report its last ones. */
  usageSpan({ from, to }: Pick<ReportState, "from" | "to">): { from: string; to: string } {
    return { from: daysBetween(from, to) > MOST_USAGE_DAYS ? shiftDay(to, 1 - MOST_USAGE_DAYS) : from, to };
  }

  async #lines(state: ReportState): Promise<Lines> {
    const by = stepOf(state);
    const days = daysBetween(state.from, state.to);
    const earlier = { from: shiftDay(state.from, -days), to: shiftDay(state.from, -1) };
    const ask = (query: ReturnType<typeof spanOf>) => dataOf(this.#calls.reports.series.get({ query: { ...query, by } }));
    const span = spanOf(state, this.zone);
    const [now, before] = await Promise.all([ask(span), state.isCompared ? ask({ ...span, ...earlier }) : null]);
    return { now, before };
  }

  #opinions({ from, to, filter }: ReportState, cursor?: string): Promise<Page<CsatView[]>> {
    const { agent, channel, team } = filter;
    const given = { ...(agent ? { agent } : {}), ...(channel ? { channel } : {}), ...(team && team !== "none" ? { team } : {}) };
    const span = { from: startOf(from), to: startOf(shiftDay(to, 1)) };
    return pageOf(
      this.#calls.csat.get({ query: { limit: COMMENTS, state: "answered", ...span, ...given, ...(cursor ? { cursor } : {}) } }),
    );
  }

  async #loadUsage(state: ReportState, isForced: boolean): Promise<void> {
    if (!this.maySeeUsage()) return;
    const span = this.usageSpan(state);
    const ask = (query: { from: string; to: string }) =>
      dataOf(this.#calls.assistant.usage.get({ query: { ...query, by: "kind" as const } }));
    const days = daysBetween(span.from, span.to);
    const earlier = { from: shiftDay(span.from, -days), to: shiftDay(span.from, -1) };
    await this.usage.load(
      JSON.stringify([span, state.isCompared]),
      async () => {
        const [now, before] = await Promise.all([ask(span), state.isCompared ? ask(earlier) : null]);
        return { ...now, before: before?.total ?? null };
      },
      isForced,
    );
  }

  /** Whether the last day of what is shown is not over. */
  isOngoing({ to }: Pick<ReportState, "to">): boolean {
    return to >= dayText(this.#clock.now());
  }
}
