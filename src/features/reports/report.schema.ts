/** What the report routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { t as query } from "elysia";
import { okSchema } from "../../core/envelope";
import { nullable, oneOf, Timestamp } from "../../events/view";

const words = (description: string, example: string) =>
  t.Optional(t.String({ minLength: 1, maxLength: 1_000, description, examples: [example] }));
const day = (description: string) =>
  t.Optional(t.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$", description, examples: ["2026-11-20"] }));

const span = {
  from: day("First day, in the zone; 30 days before `to` when left out"),
  to: day("Last day, in the zone; today when left out"),
  zone: t.Optional(
    t.String({ minLength: 1, maxLength: 60, description: "IANA time zone; UTC when left out", examples: ["America/Lima"] }),
  ),
  channel: words("Any of these numbers, separated by commas", "440055660077001"),
  team: words("Any of these teams by id, or none, separated by commas", "none"),
  agent: words("Any of these people by id, or none, separated by commas", "none"),
  label: words("Any of these labels, separated by commas", "vip,factura"),
};

export const STEPS = ["hour", "day", "week", "month"] as const;
export const BREAKDOWNS = ["channel", "team", "agent", "label"] as const;
export const HEAT_METRICS = ["messagesIn", "conversations", "messagesPeople", "messagesAssistant", "resolved"] as const;

const SpanQuery = t.Object(span);
export type SpanQuery = Static<typeof SpanQuery>;
export const SummaryQuery = t.Object({
  ...span,
  compare: t.Optional(query.BooleanString({ description: "Also the span of the same length before it" })),
});
export type SummaryQuery = Static<typeof SummaryQuery>;
export const SeriesQuery = t.Object({ ...span, by: t.Optional(oneOf(STEPS)) });
export type SeriesQuery = Static<typeof SeriesQuery>;
export const BreakdownQuery = t.Object({ ...span, by: oneOf(BREAKDOWNS) });
export type BreakdownQuery = Static<typeof BreakdownQuery>;
export const HeatQuery = t.Object({ ...span, metric: t.Optional(oneOf(HEAT_METRICS)) });
export type HeatQuery = Static<typeof HeatQuery>;

const count = (description: string) => t.Integer({ minimum: 0, description });
const seconds = nullable(t.Number({ description: "Seconds" }));
export const TimesView = t.Object(
  { count: count("How many were measured"), average: seconds, median: seconds, p90: seconds },
  {
    description: "Median and 90th percentile are right within 7 %",
    examples: [{ count: 120, average: 341, median: 190, p90: 820 }],
  },
);
export type Times = Static<typeof TimesView>;
const rate = nullable(t.Number({ minimum: 0, maximum: 1 }));

export const FiguresView = t.Object(
  {
    conversations: count("New conversations"),
    messagesIn: count("What customers wrote"),
    messagesPeople: count("What people wrote"),
    messagesAssistant: count("What the assistant wrote"),
    messagesOther: count("What rules and campaigns wrote"),
    resolved: count("Resolutions"),
    reopened: count("Reopenings"),
    handedOff: count("Passed from the assistant to people"),
    assisted: count("Resolutions in which the assistant had written"),
    deflected: count("Of those: without any person"),
    slaKept: count("Promises kept"),
    slaBroken: count("Promises broken"),
    deflectionRate: rate,
    slaRate: rate,
    csat: t.Object({
      count: count("Answers"),
      average: nullable(t.Number({ description: "1 to 5" })),
      scores: t.Array(t.Integer(), { description: "How many gave 1, 2, 3, 4 and 5" }),
    }),
    firstReply: TimesView,
    nextReply: TimesView,
    assistantReply: TimesView,
    resolution: TimesView,
  },
  { title: "Figures" },
);
export type Figures = Static<typeof FiguresView>;

const Day = t.String({ examples: ["2026-11-20"] });
export const SummaryView = t.Object(
  {
    from: Day,
    to: Day,
    zone: t.String({ examples: ["America/Lima"] }),
    figures: FiguresView,
    before: t.Optional(
      t.Object(
        {
          from: Day,
          to: Day,
          until: nullable(
            t.String({
              ...Timestamp,
              description: "While the last day is not over, the span before it ends at the same time of day; null: it is whole",
            }),
          ),
          figures: FiguresView,
        },
        { description: "As many days before `from`; only with `compare`" },
      ),
    ),
  },
  { title: "ReportSummary" },
);
export type SummaryView = Static<typeof SummaryView>;
export const SummaryAnswer = okSchema(SummaryView);
export const SeriesView = t.Object(
  {
    start: t.String({ description: "The day; of hours when they begin, in UTC", examples: ["2026-11-20"] }),
    local: t.String({ description: "The same as the viewer's clock shows it", examples: ["2026-11-20"] }),
    figures: FiguresView,
  },
  { title: "ReportPeriod" },
);
export type SeriesView = Static<typeof SeriesView>;
export const SeriesAnswer = okSchema(t.Array(SeriesView));
export const BreakdownView = t.Object(
  {
    key: nullable(t.String({ description: "Number, id or label; null: none" })),
    name: nullable(t.String({ description: "Of a person or team that is still there" })),
    figures: FiguresView,
  },
  { title: "ReportShare" },
);
export type BreakdownView = Static<typeof BreakdownView>;
export const BreakdownAnswer = okSchema(t.Array(BreakdownView));
export const HeatAnswer = okSchema(
  t.Object({
    metric: t.String(),
    hours: t.Array(t.Array(t.Integer({ minimum: 0 })), { description: "From Monday to Sunday, the 24 hours of each day" }),
  }),
);
export const ReportStatusView = t.Object(
  {
    conversations: t.Integer({ description: "How many conversations are counted" }),
    position: nullable(t.Integer({ description: "The event up to which everything is counted" })),
    newest: t.Integer({ description: "The newest event" }),
    rebuild: nullable(t.Object({ done: t.Integer(), total: t.Integer() }, { description: "While the figures are built anew" })),
    at: Timestamp,
  },
  { title: "ReportStatus" },
);
export type ReportStatusView = Static<typeof ReportStatusView>;
export const ReportStatusAnswer = okSchema(ReportStatusView);
