import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { toMessageView } from "./message.view";
import {
  UnresolvedAnswer,
  UnresolvedCountsAnswer,
  UnresolvedPage,
  UnresolvedParams,
  UnresolvedQuery,
} from "./message-unresolved.schema";
import type { UnresolvedService } from "./message-unresolved.service";

export const unresolvedController = (auth: AuthPlugin, unresolved: UnresolvedService) =>
  new Elysia({ prefix: "/deliveries", tags: ["Deliveries"] })
    .use(auth)
    .get("/", async ({ query, actor }) => okPage(await unresolved.list(query, actor)), {
      permission: "messages.send",
      query: UnresolvedQuery,
      response: { 200: UnresolvedPage },
      detail: { summary: "List sends that people have to look at, the newest first" },
    })
    .get("/counts", async ({ actor }) => ok(await unresolved.count(actor)), {
      permission: "messages.send",
      response: { 200: UnresolvedCountsAnswer },
      detail: { summary: "How many messages are on their way, unknown or failed" },
    })
    .post("/:id/resend", async ({ params, actor }) => ok(toMessageView(await unresolved.resend(params.id, actor))), {
      permission: "messages.send",
      params: UnresolvedParams,
      response: { 200: UnresolvedAnswer },
      detail: { summary: "Send it again", description: "The message goes back into its lane and leaves like any other." },
    })
    .post("/:id/dismiss", async ({ params, actor }) => ok(toMessageView(await unresolved.dismiss(params.id, actor))), {
      permission: "messages.send",
      params: UnresolvedParams,
      response: { 200: UnresolvedAnswer },
      detail: { summary: "Leave it as it is" },
    });
