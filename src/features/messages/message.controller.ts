import { Elysia } from "elysia";
import { IdempotencyHeaders, ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { MessageAnswer, MessagePage, MessageParams, MessageQuery } from "./message.schema";
import type { MessageService } from "./message.service";
import { toMessageView } from "./message.view";
import { NewMessage } from "./message-content.schema";
import type { MessageSendService } from "./message-send.service";
import type { ReachService } from "./reach.service";

export const messageController = (
  auth: AuthPlugin,
  messages: MessageService,
  sending: MessageSendService,
  reach: Pick<ReachService, "assertMessage">,
) =>
  new Elysia({ tags: ["Messages"] })
    .use(auth)
    .get(
      "/conversations/:id/messages",
      async ({ params, query, actor }) => okPage(await messages.listByConversation(params.id, query, actor)),
      {
        permission: "conversations.read",
        params: MessageParams,
        query: MessageQuery,
        response: { 200: MessagePage },
        detail: { summary: "List the messages of a conversation, the newest first" },
      },
    )
    .post(
      "/conversations/:id/messages",
      async ({ params, body, headers, actor }) =>
        ok(toMessageView(await sending.send(params.id, body, actor, headers["idempotency-key"] ?? null))),
      {
        permission: "messages.send",
        params: MessageParams,
        headers: IdempotencyHeaders,
        body: NewMessage,
        response: { 200: MessageAnswer },
        detail: {
          summary: "Answer the customer",
          description:
            "Any kind WhatsApp takes; a body with only `text` is a text. Queued, and leaves at once. Outside the 24-hour window only templates are accepted. The assistant falls silent in this conversation, except for a reaction.",
        },
      },
    )
    .get(
      "/messages/:id",
      async ({ params, actor }) => {
        const message = await messages.getMessage(params.id);
        await reach.assertMessage(message, actor);
        return ok(toMessageView(message));
      },
      {
        permission: "conversations.read",
        params: MessageParams,
        response: { 200: MessageAnswer },
        detail: { summary: "Get a message" },
      },
    );
