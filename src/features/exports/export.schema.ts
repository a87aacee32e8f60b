/** What the export routes accept. They answer with a file. */
import { type Static, Type as t } from "@sinclair/typebox";
import { t as query } from "elysia";
import { CONVERSATION_STATUSES, Id, oneOf } from "../../events/view";

const format = t.Optional(oneOf(["csv", "jsonl"]));
const day = (description: string) => t.Optional(t.String({ format: "date-time", description }));

export const ContactExportQuery = t.Object({
  format,
  segment: t.Optional(Id),
  label: t.Optional(t.String({ minLength: 1, maxLength: 60 })),
  language: t.Optional(t.String({ minLength: 1, maxLength: 20 })),
  company: t.Optional(t.String({ minLength: 1, maxLength: 200 })),
  isOptedIn: t.Optional(query.BooleanString()),
  isOptedOut: t.Optional(query.BooleanString()),
  createdFrom: day("Known not before"),
  createdTo: day("Known before"),
});
export type ContactExportQuery = Static<typeof ContactExportQuery>;

export const ConversationExportQuery = t.Object({
  format,
  status: t.Optional(oneOf(CONVERSATION_STATUSES)),
  channel: t.Optional(t.String({ maxLength: 100 })),
  label: t.Optional(t.String({ minLength: 1, maxLength: 60 })),
  from: day("Begun not before"),
  to: day("Begun before"),
});
export type ConversationExportQuery = Static<typeof ConversationExportQuery>;

export const MessageExportQuery = t.Object({
  format,
  conversation: t.Optional(Id),
  from: day("Stored not before"),
  to: day("Stored before"),
});
export type MessageExportQuery = Static<typeof MessageExportQuery>;
