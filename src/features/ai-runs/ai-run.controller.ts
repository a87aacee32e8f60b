import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { RunAnswer, RunPage, RunParams, RunQuery, UsageAnswer, UsageQuery } from "./ai-run.schema";
import type { AiRunService } from "./ai-run.service";

export const aiRunController = (auth: AuthPlugin, runs: AiRunService) =>
  new Elysia({ prefix: "/assistant", tags: ["Assistant"] })
    .use(auth)
    .get("/runs", async ({ query, actor }) => okPage(await runs.listRuns(query, actor)), {
      permission: "assistant.manage",
      query: RunQuery,
      response: { 200: RunPage },
      detail: { summary: "What the assistant did, the newest first: outcome, tokens and money of each turn" },
    })
    .get("/runs/:id", async ({ params, actor }) => ok(await runs.getRun(params.id, actor)), {
      permission: "assistant.manage",
      params: RunParams,
      response: { 200: RunAnswer },
      detail: { summary: "One turn with all it was given, its tool calls and its sources" },
    })
    .get("/usage", async ({ query, actor }) => ok(await runs.usage(query, actor)), {
      permission: "assistant.manage",
      query: UsageQuery,
      response: { 200: UsageAnswer },
      detail: { summary: "Tokens and money by day, kind, model, prompt, conversation or contact" },
    });
