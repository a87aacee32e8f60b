import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  NewReply,
  RenderBody,
  RenderedAnswer,
  ReplyAnswer,
  ReplyList,
  ReplyParams,
  ReplyPatch,
  ReplyQuery,
  ReplyRemoved,
} from "./canned-reply.schema";
import type { CannedReplyService } from "./canned-reply.service";

export const cannedReplyController = (auth: AuthPlugin, replies: CannedReplyService) =>
  new Elysia({ prefix: "/canned-replies", tags: ["Canned replies"] })
    .use(auth)
    .get("/", async ({ query, actor }) => ok(await replies.list(query, actor)), {
      permission: "conversations.read",
      query: ReplyQuery,
      response: { 200: ReplyList },
      detail: {
        summary: "Search canned replies by what is typed after the slash",
        description: "One's own and the shared ones.",
      },
    })
    .post("/", async ({ body, actor }) => ok(await replies.create(body, actor)), {
      permission: "messages.send",
      body: NewReply,
      response: { 200: ReplyAnswer },
      detail: { summary: "Write a canned reply", description: "A shared one needs the permission canned-replies.manage." },
    })
    .patch("/:id", async ({ params, body, actor }) => ok(await replies.patch(params.id, body, actor)), {
      permission: "messages.send",
      params: ReplyParams,
      body: ReplyPatch,
      response: { 200: ReplyAnswer },
      detail: { summary: "Change a canned reply" },
    })
    .delete(
      "/:id",
      async ({ params, actor }) => {
        await replies.remove(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission: "messages.send",
        params: ReplyParams,
        response: { 200: ReplyRemoved },
        detail: { summary: "Remove a canned reply" },
      },
    )
    .post("/:id/render", async ({ params, body, actor }) => ok(await replies.render(params.id, body.conversation, actor)), {
      permission: "messages.send",
      params: ReplyParams,
      body: RenderBody,
      response: { 200: RenderedAnswer },
      detail: { summary: "Get the text for a conversation, its variables filled", description: "Counted as one use." },
    });
