import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  BreakdownAnswer,
  BreakdownQuery,
  HeatAnswer,
  HeatQuery,
  ReportStatusAnswer,
  SeriesAnswer,
  SeriesQuery,
  SummaryAnswer,
  SummaryQuery,
} from "./report.schema";
import type { ReportService } from "./report.service";
import { breakdownFile, seriesFile } from "./report-csv";

const file = (name: string, body: ReadableStream<Uint8Array>): Response =>
  new Response(body, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${name}.csv"`,
      "cache-control": "no-store",
    },
  });

const permission = "reports.read" as const;
const RULES = [
  "Figures are counted under the number, team and labels the conversation has now; replies under whoever wrote them, resolutions under whoever had it then.",
  "Somebody who does not reach every conversation sees their own and their teams' figures.",
].join(" ");

export const reportController = (auth: AuthPlugin, reports: ReportService) =>
  new Elysia({ prefix: "/reports", tags: ["Reports"] })
    .use(auth)
    .get("/summary", async ({ query, actor }) => ok(await reports.summary(query, actor)), {
      permission,
      query: SummaryQuery,
      response: { 200: SummaryAnswer },
      detail: { summary: "Figures of a span of days", description: RULES },
    })
    .get("/series", async ({ query, actor }) => ok(await reports.series(query, actor)), {
      permission,
      query: SeriesQuery,
      response: { 200: SeriesAnswer },
      detail: { summary: "Figures by hour, day, week or month of the viewer's zone", description: RULES },
    })
    .get("/series.csv", async ({ query, actor }) => file("report", seriesFile(await reports.series(query, actor))), {
      permission,
      query: SeriesQuery,
      detail: { summary: "The same as CSV" },
    })
    .get("/breakdown", async ({ query, actor }) => ok(await reports.breakdown(query, actor)), {
      permission,
      query: BreakdownQuery,
      response: { 200: BreakdownAnswer },
      detail: { summary: "Figures by number, team, person or label", description: RULES },
    })
    .get(
      "/breakdown.csv",
      async ({ query, actor }) => file(`report-${query.by}`, breakdownFile(await reports.breakdown(query, actor))),
      { permission, query: BreakdownQuery, detail: { summary: "The same as CSV" } },
    )
    .get("/heatmap", async ({ query, actor }) => ok(await reports.heat(query, actor)), {
      permission,
      query: HeatQuery,
      response: { 200: HeatAnswer },
      detail: { summary: "The busiest hours of the week", description: RULES },
    })
    .get("/status", async () => ok(await reports.status()), {
      permission,
      response: { 200: ReportStatusAnswer },
      detail: { summary: "How far the figures are" },
    })
    .post("/rebuild", async () => ok(await reports.rebuild()), {
      permission: "settings.manage",
      response: { 200: ReportStatusAnswer },
      detail: {
        summary: "Build all figures anew",
        description: "In the background, from what is stored now; the old ones answer meanwhile. See GET /reports/status.",
      },
    });
