/** What the routes of scheduled messages accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, Timestamp } from "../../events/view";
import { ScheduledMessageView } from "../../events/writing-view";
import { NewMessage } from "../messages/message-send.service";

const dueAt = t.String({ ...Timestamp, maxLength: 40 });
const content = t.Unsafe<NewMessage>({ ...NewMessage, description: "What would be posted to send it now" });

export const NewScheduled = t.Object(
  {
    dueAt,
    content,
    fallback: t.Optional(
      t.Unsafe<NewMessage>({ ...NewMessage, description: "A template, sent instead when the 24-hour window has closed by then" }),
    ),
    cancelOnReply: t.Optional(t.Boolean({ description: "Not sent when the customer has written meanwhile" })),
  },
  {
    examples: [
      { dueAt: "2026-11-21T14:00:00.000Z", content: { text: "Buenos días, ¿pudo revisar la propuesta?" }, cancelOnReply: true },
    ],
  },
);
export type NewScheduled = Static<typeof NewScheduled>;

export const ScheduledPatch = t.Object(
  {
    version: t.Optional(t.Integer({ minimum: 0, description: "The version the change is based on; another one answers 409" })),
    dueAt: t.Optional(dueAt),
    content: t.Optional(content),
    fallback: t.Optional(t.Union([t.Unsafe<NewMessage>({ ...NewMessage }), t.Null()])),
    cancelOnReply: t.Optional(t.Boolean()),
  },
  { minProperties: 1 },
);
export type ScheduledPatch = Static<typeof ScheduledPatch>;

export const ScheduledParams = t.Object({ id: Id });
export const ScheduledAnswer = okSchema(ScheduledMessageView);
export const ScheduledList = okSchema(t.Array(ScheduledMessageView));
