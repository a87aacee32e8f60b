/** Asks the knowledge: by words always, by meaning too where vectors can be had. Kept in step with what is stored by its events. */
import type { Embed } from "../../ai/embeddings";
import type { Clock } from "../../core/clock";
import { describeError } from "../../core/errors";
import type { Log } from "../../core/log";
import type { EventBus } from "../../events/bus";
import type { KnowledgeIndex } from "../../store/search/knowledge-index";
import type { KnowledgeArticleModel, KnowledgeChunk, KnowledgeChunkModel } from "./knowledge.model";
import type { KnowledgeHit } from "./knowledge.schema";

export interface KnowledgeSearchService {
  /** The best passages for a question; empty when there are none. Never fails because of the provider. */
  search(question: string, limit: number, signal: AbortSignal): Promise<KnowledgeHit[]>;
  /** Whether there is anything to find. */
  isEmpty(): Promise<boolean>;
  state(): Promise<{ passages: number; pending: number; mode: "words" | "words-and-meaning"; embeddingMicros: number }>;
  stop(): void;
}

export interface KnowledgeSearchDeps {
  articles: KnowledgeArticleModel;
  chunks: KnowledgeChunkModel;
  index: KnowledgeIndex;
  embed: () => { embed: Embed; model: string } | null;
  redact: (text: string) => string;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

const PIECE = 500;
/** A customer waits for it. */
const EMBED_MS = 2_500;
/** After a failure words have to do for so long. */
const PAUSE_MS = 60_000;
const LONGEST_QUESTION = 1_000;

export function createKnowledgeSearch(deps: KnowledgeSearchDeps): KnowledgeSearchService {
  const { articles, chunks, index, bus, clock, log } = deps;
  let loading: Promise<void> | null = null;
  let pausedUntil = 0;
  /** Refreshes run one after the other, so that an old state never overtakes a newer one. */
  let refreshing: Promise<void> = Promise.resolve();

  const unsubscribe = bus.subscribe(({ event, data }) => {
    if (event !== "knowledge:updated" || loading === null) return;
    const { article } = data as { article: string };
    refreshing = refreshing.then(() => refresh(article)).catch(forget);
  });

  /** The store failed while the index was brought up to date: it is read anew at the next question. */
  function forget(error: unknown): void {
    log.warn("the knowledge index is read anew", { reason: describeError(error) });
    loading = null;
  }

  async function refresh(article: string): Promise<void> {
    const rows = (await chunks.find({ article }).sort({ place: 1 }).lean()) as unknown as KnowledgeChunk[];
    index.set(article, rows.map(toPassage));
  }

  async function load(): Promise<void> {
    let last = "";
    for (;;) {
      const rows = await articles
        .find({ _id: { $gt: last } }, { _id: 1 })
        .sort({ _id: 1 })
        .limit(PIECE)
        .lean();
      for (const { _id } of rows) await refresh(_id as string);
      if (rows.length < PIECE) return;
      last = rows.at(-1)?._id as string;
    }
  }

  async function ready(): Promise<void> {
    loading ??= load();
    try {
      await loading;
    } catch (error) {
      loading = null;
      throw error;
    }
    await refreshing;
  }

  async function vectorOf(question: string, signal: AbortSignal): Promise<Float32Array | null> {
    const by = deps.embed();
    if (!by || clock.now() < pausedUntil) return null;
    try {
      return (await by.embed([deps.redact(question)], { model: by.model, timeoutMs: EMBED_MS }, signal)).vectors[0] ?? null;
    } catch (error) {
      // Awaited: AiError. Words find enough to go on.
      if (signal.aborted) throw error;
      pausedUntil = clock.now() + PAUSE_MS;
      log.warn("a question could not be made a vector: it is searched by its words", { reason: describeError(error) });
      return null;
    }
  }

  async function spentNanos(): Promise<number> {
    let sum = 0;
    let last = "";
    for (;;) {
      const rows = (await articles
        .find({ _id: { $gt: last } }, { embeddingNanos: 1 })
        .sort({ _id: 1 })
        .limit(500)
        .lean()) as {
        _id: string;
        embeddingNanos?: number;
      }[];
      for (const { embeddingNanos = 0 } of rows) sum += embeddingNanos;
      if (rows.length < 500) return sum;
      last = rows.at(-1)?._id ?? "";
    }
  }

  return {
    async search(asked, limit, signal) {
      const question = asked.slice(0, LONGEST_QUESTION);
      await ready();
      if (index.size === 0 || limit === 0) return [];
      const hits = index.search(question, await vectorOf(question, signal), limit);
      const rows = (await chunks
        .find({ _id: { $in: hits.map(({ id }) => id) } }, { vector: 0 })
        .lean()) as unknown as KnowledgeChunk[];
      const byId = new Map(rows.map((row) => [row._id, row]));
      return hits.flatMap(({ id, score, likeness }) => {
        const row = byId.get(id);
        if (!row) return [];
        const { article, title, heading, text } = row;
        return [{ chunk: id, article, title, heading, text, score, likeness }];
      });
    },

    async isEmpty() {
      await ready();
      return index.size === 0;
    },

    async state() {
      await ready();
      const pending = await articles.countDocuments({ "index.state": "pending" });
      return {
        passages: index.size,
        pending,
        mode: deps.embed() ? "words-and-meaning" : "words",
        embeddingMicros: (await spentNanos()) / 1_000,
      };
    },

    stop() {
      unsubscribe();
      index.close();
    },
  };
}

const toPassage = ({ _id, article, title, heading, text, vector, isAnswer }: KnowledgeChunk) => ({
  id: _id,
  article,
  heading: `${title} ${heading}`,
  text,
  vector: vector && floatsOf(vector),
  isAnswer,
});

/** Stored bytes come as a view of the driver's own. */
function floatsOf(stored: Uint8Array | { buffer: Uint8Array }): Float32Array {
  const bytes = stored instanceof Uint8Array ? stored : stored.buffer;
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
