/**
 * Reads articles in, one after the other: fetches pages, cuts texts into passages, and asks for the vectors of those that are new. A
 * passage that has not changed keeps its vector. What a crash leaves is `pending` and is done again.
 */
import type { AiError } from "../../ai/ai-error";
import type { Embed } from "../../ai/embeddings";
import type { Clock } from "../../core/clock";
import { describeError } from "../../core/errors";
import { derivedId } from "../../core/id";
import type { Log } from "../../core/log";
import type { UrlGuard } from "../../core/url-guard";
import type { EventLog } from "../../events/log";
import type { KnowledgeArticle, KnowledgeArticleModel, KnowledgeChunk, KnowledgeChunkModel } from "./knowledge.model";
import { tell } from "./knowledge.service";
import { chunkText } from "./knowledge-chunks";
import { LONGEST_TEXT, readPageText } from "./knowledge-source";

export interface KnowledgeIndexer {
  start(): void;
  /** There is something to do. Safe to call often. */
  wake(): void;
  stop(): Promise<void>;
}

export interface KnowledgeIndexerDeps {
  articles: KnowledgeArticleModel;
  chunks: KnowledgeChunkModel;
  /** Null: no provider makes vectors, words have to do. */
  embed: () => { embed: Embed; model: string } | null;
  countTokens: (text: string) => number;
  /** Applied to what goes to the provider. */
  redact: (text: string) => string;
  guard: UrlGuard;
  log: EventLog;
  clock: Clock;
  logger: Log;
}

const BATCH = 64;
const EMBED_MS = 20_000;
const LARGEST_PAGE = 5 * 1024 * 1024;
const MOST_CHUNKS = 5_000;

