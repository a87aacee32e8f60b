/** What the cases of this folder are asked with: one client, and the notes about each answer. */
import type { mongo } from "mongoose";

/** Documents of any shape, as the suites have them. */
export type Loose = mongo.Document[string];

export interface Asking {
  label: string;
  db: mongo.Db;
  cl: mongo.MongoClient;
  c: mongo.Collection<Loose>;
  /** Empties the collection and fills it. */
  reset(...documents: object[]): Promise<void>;
  /** Asks one case: anything but true is noted as wrong. */
  C(name: string, ask: () => Promise<unknown>): Promise<void>;
  /** True when the promise is refused with this code (and words). */
  err(promise: Promise<unknown>, code: number, words?: string): Promise<unknown>;
  /** True when both are equal, otherwise the first. */
  same(got: unknown, expected: unknown): unknown;
  /** The fields of an error or a document, whatever they are. */
  fields(value: unknown): mongo.Document;
}

export interface Notes {
  right: number;
  wrong: string[];
}

export function asking(label: string, db: mongo.Db, cl: mongo.MongoClient, notes: Notes): Asking {
  const c = db.collection<Loose>("c");
  return {
    label,
    db,
    cl,
    c,
    reset: async (...documents) => {
      await c.drop();
      if (documents.length > 0) await c.insertMany(documents as Loose[]);
    },
    C: async (name, ask) => {
      const answer = await ask().catch((error: unknown) => error);
      if (answer === true) notes.right++;
      else notes.wrong.push(`${name}: ${answer instanceof Error ? answer.message : JSON.stringify(answer)}`);
    },
    err: async (promise, code, words = "") => {
      try {
        return { answered: await promise };
      } catch (error) {
        const { code: got, message } = error as mongo.MongoServerError;
        return got === code && message.includes(words) ? true : `${String(got)} ${message}`;
      }
    },
    same: (got, expected) => (Bun.deepEquals(got, expected) ? true : got),
    fields: (value) => value as mongo.Document,
  };
}
