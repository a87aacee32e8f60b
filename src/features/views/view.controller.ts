import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { ConversationPage } from "../conversations/conversation-list.service";
import { NewView, ViewAnswer, ViewCount, ViewList, ViewPageQuery, ViewParams, ViewPatch, ViewRemoved } from "./view.schema";
import type { ViewService } from "./view.service";

export const viewController = (auth: AuthPlugin, views: ViewService) =>
  new Elysia({ prefix: "/views", tags: ["Views"] })
    .use(auth)
    .get("/", async ({ actor }) => ok(await views.listViews(actor)), {
      permission: "conversations.read",
      response: { 200: ViewList },
      detail: { summary: "List one's own saved views and the shared ones" },
    })
    .post("/", async ({ body, actor }) => ok(await views.createView(body, actor)), {
      permission: "conversations.read",
      body: NewView,
      response: { 200: ViewAnswer },
      detail: { summary: "Save a view", description: "A shared one needs the permission views.manage." },
    })
    .patch("/:id", async ({ params, body, actor }) => ok(await views.patchView(params.id, body, actor)), {
      permission: "conversations.read",
      params: ViewParams,
      body: ViewPatch,
      response: { 200: ViewAnswer },
      detail: { summary: "Change a view" },
    })
    .delete(
      "/:id",
      async ({ params, actor }) => {
        await views.removeView(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission: "conversations.read",
        params: ViewParams,
        response: { 200: ViewRemoved },
        detail: { summary: "Remove a view" },
      },
    )
    .get(
      "/:id/conversations",
      async ({ params, query, actor }) => okPage(await views.listConversations(params.id, query, actor)),
      {
        permission: "conversations.read",
        params: ViewParams,
        query: ViewPageQuery,
        response: { 200: ConversationPage },
        detail: { summary: "List the conversations of a view" },
      },
    )
    .get("/:id/count", async ({ params, actor }) => ok({ count: await views.count(params.id, actor) }), {
      permission: "conversations.read",
      params: ViewParams,
      response: { 200: ViewCount },
      detail: { summary: "Count the conversations of a view" },
    });
