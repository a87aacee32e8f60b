import { Elysia } from "elysia";
import { IdempotencyHeaders, ok, okPage, okSpan } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import type { ConversationService } from "../conversations/conversation.service";
import {
  ForwardBody,
  MessageAnswer,
  MessagePage,
  MessageParams,
  MessagePatch,
  MessageQuery,
  MessageRemoved,
  MessageSpan,
  MessagesAnswer,
  NewNote,
  ThreadQuery,
} from "./message.schema";
import type { MessageService } from "./message.service";
import { toMessageView } from "./message.view";
import { NewMessage } from "./message-content.schema";
import type { MessageEditService } from "./message-edit.service";
import type { MessageSendService } from "./message-send.service";
import type { MessageThreadService } from "./message-thread.service";
import type { UnresolvedService } from "./message-unresolved.service";
import type { ReachService } from "./reach.service";

export interface MessageRooms {
  messages: MessageService;
  threads: MessageThreadService;
  sending: MessageSendService;
  editing: MessageEditService;
  unresolved: Pick<UnresolvedService, "resend">;
  conversations: Pick<ConversationService, "markRead">;
  reach: Pick<ReachService, "assertMessage">;
}

export const messageController = (
  auth: AuthPlugin,
  { messages, threads, sending, editing, unresolved, conversations, reach }: MessageRooms,
) =>
  new Elysia({ tags: ["Messages"] })
    .use(auth)
    .get("/conversations/:id/messages", async ({ params, query, actor }) => okSpan(await threads.read(params.id, query, actor)), {
      permission: "conversations.read",
      params: MessageParams,
      query: ThreadQuery,
      response: { 200: MessageSpan },
      detail: {
        summary: "Read the messages of a conversation, the newest first",
        description:
          "`next` goes on with older ones, `previous` together with direction=newer with newer ones. `around` jumps to a message, `at` to a time.",
      },
    })
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
            "Any kind WhatsApp takes; a body with only `text` is a text. Queued, and leaves at once, or as soon as the number works again. Outside the 24-hour window only templates are accepted. The assistant falls silent in this conversation, except for a reaction.",
        },
      },
    )
    .post(
      "/conversations/:id/notes",
      async ({ params, body, headers, actor }) =>
        ok(toMessageView(await editing.addNote(params.id, body, actor, headers["idempotency-key"] ?? null))),
      {
        permission: "conversations.write",
        params: MessageParams,
        headers: IdempotencyHeaders,
        body: NewNote,
        response: { 200: MessageAnswer },
        detail: {
          summary: "Write a note that only agents see",
          description: "Those it mentions get `mention:new`, find it under the tab `mentions`, and follow the conversation.",
        },
      },
    )
    .get(
      "/contacts/:id/messages",
      async ({ params, query, actor }) => okPage(await threads.listByContact(params.id, query, actor)),
      {
        permission: "conversations.read",
        params: MessageParams,
        query: MessageQuery,
        response: { 200: MessagePage },
        detail: { summary: "List the messages of a contact over all conversations, the newest first" },
      },
    )
    .get("/messages/starred", async ({ query, actor }) => okPage(await threads.listStarred(query, actor)), {
      permission: "conversations.read",
      query: MessageQuery,
      response: { 200: MessagePage },
      detail: { summary: "List the messages with one's own star" },
    })
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
    )
    .patch("/messages/:id", async ({ params, body, actor }) => ok(toMessageView(await editing.patch(params.id, body, actor))), {
      permission: "conversations.write",
      params: MessageParams,
      body: MessagePatch,
      response: { 200: MessageAnswer },
      detail: { summary: "Put a star or labels on a message, or change one's own note" },
    })
    .delete(
      "/messages/:id",
      async ({ params, actor }) => {
        const left = await editing.remove(params.id, actor);
        return ok({ id: params.id, message: left && toMessageView(left) });
      },
      {
        permission: "conversations.write",
        params: MessageParams,
        response: { 200: MessageRemoved },
        detail: {
          summary: "Remove a note, or erase what a message says",
          description:
            "Erasing needs the permission messages.erase; what is still queued is not sent any more. WhatsApp keeps what the customer has received.",
        },
      },
    )
    .post(
      "/messages/:id/read",
      async ({ params, actor }) => {
        const message = await messages.getMessage(params.id);
        await reach.assertMessage(message, actor);
        await conversations.markRead(message.conversation, actor);
        return ok(toMessageView(message));
      },
      {
        permission: "conversations.write",
        params: MessageParams,
        response: { 200: MessageAnswer },
        detail: {
          summary: "Mark its conversation as seen",
          description: "The customer gets blue ticks where the number sends read receipts.",
        },
      },
    )
    .post("/messages/:id/retry", async ({ params, actor }) => ok(toMessageView(await unresolved.resend(params.id, actor))), {
      permission: "messages.send",
      params: MessageParams,
      response: { 200: MessageAnswer },
      detail: { summary: "Send a failed message again", description: "It goes back into its lane and really leaves." },
    })
    .post(
      "/messages/:id/forward",
      async ({ params, body, headers, actor }) => {
        const sent = await editing.forward(params.id, body.conversations, actor, headers["idempotency-key"] ?? null);
        return ok(sent.map(toMessageView));
      },
      {
        permission: "messages.send",
        params: MessageParams,
        headers: IdempotencyHeaders,
        body: ForwardBody,
        response: { 200: MessagesAnswer },
        detail: { summary: "Send the same content to other conversations" },
      },
    );
