/** Articles, pairs of question and answer, files and pages. Publishing, changing and removing is written down; reading them in happens behind. */
import type { ClientSession } from "mongoose";
import type { Actor } from "../../core/actor";
import type { Auditor } from "../../core/audit-port";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import { decodeCursor, type Page, toPage } from "../../core/page";
import type { UrlGuard } from "../../core/url-guard";
import type { Change, EventLog } from "../../events/log";
import type { MessageModel } from "../messages/message.model";
import type { ReachService } from "../messages/reach.service";
import type { KnowledgeArticle, KnowledgeArticleModel, KnowledgeChunkModel } from "./knowledge.model";
import type { ArticlePatch, ArticleQuery, ArticleView, NewArticle } from "./knowledge.schema";
import { findArticles } from "./knowledge-list";
import { LONGEST_TEXT, readFileText, readSitemap } from "./knowledge-source";

export interface KnowledgeService {
  listArticles(query: ArticleQuery): Promise<Page<ArticleView>>;
  /** Throws `knowledge.not-found`. */
  getArticle(id: string): Promise<ArticleView>;
  createArticle(article: NewArticle, actor: Actor): Promise<ArticleView>;
  /** Throws `request.stale` with the article as it is. */
  patchArticle(id: string, patch: ArticlePatch, actor: Actor): Promise<ArticleView>;
  removeArticle(id: string, actor: Actor): Promise<void>;
  /** Reads a file into an article; the file itself is not kept. Throws `knowledge.unreadable`, `request.too-large`. */
  addFile(name: string, body: AsyncIterable<Uint8Array> | null, actor: Actor): Promise<ArticleView>;
  /** Fetched behind; the same address is fetched anew instead of twice. Throws `url.refused`. */
  addPage(url: string, actor: Actor): Promise<ArticleView>;
  addSitemap(url: string, most: number, actor: Actor): Promise<ArticleView[]>;
  /** Fetches a page anew; anything else is only cut and compared anew. */
  refreshArticle(id: string, actor: Actor): Promise<ArticleView>;
  /** What the assistant should have said, as a suggestion somebody else publishes. */
  suggest(correction: { message: string; answer: string }, actor: Actor): Promise<ArticleView>;
}

export interface KnowledgeDeps {
  articles: KnowledgeArticleModel;
  chunks: KnowledgeChunkModel;
  messages: MessageModel;
  reach: Pick<ReachService, "assertMessage">;
  guard: UrlGuard;
  /** There is something to read in. */
  wake: () => void;
  audit: Auditor<ClientSession>;
  log: EventLog;
  clock: Clock;
}

const MOST_ARTICLES = 5_000;
const LARGEST_FILE = 20 * 1024 * 1024;
const NOT_INDEXED = { chunks: 0, embedded: 0, error: null } as const;
/** How far before an answer its question is looked for. */
const QUESTION_WITHIN = 20;

