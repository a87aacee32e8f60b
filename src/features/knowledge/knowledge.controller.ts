import { Elysia } from "elysia";
import { assertSeesAll } from "../../core/actor";
import { IdempotencyHeaders, ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  ArticleAnswer,
  ArticleList,
  ArticlePage,
  ArticleParams,
  ArticlePatch,
  ArticleQuery,
  ArticleRemoved,
  FileQuery,
  GapAnswer,
  GapDecision,
  GapPage,
  GapParams,
  GapQuery,
  HitList,
  NewArticle,
  NewCorrection,
  NewPage,
  NewSitemap,
  SearchQuery,
  StateAnswer,
} from "./knowledge.schema";
import type { KnowledgeService } from "./knowledge.service";
import type { KnowledgeGapService } from "./knowledge-gap.service";
import type { KnowledgeSearchService } from "./knowledge-search.service";

export interface KnowledgeServices {
  knowledge: KnowledgeService;
  knowledgeSearch: KnowledgeSearchService;
  knowledgeGaps: KnowledgeGapService;
}

const MOST_HITS = 10;
const SITEMAP_PAGES = 100;
const tags = ["Knowledge"];
const create = { permission: "knowledge.manage", headers: IdempotencyHeaders } as const;

/** Reads its body itself. */
export const knowledgeFileController = (auth: AuthPlugin, { knowledge }: Pick<KnowledgeServices, "knowledge">) =>
  new Elysia({ prefix: "/knowledge", tags })
    .use(auth)
    .post(
      "/files",
      async ({ request, query, actor }) =>
        ok(await knowledge.addFile(query.name, request.body as AsyncIterable<Uint8Array> | null, actor)),
      {
        ...create,
        parse: "none",
        query: FileQuery,
        response: { 200: ArticleAnswer },
        detail: {
          summary: "Add a file: PDF, DOCX, TXT, Markdown or HTML, up to 20 MB",
          description: "The body is the file. Its text becomes an article; the file itself is not kept.",
        },
      },
    );

export const knowledgeController = (auth: AuthPlugin, { knowledge, knowledgeSearch, knowledgeGaps }: KnowledgeServices) =>
  new Elysia({ prefix: "/knowledge", tags })
    .use(auth)
    .get("/articles", async ({ query }) => okPage(await knowledge.listArticles(query)), {
      permission: "knowledge.read",
      query: ArticleQuery,
      response: { 200: ArticlePage },
      detail: { summary: "Articles, the newest first, each with the beginning of its text" },
    })
    .get("/articles/:id", async ({ params }) => ok(await knowledge.getArticle(params.id)), {
      permission: "knowledge.read",
      params: ArticleParams,
      response: { 200: ArticleAnswer },
      detail: { summary: "One article" },
    })
    .post("/articles", async ({ body, actor }) => ok(await knowledge.createArticle(body, actor)), {
      ...create,
      body: NewArticle,
      response: { 200: ArticleAnswer },
      detail: { summary: "Add an article, or a pair of question and answer" },
    })
    .patch("/articles/:id", async ({ params, body, actor }) => ok(await knowledge.patchArticle(params.id, body, actor)), {
      permission: "knowledge.manage",
      params: ArticleParams,
      body: ArticlePatch,
      response: { 200: ArticleAnswer },
      detail: { summary: "Change, publish or take back an article; only passages that changed are read in anew" },
    })
    .delete(
      "/articles/:id",
      async ({ params, actor }) => {
        await knowledge.removeArticle(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission: "knowledge.manage",
        params: ArticleParams,
        response: { 200: ArticleRemoved },
        detail: { summary: "Remove an article" },
      },
    )
    .post("/articles/:id/refresh", async ({ params, actor }) => ok(await knowledge.refreshArticle(params.id, actor)), {
      permission: "knowledge.manage",
      params: ArticleParams,
      response: { 200: ArticleAnswer },
      detail: { summary: "Fetch a page anew, and read the article in again" },
    })
    .post("/pages", async ({ body, actor }) => ok(await knowledge.addPage(body.url, actor)), {
      ...create,
      body: NewPage,
      response: { 200: ArticleAnswer },
      detail: { summary: "Add a web page; the same address is fetched anew instead of twice" },
    })
    .post("/sitemaps", async ({ body, actor }) => ok(await knowledge.addSitemap(body.url, body.most ?? SITEMAP_PAGES, actor)), {
      ...create,
      body: NewSitemap,
      response: { 200: ArticleList },
      detail: { summary: "Add the pages of a sitemap, those of its own host" },
    })
    .post("/corrections", async ({ body, actor }) => ok(await knowledge.suggest(body, actor)), {
      permission: "messages.send",
      headers: IdempotencyHeaders,
      body: NewCorrection,
      response: { 200: ArticleAnswer },
      detail: { summary: "What the assistant should have answered: becomes a suggested pair of question and answer" },
    })
    .get("/search", async ({ query, request }) => ok(await knowledgeSearch.search(query.q, MOST_HITS, request.signal)), {
      permission: "knowledge.read",
      query: SearchQuery,
      response: { 200: HitList },
      detail: { summary: "The passages that the assistant would find" },
    })
    .get("/state", async () => ok(await knowledgeSearch.state()), {
      permission: "knowledge.read",
      response: { 200: StateAnswer },
      detail: { summary: "How much is known, what is still being read in, and how it is searched" },
    })
    .get(
      "/gaps",
      async ({ query, actor }) => {
        // Questions are customers' words, from every conversation.
        assertSeesAll(actor);
        return okPage(await knowledgeGaps.listGaps(query));
      },
      {
        permission: "knowledge.manage",
        query: GapQuery,
        response: { 200: GapPage },
        detail: { summary: "Questions that the knowledge did not answer, the most frequent first" },
      },
    )
    .post(
      "/gaps/:id",
      async ({ params, body, actor }) => {
        assertSeesAll(actor);
        return ok(await knowledgeGaps.decide(params.id, body, actor));
      },
      {
        permission: "knowledge.manage",
        params: GapParams,
        body: GapDecision,
        response: { 200: GapAnswer },
        detail: { summary: "Mark a question as solved (by an article) or dismissed" },
      },
    );
