import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { RunAnswer, RunListQuery, RunPage, RunParams } from "./automation-run.schema";
import type { AutomationRunService } from "./automation-run.service";

export const automationRunController = (auth: AuthPlugin, runs: AutomationRunService) =>
  new Elysia({ prefix: "/automation-runs", tags: ["Automation"] })
    .use(auth)
    .get("/", async ({ query, actor }) => okPage(await runs.list(query, actor)), {
      permission: "conversations.read",
      query: RunListQuery,
      response: { 200: RunPage },
      detail: {
        summary: "List what rules and macros have done, the newest first",
        description: "Of one conversation within one's reach; of all of them with the permission automation.manage.",
      },
    })
    .get("/:id", async ({ params, actor }) => ok(await runs.get(params.id, actor)), {
      permission: "conversations.read",
      params: RunParams,
      response: { 200: RunAnswer },
      detail: { summary: "Get what a rule or macro has done", description: "The line in the thread names it in its payload." },
    });
