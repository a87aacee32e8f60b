/** What the assistant answers from: articles, the passages they are cut into, and questions that none of them answered. */
import { type Connection, Schema } from "mongoose";

export interface KnowledgeArticle {
  _id: string;
  kind: "article" | "faq" | "file" | "page";
  title: string;
  /** Of a pair of question and answer: the question. */
  question: string | null;
  /** With `#` before headings; blank lines between paragraphs. */
  text: string;
  status: "draft" | "suggested" | "published";
  /** Where a suggestion comes from: until somebody has published it, its words are the customer's and go with them. */
  conversation?: string;
  /** Counts the changes. */
  version: number;
  source: { fileName: string | null; url: string | null; fetchedAt: Date | null };
  /** `pending`: to be read and cut; `words`: found by words only, because no vectors could be had. */
  index: { state: "pending" | "ready" | "words" | "failed" | "none"; chunks: number; embedded: number; error: string | null };
  /** Nano-dollars its vectors have cost. */
  embeddingNanos?: number;
  createdAt: Date;
  updatedAt: Date;
  updatedBy: { id: string; name: string };
}

const articleSchema = new Schema<KnowledgeArticle>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    title: { type: String, required: true },
    question: { type: String, default: null },
    text: { type: String, default: "" },
    status: { type: String, required: true },
    conversation: { type: String },
    version: { type: Number, required: true },
    source: { type: Schema.Types.Mixed, required: true } as never,
    index: { type: Schema.Types.Mixed, required: true } as never,
    embeddingNanos: { type: Number },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    updatedBy: { type: Schema.Types.Mixed, required: true } as never,
  },
  { collection: "knowledgeArticles", versionKey: false, autoIndex: false, strict: "throw" },
);
articleSchema.index({ "index.state": 1, _id: 1 });
articleSchema.index({ "source.url": 1 });
articleSchema.index({ conversation: 1 }, { sparse: true });

export const knowledgeArticleModel = (connection: Connection) =>
  connection.model<KnowledgeArticle>("KnowledgeArticle", articleSchema);
export type KnowledgeArticleModel = ReturnType<typeof knowledgeArticleModel>;

export interface KnowledgeChunk {
  /** Made from the article and the text: a passage that stays keeps its id and its vector. */
  _id: string;
  article: string;
  place: number;
  title: string;
  heading: string;
  text: string;
  isAnswer: boolean;
  /** Which model made the vector; null: none has. */
  model: string | null;
  /** 32-bit floats. */
  vector: Uint8Array | null;
}

const chunkSchema = new Schema<KnowledgeChunk>(
  {
    _id: { type: String, required: true },
    article: { type: String, required: true },
    place: { type: Number, required: true },
    title: { type: String, required: true },
    heading: { type: String, default: "" },
    text: { type: String, required: true },
    isAnswer: { type: Boolean, default: false },
    model: { type: String, default: null },
    vector: { type: Buffer, default: null } as never,
  },
  { collection: "knowledgeChunks", versionKey: false, autoIndex: false, strict: "throw" },
);
chunkSchema.index({ article: 1, place: 1 });

export const knowledgeChunkModel = (connection: Connection) => connection.model<KnowledgeChunk>("KnowledgeChunk", chunkSchema);
export type KnowledgeChunkModel = ReturnType<typeof knowledgeChunkModel>;

export interface KnowledgeGap {
  /** Made from the words of the question: asked again it counts up. */
  _id: string;
  question: string;
  times: number;
  /** The newest conversations that asked. */
  conversations: string[];
  state: "open" | "solved" | "dismissed";
  article: string | null;
  firstAt: Date;
  lastAt: Date;
}

const gapSchema = new Schema<KnowledgeGap>(
  {
    _id: { type: String, required: true },
    question: { type: String, required: true },
    times: { type: Number, required: true },
    conversations: { type: [String], default: [] },
    state: { type: String, required: true },
    article: { type: String, default: null },
    firstAt: { type: Date, required: true },
    lastAt: { type: Date, required: true },
  },
  { collection: "knowledgeGaps", versionKey: false, autoIndex: false, strict: "throw" },
);
gapSchema.index({ state: 1, times: -1, _id: -1 });
gapSchema.index({ conversations: 1 });

export const knowledgeGapModel = (connection: Connection) => connection.model<KnowledgeGap>("KnowledgeGap", gapSchema);
export type KnowledgeGapModel = ReturnType<typeof knowledgeGapModel>;
