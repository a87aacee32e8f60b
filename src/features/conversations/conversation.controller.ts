import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  ConversationAnswer,
  ConversationPage,
  ConversationParams,
  ConversationQuery,
  filterOf,
  TabCountsAnswer,
} from "./conversation.schema";
import type { ConversationService } from "./conversation.service";
import { toConversationView } from "./conversation.view";
import type { ConversationListService } from "./conversation-list.service";

export const conversationController = (auth: AuthPlugin, conversations: ConversationService, lists: ConversationListService) =>
  new Elysia({ prefix: "/conversations", tags: ["Conversations"] })
    .use(auth)
    .get("/", async ({ query, actor }) => okPage(await lists.list(filterOf(query), query, actor)), {
      permission: "conversations.read",
      query: ConversationQuery,
      response: { 200: ConversationPage },
      detail: {
        summary: "List conversations",
        description:
          "The newest first, those of the tab `waiting` by how long the customer waits. Tabs show what is active: not resolved, closed or snoozed. Filters hold together.",
      },
    })
    .get("/counts", async ({ actor }) => ok(await lists.countTabs(actor)), {
      permission: "conversations.read",
      response: { 200: TabCountsAnswer },
      detail: { summary: "Count the conversations of every tab", description: "`mentions` counts those not looked at since." },
    })
    .get("/:id", async ({ params, actor }) => ok(toConversationView(await conversations.getReachable(params.id, actor))), {
      permission: "conversations.read",
      params: ConversationParams,
      response: { 200: ConversationAnswer },
      detail: { summary: "Get a conversation" },
    })
    .post("/:id/read", async ({ params, actor }) => ok(toConversationView(await conversations.markRead(params.id, actor))), {
      permission: "conversations.write",
      params: ConversationParams,
      response: { 200: ConversationAnswer },
      detail: {
        summary: "Mark as seen by a person",
        description: "The customer gets blue ticks where the number sends read receipts.",
      },
    });
