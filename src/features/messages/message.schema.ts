/** What the message routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { Id, MessageView } from "../../events/view";

/** Inside, a text may be longer than WhatsApp takes; it is then sent in several parts. */
export const MAX_TEXT = 5_000;

export const MessageParams = t.Object({ id: Id });
export const MessageQuery = t.Object(pageQuery);
export type MessageQuery = Static<typeof MessageQuery>;

export const NewMessage = t.Object({
  text: t.String({ minLength: 1, maxLength: MAX_TEXT, examples: ["Hola Rosa, soy Lucía. ¿En qué color la prefiere?"] }),
});

export const IdempotencyHeaders = t.Object(
  {
    "idempotency-key": t.Optional(
      t.String({ minLength: 8, maxLength: 120, description: "Repeating a key returns the first answer" }),
    ),
  },
  { additionalProperties: true },
);

export const MessageAnswer = okSchema(MessageView);
export const MessagePage = pageSchema(MessageView);
