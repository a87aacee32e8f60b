import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { checkFilter } from "../conversations/conversation-list.service";
import { JobAnswer, JobPage, JobParams, JobQuery, NewBulkJob } from "./bulk-job.schema";
import type { BulkJobService } from "./bulk-job.service";

export const bulkJobController = (auth: AuthPlugin, jobs: BulkJobService) =>
  new Elysia({ tags: ["Conversations"] })
    .use(auth)
    .post(
      "/conversations/bulk",
      async ({ body, actor }) => {
        if ("filter" in body) checkFilter(body.filter, "body.filter");
        return ok(await jobs.create(body, actor));
      },
      {
        permission: "conversations.write",
        body: NewBulkJob,
        response: { 200: JobAnswer },
        detail: {
          summary: "Do something to many conversations",
          description:
            "To those named, or to everything that matches now, within one's reach. Runs in the background; `job:updated` tells how far it has come, and a restart does not lose it.",
        },
      },
    )
    .get("/jobs", async ({ query, actor }) => okPage(await jobs.list(query, actor)), {
      permission: "conversations.write",
      query: JobQuery,
      response: { 200: JobPage },
      detail: { summary: "List one's bulk actions, the newest first" },
    })
    .get("/jobs/:id", async ({ params, actor }) => ok(await jobs.get(params.id, actor)), {
      permission: "conversations.write",
      params: JobParams,
      response: { 200: JobAnswer },
      detail: { summary: "Get a bulk action" },
    })
    .post("/jobs/:id/cancel", async ({ params, actor }) => ok(await jobs.cancel(params.id, actor)), {
      permission: "conversations.write",
      params: JobParams,
      response: { 200: JobAnswer },
      detail: { summary: "Stop a bulk action", description: "What has been done stays done." },
    });
