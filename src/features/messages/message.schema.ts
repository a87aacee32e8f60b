/** What the message routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema, spanSchema } from "../../core/envelope";
import { Id, MessageView, oneOf } from "../../events/view";

export const MessageParams = t.Object({ id: Id });
export const MessageQuery = t.Object(pageQuery);
export type MessageQuery = Static<typeof MessageQuery>;

export const ThreadQuery = t.Object({
  ...pageQuery,
  direction: t.Optional(oneOf(["older", "newer"])),
  around: t.Optional(t.String({ ...Id, description: "A message: it and its neighbours on both sides" })),
  at: t.Optional(
    t.String({ maxLength: 40, description: "A time: what was said around it", examples: ["2026-11-20T18:30:00.000Z"] }),
  ),
});
export type ThreadQuery = Static<typeof ThreadQuery>;

const mentions = t.Optional(t.Array(Id, { maxItems: 50, uniqueItems: true, description: "Agents who are told" }));
const noteText = t.String({ minLength: 1, maxLength: 5_000, examples: ["@Pedro, ¿puedes ver el pedido 1042?"] });

export const NewNote = t.Object({ text: noteText, mentions });
export type NewNote = Static<typeof NewNote>;

export const MessagePatch = t.Object(
  {
    starred: t.Optional(t.Boolean({ description: "One's own star" })),
    labels: t.Optional(t.Array(t.String({ minLength: 1, maxLength: 60 }), { maxItems: 20, uniqueItems: true })),
    text: t.Optional(t.String({ ...noteText, description: "Of one's own note" })),
    mentions,
  },
  { minProperties: 1, examples: [{ starred: true }] },
);
export type MessagePatch = Static<typeof MessagePatch>;

export const ForwardBody = t.Object(
  { conversations: t.Array(Id, { minItems: 1, maxItems: 20, uniqueItems: true }) },
  { examples: [{ conversations: ["019345f2c1a4000a5be1f00d"] }] },
);

export const MessageAnswer = okSchema(MessageView);
export const MessagesAnswer = okSchema(t.Array(MessageView));
export const MessagePage = pageSchema(MessageView);
export const MessageSpan = spanSchema(MessageView);
export const MessageRemoved = okSchema(
  t.Object({ id: Id, message: t.Union([MessageView, t.Null()], { description: "What is left of it; null when it is gone" }) }),
);
