import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { IdempotencyHeaders, MessageAnswer, MessagePage, MessageParams, MessageQuery, NewMessage } from "./message.schema";
import type { MessageService } from "./message.service";
import { toMessageView } from "./message.view";

export const messageController = (auth: AuthPlugin, messages: MessageService) =>
  new Elysia({ tags: ["Messages"] })
    .use(auth)
    .get(
      "/conversations/:id/messages",
      async ({ params, query }) => okPage(await messages.listByConversation(params.id, query)),
      {
        agent: true,
        params: MessageParams,
        query: MessageQuery,
        response: { 200: MessagePage },
        detail: { summary: "List the messages of a conversation, the newest first" },
      },
    )
    .post(
      "/conversations/:id/messages",
      async ({ params, body, headers, agent }) =>
        ok(
          toMessageView(
            await messages.sendAsAgent(
              params.id,
              body.text,
              { id: agent._id, name: agent.name },
              headers["idempotency-key"] ?? null,
            ),
          ),
        ),
      {
        agent: true,
        params: MessageParams,
        headers: IdempotencyHeaders,
        body: NewMessage,
        response: { 200: MessageAnswer },
        detail: {
          summary: "Answer the customer",
          description: "The message is queued and leaves at once. The assistant falls silent in this conversation.",
        },
      },
    )
    .get("/messages/:id", async ({ params }) => ok(toMessageView(await messages.getMessage(params.id))), {
      agent: true,
      params: MessageParams,
      response: { 200: MessageAnswer },
      detail: { summary: "Get a message" },
    });
