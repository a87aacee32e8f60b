/** What clients see of texts that wait: canned replies, drafts and scheduled messages. */
import { type Static, Type as t } from "@sinclair/typebox";
import { Id, nullable, oneOf, Timestamp } from "./view";

export const CannedReplyView = t.Object(
  {
    id: Id,
    shortcut: t.String({ description: "What is typed after the slash" }),
    title: t.String(),
    text: t.String(),
    folder: t.String({ description: 'Empty: none. "Ventas/Envíos" for one inside another' }),
    tags: t.Array(t.String()),
    scope: oneOf(["personal", "shared"]),
    owner: t.String(),
    uses: t.Integer({ minimum: 0, description: "How often it has been put into a message" }),
    version: t.Integer({ minimum: 0 }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: "CannedReply" },
);
export type CannedReplyView = Static<typeof CannedReplyView>;

export const DraftView = t.Object(
  { conversation: Id, kind: oneOf(["reply", "note"]), text: t.String(), updatedAt: Timestamp, begunAt: Timestamp },
  { title: "Draft" },
);
export type DraftView = Static<typeof DraftView>;

export const SCHEDULED_STATES = ["scheduled", "sent", "failed", "cancelled"] as const;
export const ScheduledMessageView = t.Object(
  {
    id: Id,
    conversation: Id,
    content: t.Record(t.String(), t.Unknown(), { description: "What is sent, as it would be posted" }),
    fallback: t.Union([t.Record(t.String(), t.Unknown()), t.Null()], {
      description: "The template that is sent instead when the 24-hour window has closed",
    }),
    dueAt: Timestamp,
    cancelOnReply: t.Boolean({ description: "Not sent when the customer has written meanwhile" }),
    state: oneOf(SCHEDULED_STATES),
    message: nullable(t.String({ ...Id, description: "The message it became" })),
    usedFallback: t.Boolean(),
    error: nullable(t.String({ description: "Why it was not sent" })),
    author: t.String(),
    version: t.Integer({ minimum: 0 }),
    createdAt: Timestamp,
  },
  { title: "ScheduledMessage" },
);
export type ScheduledMessageView = Static<typeof ScheduledMessageView>;
