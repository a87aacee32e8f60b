import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuditPort } from "../audit/audit.service";
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

export const unresolvedController = (auth: AuthPlugin, unresolved: UnresolvedService, audit: AuditPort) =>
  new Elysia({ prefix: "/deliveries", tags: ["Deliveries"] })
    .use(auth)
    .get("/", async ({ query, actor }) => okPage(await unresolved.list(query, actor)), {
      permission: "conversations.read",
      query: UnresolvedQuery,
      response: { 200: UnresolvedPage },
      detail: { summary: "List sends that people have to look at, the newest first" },
    })
    .get("/counts", async ({ actor }) => ok(await unresolved.count(actor)), {
      permission: "conversations.read",
      response: { 200: UnresolvedCountsAnswer },
      detail: { summary: "How many messages are on their way, unknown or failed" },
    })
    .post(
      "/:id/resend",
      async ({ params, actor }) => {
        const message = await unresolved.resend(params.id, actor);
        await audit.record(null, { actor, action: "message.resend", target: { kind: "message", id: params.id } });
        return ok(toMessageView(message));
      },
      {
        permission: "messages.send",
        params: UnresolvedParams,
        response: { 200: UnresolvedAnswer },
        detail: { summary: "Send it again", description: "The message goes back into its lane and leaves like any other." },
      },
    )
    .post(
      "/:id/dismiss",
      async ({ params, actor }) => {
        const message = await unresolved.dismiss(params.id, actor);
        await audit.record(null, { actor, action: "message.dismiss", target: { kind: "message", id: params.id } });
        return ok(toMessageView(message));
      },
      {
        permission: "messages.send",
        params: UnresolvedParams,
        response: { 200: UnresolvedAnswer },
        detail: { summary: "Leave it as it is" },
      },
    );
