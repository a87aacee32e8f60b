/** A page of articles, the newest first, of those that match. Words are compared here: no index knows titles without their accents. */
import type { KnowledgeArticle, KnowledgeArticleModel } from "./knowledge.model";
import type { ArticleQuery } from "./knowledge.schema";
import { wordsOf } from "./knowledge-words";

type Wanted = Pick<ArticleQuery, "status" | "kind" | "reading" | "q" | "limit"> & { before: string | null };

/** So many are looked at in one go. */
const PIECE = 500;
const LOOKED_AT = { title: 1, question: 1, kind: 1, "source.fileName": 1, "source.url": 1, "index.state": 1 } as const;

/** One more than `limit` when there are more. */
export async function findArticles(articles: KnowledgeArticleModel, wanted: Wanted): Promise<KnowledgeArticle[]> {
  const { status, limit } = wanted;
  const olderThan = (id: string | null) => ({
    ...(id !== null && { _id: { $lt: id } }),
    ...(status !== undefined && { status }),
  });
  if (wanted.kind === undefined && wanted.reading === undefined && wanted.q === undefined) {
    return (await articles
      .find(olderThan(wanted.before))
      .sort({ _id: -1 })
      .limit(limit + 1)
      .lean()) as KnowledgeArticle[];
  }
  const found: string[] = [];
  const matches = matcherOf(wanted);
  let last = wanted.before;
  while (found.length <= limit) {
    const rows = (await articles.find(olderThan(last), LOOKED_AT).sort({ _id: -1 }).limit(PIECE).lean()) as KnowledgeArticle[];
    for (const row of rows) if (matches(row)) found.push(row._id);
    if (rows.length < PIECE) break;
    last = rows.at(-1)?._id ?? null;
  }
  const page = { _id: { $in: found.slice(0, limit + 1) } };
  return (await articles.find(page).sort({ _id: -1 }).lean()) as KnowledgeArticle[];
}

function matcherOf({ kind, reading, q = "" }: Wanted): (article: KnowledgeArticle) => boolean {
  const words = wordsOf(q).split(" ");
  return ({ title, question, source, index, ...article }) => {
    if (kind !== undefined && article.kind !== kind) return false;
    if (reading !== undefined && index.state !== reading) return false;
    const text = wordsOf([title, question, source.fileName, source.url].join(" "));
    return words.every((word) => text.includes(word));
  };
}