export function createKnowledgeIndexer(deps: KnowledgeIndexerDeps): KnowledgeIndexer {
  const { articles, chunks, guard, log, clock, logger } = deps;
  const abort = new AbortController();
  let running: Promise<void> | null = null;
  let isAsked = false;

  async function work(): Promise<void> {
    while (isAsked && !abort.signal.aborted) {
      isAsked = false;
      for (;;) {
        const next = (await articles.findOne({ "index.state": "pending" }).sort({ _id: 1 }).lean()) as KnowledgeArticle | null;
        if (!next || abort.signal.aborted) break;
        await readIn(next);
      }
    }
  }

  async function readIn(article: KnowledgeArticle): Promise<void> {
    try {
      const whole = article.kind === "page" && article.source.fetchedAt === null ? await fetchPage(article) : article;
      await replaceChunks(whole, cut(whole));
      const state = await addVectors(whole);
      await finish(whole, { state, error: null });
    } catch (error) {
      // AppError of the page or the file, or a store that fails: told at the article, whoever looks at it may try again.
      if (abort.signal.aborted) return;
      logger.warn("an article could not be read in", { article: article._id, reason: describeError(error) });
      await finish(article, { state: "failed", error: describeError(error).slice(0, 300) });
    }
  }

  async function fetchPage(article: KnowledgeArticle): Promise<KnowledgeArticle> {
    const { url } = article.source;
    const answer = await guard.fetch(url as string, { maxBytes: LARGEST_PAGE, signal: abort.signal });
    if (answer.status !== 200) throw new Error(`The page answers with status ${answer.status}.`);
    const type = answer.headers.get("content-type")?.toLowerCase() ?? "";
    const { title, text } = await readPageText(answer.url, type, answer.body);
    if (text === "") throw new Error("There is no text on this page.");
    const read = {
      title: title.slice(0, 200),
      text: text.slice(0, LONGEST_TEXT),
      source: { ...article.source, fetchedAt: new Date(clock.now()) },
    };
    await articles.updateOne({ _id: article._id, version: article.version }, { $set: read });
    return { ...article, ...read };
  }

  function cut({ _id, kind, title, question, text }: KnowledgeArticle): KnowledgeChunk[] {
    const isAnswer = kind === "faq";
    const pieces = isAnswer ? [{ heading: question ?? "", text }] : chunkText(text, deps.countTokens);
    const seen = new Map<string, KnowledgeChunk>();
    for (const [place, piece] of pieces.slice(0, MOST_CHUNKS).entries()) {
      const id = derivedId(_id, JSON.stringify([title, piece.heading, piece.text]));
      seen.set(id, { _id: id, article: _id, place, title, ...piece, isAnswer, model: null, vector: null });
    }
    return [...seen.values()];
  }

  async function replaceChunks({ _id }: KnowledgeArticle, wanted: readonly KnowledgeChunk[]): Promise<void> {
    const known = new Set((await chunks.find({ article: _id }, { _id: 1 }).lean()).map((chunk) => chunk._id as string));
    const ids = new Set(wanted.map((chunk) => chunk._id));
    const gone = [...known].filter((id) => !ids.has(id));
    const added = wanted.filter((chunk) => !known.has(chunk._id));
    if (gone.length > 0) await chunks.collection.deleteMany({ _id: { $in: gone as never[] } });
    for (const { _id: id, place } of wanted)
      if (known.has(id)) await chunks.collection.updateOne({ _id: id as never }, { $set: { place } });
    for (let from = 0; from < added.length; from += BATCH)
      await chunks.collection.insertMany(added.slice(from, from + BATCH) as never[]);
  }

  /** Vectors for the passages that have none of this model. Words alone are a way of searching, too: no failure keeps an article out. */
  async function addVectors(article: KnowledgeArticle): Promise<"ready" | "words"> {
    const by = deps.embed();
    if (!by) return "words";
    const missing = (await chunks
      .find({ article: article._id, model: { $ne: by.model } })
      .sort({ place: 1 })
      .lean()) as unknown as KnowledgeChunk[];
    for (let from = 0; from < missing.length; from += BATCH) {
      const batch = missing.slice(from, from + BATCH);
      try {
        const texts = batch.map(({ title, heading, text }) => deps.redact(`${title}\n${heading}\n${text}`.slice(0, 8_000)));
        const { vectors, costNanos } = await by.embed(texts, { model: by.model, timeoutMs: EMBED_MS }, abort.signal);
        for (const [index, { _id }] of batch.entries()) {
          const vector = Buffer.from(vectors[index]!.buffer);
          await chunks.updateOne({ _id }, { $set: { vector, model: by.model } });
        }
        // What vectors have cost so far, those of earlier versions of the article included.
        if (costNanos) await articles.updateOne({ _id: article._id }, { $inc: { embeddingNanos: costNanos } });
      } catch (error) {
        // Awaited: AiError, a provider that makes no vectors or none now.
        if (abort.signal.aborted) throw error;
        logger.warn("no vectors could be had: the article is found by its words", { kind: (error as AiError).kind });
        return "words";
      }
      await tellProgress(article, from + batch.length + ((await countChunks(article)) - missing.length));
    }
    return "ready";
  }

  const countChunks = ({ _id }: KnowledgeArticle) => chunks.countDocuments({ article: _id });

  async function tellProgress(article: KnowledgeArticle, embedded: number): Promise<void> {
    const index = { ...article.index, state: "pending" as const, chunks: await countChunks(article), embedded };
    await log.change(async (change) => {
      await articles.updateOne({ _id: article._id, version: article.version }, { $set: { index } }, { session: change.session });
      tell({ ...article, index }, change);
    });
  }

  async function finish(article: KnowledgeArticle, how: Pick<KnowledgeArticle["index"], "state" | "error">): Promise<void> {
    const all = await countChunks(article);
    const embedded = await chunks.countDocuments({ article: article._id, model: { $ne: null } });
    const index = { ...how, chunks: all, embedded };
    await log.change(async (change) => {
      // Changed meanwhile: it is still pending and comes again.
      const done = await articles.updateOne(
        { _id: article._id, version: article.version },
        { $set: { index } },
        { session: change.session },
      );
      if (done.matchedCount === 0) isAsked = true;
      else tell({ ...article, index }, change);
    });
    // Removed or taken back while it was being read in: nothing of it may stay.
    const now = (await articles.findById(article._id, { status: 1 }).lean()) as KnowledgeArticle | null;
    if (now?.status !== "published") await chunks.collection.deleteMany({ article: article._id });
  }

  const wake = () => {
    isAsked = true;
    running ??= work()
      // The store fails for now; what is pending stays so.
      .catch((error: unknown) => logger.error("the knowledge could not be read in", { reason: describeError(error) }))
      .finally(() => {
        running = null;
      });
  };

  return {
    start: wake,
    wake,
    async stop() {
      abort.abort();
      await running;
    },
  };
}
