/** Answers from the company's articles that may be given again to anybody who asks the same. */
import { type Connection, Schema } from "mongoose";

export interface StoredAnswer {
  /** A hash of the question, of everything the answer was made from, and of the model: nobody can read the question back. */
  _id: string;
  text: string;
  citations: { sentence: string; chunks: string[] }[];
  /** What it cost to make it, micro-dollars; null when that is unknown. */
  costMicros: number | null;
  at: Date;
  endsAt: Date;
}

const schema = new Schema<StoredAnswer>(
  {
    _id: { type: String, required: true },
    text: { type: String, required: true },
    citations: { type: Schema.Types.Mixed, required: true } as never,
    costMicros: { type: Number, default: null },
    at: { type: Date, required: true },
    endsAt: { type: Date, required: true },
  },
  { collection: "cachedAnswers", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ endsAt: 1 }, { expireAfterSeconds: 0 });

export const cachedAnswerModel = (connection: Connection) => connection.model<StoredAnswer>("CachedAnswer", schema);
export type CachedAnswerModel = ReturnType<typeof cachedAnswerModel>;
