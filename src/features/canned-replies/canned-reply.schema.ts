/** What the routes of canned replies accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, oneOf } from "../../events/view";
import { CannedReplyView } from "../../events/writing-view";

const fields = {
  shortcut: t.String({ pattern: "^[^\\s/]{1,40}$", description: "What is typed after the slash", examples: ["saludo"] }),
  title: t.String({ minLength: 1, maxLength: 120, examples: ["Saludo"] }),
  text: t.String({
    minLength: 1,
    maxLength: 5_000,
    description: "May hold {{contact.name}}, {{contact.first_name|cliente}}, {{agent.name}} ...",
    examples: ["Hola {{contact.first_name|cliente}}, soy {{agent.first_name}}. ¿En qué le ayudo?"],
  }),
  folder: t.String({ maxLength: 200 }),
  tags: t.Array(t.String({ minLength: 1, maxLength: 60 }), { maxItems: 20, uniqueItems: true }),
  scope: oneOf(["personal", "shared"]),
};

export const ReplyParams = t.Object({ id: Id });
export const ReplyQuery = t.Object({
  prefix: t.Optional(t.String({ maxLength: 60, description: "Beginning of the shortcut or of a word of the title" })),
  folder: t.Optional(t.String({ maxLength: 200 })),
  tag: t.Optional(t.String({ maxLength: 60 })),
});
export type ReplyQuery = Static<typeof ReplyQuery>;

export const NewReply = t.Object({
  ...fields,
  folder: t.Optional(fields.folder),
  tags: t.Optional(fields.tags),
  scope: t.Optional(fields.scope),
});
export type NewReply = Static<typeof NewReply>;

export const ReplyPatch = t.Object(
  {
    version: t.Optional(t.Integer({ minimum: 0, description: "The version the change is based on; another one answers 409" })),
    shortcut: t.Optional(fields.shortcut),
    title: t.Optional(fields.title),
    text: t.Optional(fields.text),
    folder: t.Optional(fields.folder),
    tags: t.Optional(fields.tags),
  },
  { minProperties: 1 },
);
export type ReplyPatch = Static<typeof ReplyPatch>;

export const RenderBody = t.Object({ conversation: Id });
export const ReplyAnswer = okSchema(CannedReplyView);
export const ReplyList = okSchema(t.Array(CannedReplyView));
export const ReplyRemoved = okSchema(t.Object({ id: Id }));
export const RenderedAnswer = okSchema(
  t.Object({
    text: t.String(),
    missing: t.Array(t.String(), { description: "Variables without a value; they are left out of the text" }),
  }),
);