export function createKnowledgeService(deps: KnowledgeDeps): KnowledgeService {
  const { articles, chunks, messages, reach, guard, wake, audit, log, clock } = deps;

  async function find(id: string, session?: ClientSession): Promise<KnowledgeArticle> {
    const article = (await articles.findById(id, null, session ? { session } : {}).lean()) as KnowledgeArticle | null;
    if (!article) throw fail("knowledge.not-found");
    return article;
  }

  function fresh(article: Partial<KnowledgeArticle>, actor: Actor): KnowledgeArticle {
    const at = new Date(clock.now());
    const status = article.status ?? "published";
    return {
      _id: newId(at.getTime()),
      kind: "article",
      title: "",
      question: null,
      text: "",
      status,
      version: 1,
      source: { fileName: null, url: null, fetchedAt: null },
      index: { state: status === "published" ? "pending" : "none", ...NOT_INDEXED },
      createdAt: at,
      updatedAt: at,
      updatedBy: { id: actor.id, name: actor.name },
      ...article,
    };
  }

  async function insert(article: KnowledgeArticle, actor: Actor): Promise<ArticleView> {
    await log.change(async (change) => {
      if ((await articles.countDocuments({}).session(change.session)) >= MOST_ARTICLES) throw fail("knowledge.too-many");
      await articles.collection.insertOne(article as never, { session: change.session });
      await audit.record(change, { actor, action: "knowledge.create", target: target(article), after: shown(article) });
      tell(article, change);
    });
    wake();
    return toArticleView(article);
  }

  async function change(
    id: string,
    actor: Actor,
    next: (before: KnowledgeArticle) => Partial<KnowledgeArticle>,
  ): Promise<ArticleView> {
    const saved = await log.change(async (change) => {
      const before = await find(id, change.session);
      const after: KnowledgeArticle = {
        ...before,
        ...next(before),
        version: before.version + 1,
        updatedAt: new Date(clock.now()),
        updatedBy: { id: actor.id, name: actor.name },
      };
      after.index = { ...before.index, error: null, state: after.status === "published" ? "pending" : "none" };
      if (after.status !== "published") {
        Object.assign(after.index, NOT_INDEXED);
        await chunks.collection.deleteMany({ article: id }, { session: change.session });
      }
      await articles.collection.replaceOne({ _id: id as never, version: before.version }, after as never, {
        session: change.session,
      });
      const record = { actor, action: "knowledge.update", target: target(after) } as const;
      await audit.record(change, { ...record, before: shown(before), after: shown(after) });
      tell(after, change);
      return after;
    });
    wake();
    return toArticleView(saved);
  }

  const findByUrl = async (url: string) => (await articles.findOne({ "source.url": url }).lean()) as KnowledgeArticle | null;

  async function addPage(url: string, actor: Actor): Promise<ArticleView> {
    const known = await findByUrl(url);
    if (known) return change(known._id, actor, ({ source }) => ({ source: { ...source, fetchedAt: null } }));
    return insert(fresh({ kind: "page", title: url, source: { fileName: null, url, fetchedAt: null } }, actor), actor);
  }

  return {
    async listArticles({ limit, cursor, ...wanted }) {
      const before = cursor ? (decodeCursor(cursor, ["string"])[0] as string) : null;
      const rows = await findArticles(articles, { ...wanted, limit, before });
      // A list shows what there is; the whole text comes with the article itself.
      return toPage(
        rows,
        limit,
        (row) => toArticleView({ ...row, text: row.text.slice(0, 300) }),
        ({ _id }) => [_id],
      );
    },

    getArticle: async (id) => toArticleView(await find(id)),

    async createArticle({ title, question, text, status = "published" }, actor) {
      if (question !== undefined)
        return insert(fresh({ kind: "faq", title: title ?? question.slice(0, 200), question, text, status }, actor), actor);
      if (title === undefined) throw fail("request.invalid", { details: [{ path: "body.title", message: "is needed" }] });
      return insert(fresh({ title, text, status }, actor), actor);
    },

    patchArticle: (id, { version, values }, actor) =>
      change(id, actor, (before) => {
        if (before.version !== version) throw fail("request.stale", { current: toArticleView(before) });
        if (values.question !== undefined && before.kind !== "faq")
          throw fail("request.invalid", { details: [{ path: "body.values.question", message: "belongs to pairs only" }] });
        return values;
      }),

    async removeArticle(id, actor) {
      await log.change(async (change) => {
        const article = await find(id, change.session);
        await articles.collection.deleteOne({ _id: id as never }, { session: change.session });
        await chunks.collection.deleteMany({ article: id }, { session: change.session });
        await audit.record(change, { actor, action: "knowledge.remove", target: target(article), before: shown(article) });
        change.emit("knowledge:updated", { article: id, state: "removed", chunks: 0, embedded: 0 });
      });
    },

    async addFile(name, body, actor) {
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
        size += part.length;
        if (size > LARGEST_FILE) throw fail("request.too-large");
        parts.push(part);
      }
      const { title, text } = await readFileText(name, Buffer.concat(parts));
      if (text === "") throw fail("knowledge.unreadable", { message: "There is no text in this file." });
      const source = { fileName: name, url: null, fetchedAt: null };
      const article = { kind: "file", title: title.slice(0, 200), text: text.slice(0, LONGEST_TEXT), source } as const;
      return insert(fresh(article, actor), actor);
    },

    async addPage(url, actor) {
      await guard.check(url);
      return addPage(url, actor);
    },

    async addSitemap(url, most, actor) {
      const { body, status } = await guard.fetch(url, { maxBytes: 5 * 1024 * 1024 });
      const pages = status === 200 ? readSitemap(url, new TextDecoder().decode(body)).slice(0, most) : [];
      if (pages.length === 0) throw fail("knowledge.unreadable", { message: "There are no addresses of this host in it." });
      const added: ArticleView[] = [];
      for (const page of pages) added.push(await addPage(page, actor));
      return added;
    },

    refreshArticle: (id, actor) => change(id, actor, ({ source }) => ({ source: { ...source, fetchedAt: null } })),

    async suggest({ message: id, answer }, actor) {
      const message = await messages.findById(id).lean();
      if (!message) throw fail("message.not-found");
      await reach.assertMessage(message, actor);
      const before = await messages
        .find({ conversation: message.conversation, _id: { $lt: id } })
        .sort({ _id: -1 })
        .limit(QUESTION_WITHIN)
        .lean();
      // The messages just before the answer, in the order they were written.
      const from = before.findIndex(({ role }) => role === "user");
      const until = before.findIndex(({ role }, index) => index > from && role !== "user");
      const asked = from < 0 ? [] : before.slice(from, until < 0 ? undefined : until).reverse();
      const question = asked
        .map(({ content }) => content)
        .join(" ")
        .replace(/\s+/g, " ")
        .trim()
        .slice(0, 500);
      if (question.length < 3) throw fail("knowledge.no-question");
      return insert(
        {
          ...fresh({ kind: "faq", title: question.slice(0, 200), question, text: answer, status: "suggested" }, actor),
          conversation: message.conversation,
        },
        actor,
      );
    },
  };
}

export function tell({ _id, index: { state, chunks, embedded } }: KnowledgeArticle, change: Change): void {
  change.emit("knowledge:updated", { article: _id, state, chunks, embedded });
}

const target = ({ _id, title }: KnowledgeArticle) => ({ kind: "knowledge", id: _id, name: title });
/** Whole texts would fill the log. */
const shown = ({ title, question, status, text }: KnowledgeArticle) => ({ title, question, status, text: text.slice(0, 1_000) });

const toArticleView = ({ _id, source, createdAt, updatedAt, ...article }: KnowledgeArticle): ArticleView => ({
  id: _id,
  ...article,
  source: { ...source, fetchedAt: source.fetchedAt?.toISOString() ?? null },
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
