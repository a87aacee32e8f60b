/** What the knowledge routes accept and answer. */
import { type Static, type TSchema, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { Id, Timestamp } from "../../events/view";

const strict = { additionalProperties: false } as const;
const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()]);
const Title = t.String({ minLength: 1, maxLength: 200, pattern: "\\S" });
const Text = t.String({
  minLength: 1,
  maxLength: 200_000,
  pattern: "\\S",
  description: "`#` before headings, blank lines between paragraphs",
});
const Question = t.String({ minLength: 3, maxLength: 500, pattern: "\\S" });
const Status = t.Union([t.Literal("draft"), t.Literal("suggested"), t.Literal("published")]);
const WebAddress = t.String({ maxLength: 2_048, pattern: "^https?://\\S+$" });

export const ArticleParams = t.Object({ id: Id });
const Kind = t.Union([t.Literal("article"), t.Literal("faq"), t.Literal("file"), t.Literal("page")]);
const Reading = t.Union([t.Literal("pending"), t.Literal("ready"), t.Literal("words"), t.Literal("failed"), t.Literal("none")], {
  description: "words: found by its words only; none: not published",
});
export const ArticleQuery = t.Object({
  ...pageQuery,
  status: t.Optional(Status),
  kind: t.Optional(Kind),
  reading: t.Optional(Reading),
  q: t.Optional(
    t.String({ minLength: 1, maxLength: 200, description: "Words of the title, the question, the file or the address" }),
  ),
});
export type ArticleQuery = Static<typeof ArticleQuery>;

export const NewArticle = t.Object(
  {
    title: t.Optional(Title),
    question: t.Optional(Question),
    text: Text,
    status: t.Optional(t.Union([t.Literal("draft"), t.Literal("published")], { description: "published when absent" })),
  },
  { ...strict, description: "With `question` it is a pair of question and answer; without, an article, which needs a title" },
);
export type NewArticle = Static<typeof NewArticle>;

export const ArticlePatch = t.Object(
  {
    version: t.Integer({ minimum: 1, maximum: 2_000_000_000, description: "The version this change was made from" }),
    values: t.Partial(
      t.Object({
        title: Title,
        question: Question,
        text: Text,
        status: t.Union([t.Literal("draft"), t.Literal("published")]),
      }),
      { ...strict, minProperties: 1 },
    ),
  },
  strict,
);
export type ArticlePatch = Static<typeof ArticlePatch>;

export const FileQuery = t.Object({ name: t.String({ minLength: 1, maxLength: 200, description: "File name with its ending" }) });
export const NewPage = t.Object({ url: WebAddress }, strict);
export const NewSitemap = t.Object(
  {
    url: WebAddress,
    most: t.Optional(t.Integer({ minimum: 1, maximum: 500, description: "Pages taken at most; 100 when absent" })),
  },
  strict,
);
export const NewCorrection = t.Object(
  {
    message: Id,
    answer: t.String({ minLength: 1, maxLength: 5_000, pattern: "\\S", description: "What the assistant should have said" }),
  },
  strict,
);

const Article = t.Object({
  id: Id,
  kind: Kind,
  title: t.String(),
  question: nullable(t.String()),
  text: t.String(),
  status: Status,
  version: t.Integer(),
  source: t.Object({ fileName: nullable(t.String()), url: nullable(t.String()), fetchedAt: nullable(Timestamp) }),
  index: t.Object({
    state: Reading,
    chunks: t.Integer(),
    embedded: t.Integer(),
    error: nullable(t.String()),
  }),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  updatedBy: t.Object({ id: t.String(), name: t.String() }),
});
export type ArticleView = Static<typeof Article>;
export const ArticleAnswer = okSchema(Article);
export const ArticleList = okSchema(t.Array(Article));
export const ArticlePage = pageSchema(Article);
export const ArticleRemoved = okSchema(t.Object({ id: Id }));

export const SearchQuery = t.Object({ q: t.String({ minLength: 1, maxLength: 500 }) });
const Hit = t.Object({
  chunk: Id,
  article: Id,
  title: t.String(),
  heading: t.String(),
  text: t.String(),
  score: t.Number(),
  likeness: nullable(t.Number()),
});
export type KnowledgeHit = Static<typeof Hit>;
export const HitList = okSchema(t.Array(Hit));

export const StateAnswer = okSchema(
  t.Object({
    passages: t.Integer(),
    pending: t.Integer(),
    mode: t.Union([t.Literal("words"), t.Literal("words-and-meaning")]),
    embeddingMicros: t.Number({ description: "Micro-dollars the vectors of all articles have cost so far" }),
  }),
);

export const GapQuery = t.Object({
  ...pageQuery,
  state: t.Optional(t.Union([t.Literal("open"), t.Literal("solved"), t.Literal("dismissed")])),
});
export type GapQuery = Static<typeof GapQuery>;
export const GapParams = t.Object({ id: t.String({ pattern: "^[\\w-]{8,64}$" }) });
export const GapDecision = t.Object(
  { state: t.Union([t.Literal("open"), t.Literal("solved"), t.Literal("dismissed")]), article: t.Optional(Id) },
  strict,
);
const Gap = t.Object({
  id: t.String(),
  question: t.String(),
  times: t.Integer(),
  state: t.Union([t.Literal("open"), t.Literal("solved"), t.Literal("dismissed")]),
  article: nullable(t.String()),
  conversations: t.Array(t.String()),
  firstAt: Timestamp,
  lastAt: Timestamp,
});
export type GapView = Static<typeof Gap>;
export const GapPage = pageSchema(Gap);
export const GapAnswer = okSchema(Gap);
