import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { NewScheduled, ScheduledAnswer, ScheduledList, ScheduledParams, ScheduledPatch } from "./scheduled-message.schema";
import type { ScheduledMessageService } from "./scheduled-message.service";

export const scheduledMessageController = (auth: AuthPlugin, scheduled: ScheduledMessageService) =>
  new Elysia({ tags: ["Scheduled messages"] })
    .use(auth)
    .get("/conversations/:id/scheduled", async ({ params, actor }) => ok(await scheduled.list(params.id, actor)), {
      permission: "conversations.read",
      params: ScheduledParams,
      response: { 200: ScheduledList },
      detail: { summary: "List the scheduled messages of a conversation, the newest first" },
    })
    .post("/conversations/:id/scheduled", async ({ params, body, actor }) => ok(await scheduled.create(params.id, body, actor)), {
      permission: "messages.send",
      params: ScheduledParams,
      body: NewScheduled,
      response: { 200: ScheduledAnswer },
      detail: {
        summary: "Send a message later",
        description:
          "When the 24-hour window has closed by then, the template given as `fallback` is sent instead; without one it fails visibly.",
      },
    })
    .patch("/scheduled/:id", async ({ params, body, actor }) => ok(await scheduled.patch(params.id, body, actor)), {
      permission: "messages.send",
      params: ScheduledParams,
      body: ScheduledPatch,
      response: { 200: ScheduledAnswer },
      detail: { summary: "Change a scheduled message" },
    })
    .delete("/scheduled/:id", async ({ params, actor }) => ok(await scheduled.cancel(params.id, actor)), {
      permission: "messages.send",
      params: ScheduledParams,
      response: { 200: ScheduledAnswer },
      detail: { summary: "Do not send a scheduled message" },
    });
