import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  ConversationAnswer,
  ConversationPage,
  ConversationParams,
  ConversationPatch,
  ConversationQuery,
} from "./conversation.schema";
import type { ConversationService } from "./conversation.service";
import { toConversationView } from "./conversation.view";

export const conversationController = (auth: AuthPlugin, conversations: ConversationService) =>
  new Elysia({ prefix: "/conversations", tags: ["Conversations"] })
    .use(auth)
    .get("/", async ({ query, actor }) => okPage(await conversations.listConversations(query, actor)), {
      permission: "conversations.read",
      query: ConversationQuery,
      response: { 200: ConversationPage },
      detail: { summary: "List conversations, the newest first" },
    })
    .get("/:id", async ({ params, actor }) => ok(toConversationView(await conversations.getReachable(params.id, actor))), {
      permission: "conversations.read",
      params: ConversationParams,
      response: { 200: ConversationAnswer },
      detail: { summary: "Get a conversation" },
    })
    .patch(
      "/:id",
      async ({ params, body, actor }) => ok(toConversationView(await conversations.patchConversation(params.id, body, actor))),
      {
        permission: "conversations.write",
        params: ConversationParams,
        body: ConversationPatch,
        response: { 200: ConversationAnswer },
        detail: { summary: "Switch the assistant, resolve, close or reopen" },
      },
    )
    .post("/:id/read", async ({ params, actor }) => ok(toConversationView(await conversations.markRead(params.id, actor))), {
      permission: "conversations.write",
      params: ConversationParams,
      response: { 200: ConversationAnswer },
      detail: { summary: "Mark as seen by a person" },
    });
