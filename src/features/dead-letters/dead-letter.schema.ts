/** What the routes under `/dead-letters` accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { Timestamp } from "../../events/view";

export const DeadLetterParams = t.Object({ id: t.String({ pattern: "^[\\w-]{22}$" }) });
export const DeadLetterQuery = t.Object(pageQuery);
export type DeadLetterQuery = Static<typeof DeadLetterQuery>;

export const DeadLetterView = t.Object(
  {
    id: t.String(),
    kind: t.String({ description: "message, status, echo ..." }),
    channel: t.String({ description: "WhatsApp phone number id of the business" }),
    reason: t.Union([t.String(), t.Null()], { description: "Why it could not be processed" }),
    attempts: t.Integer(),
    receivedAt: Timestamp,
    deadAt: Timestamp,
    requestId: t.String({ description: "Finds the webhook in the log" }),
    event: t.Unknown({ description: "The event as it was accepted; null once retention has dropped it" }),
  },
  { title: "DeadLetter" },
);
export type DeadLetterView = Static<typeof DeadLetterView>;

export const DeadLetterPage = pageSchema(DeadLetterView);
export const DeadLetterAnswer = okSchema(DeadLetterView);
