/** What the route of an answer's sources accepts and answers. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, nullable } from "../../events/view";

export const AnswerSourceParams = t.Object({ id: Id });
const AnswerSource = t.Object(
  {
    chunk: t.String(),
    article: nullable(t.String({ ...Id, description: "Null: the article has gone, or does not say this any more" })),
    title: nullable(t.String()),
    text: nullable(t.String({ description: "Null: it was found by a search of the assistant's own and has changed since" })),
    sentences: t.Array(t.String(), { description: "What was said that rests on it" }),
  },
  { title: "AnswerSource" },
);
export type AnswerSource = Static<typeof AnswerSource>;
export const AnswerSourceList = okSchema(t.Array(AnswerSource));
