/** What the conversation routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { CONVERSATION_STATUSES, ConversationView, Id, oneOf } from "../../events/view";

export const ConversationParams = t.Object({ id: Id });

export const ConversationQuery = t.Object({
  ...pageQuery,
  status: t.Optional(oneOf(CONVERSATION_STATUSES)),
  contact: t.Optional(Id),
});
export type ConversationQuery = Static<typeof ConversationQuery>;

export const ConversationPatch = t.Object(
  {
    isAIEnabled: t.Optional(t.Boolean({ description: "Whether the assistant answers" })),
    status: t.Optional(oneOf(["open", "resolved", "closed"])),
  },
  { minProperties: 1 },
);
export type ConversationPatch = Static<typeof ConversationPatch>;

export const ConversationAnswer = okSchema(ConversationView);
export const ConversationPage = pageSchema(ConversationView);
