/**
 * The knowledge by words and by meaning: full text and vectors, joined by their ranks. Derived and kept in memory: it is read from the
 * stored passages when it is first asked, so there is no file that could be old or damaged.
 */
import { Database } from "bun:sqlite";
import { fold } from "./words";

export interface IndexedPassage {
  id: string;
  article: string;
  /** Title and headings. */
  heading: string;
  text: string;
  /** Of length 1; null: found by its words only. */
  vector: Float32Array | null;
  /** An answer people have written for this very question. */
  isAnswer: boolean;
}

export interface PassageHit {
  id: string;
  article: string;
  /** Higher is better; comparable within one search only. */
  score: number;
  /** -1 to 1; null when it was not compared by meaning. */
  likeness: number | null;
}

interface Slot extends Pick<IndexedPassage, "id" | "article" | "isAnswer"> {
  hasVector: boolean;
}

const CANDIDATES = 20;
const RRF_K = 60;
/** Less alike than this says nothing. */
const LEAST_LIKENESS = 0.25;
const ANSWER_BOOST = 1.25;
const MOST_OF_ONE_ARTICLE = 2;
const MOST_WORDS = 24;

export class KnowledgeIndex {
  readonly #database = new Database(":memory:");
  readonly #slots: (Slot | null)[] = [];
  readonly #free: number[] = [];
  readonly #ofArticle = new Map<string, number[]>();
  #vectors = new Float32Array(0);
  #dimensions = 0;

  constructor() {
    this.#database.run(
      `CREATE VIRTUAL TABLE passage USING fts5(heading, text, content='', contentless_delete=1,
       tokenize="unicode61 remove_diacritics 2", prefix='4 5 6')`,
    );
  }

  get size(): number {
    return this.#slots.length - this.#free.length;
  }

  /** Replaces all passages of an article; none takes it out. */
  set(article: string, passages: readonly IndexedPassage[]): void {
    this.#database.transaction(() => {
      const remove = this.#database.query("DELETE FROM passage WHERE rowid = ?");
      for (const slot of this.#ofArticle.get(article) ?? []) {
        remove.run(slot + 1);
        this.#slots[slot] = null;
        this.#free.push(slot);
      }
      this.#ofArticle.delete(article);
      const insert = this.#database.query("INSERT INTO passage (rowid, heading, text) VALUES (?, ?, ?)");
      const taken: number[] = [];
      for (const { id, heading, text, vector, isAnswer } of passages) {
        const slot = this.#free.pop() ?? this.#slots.length;
        this.#slots[slot] = { id, article, isAnswer, hasVector: vector !== null && this.#keepVector(slot, vector) };
        insert.run(slot + 1, heading, text);
        taken.push(slot);
      }
      if (taken.length > 0) this.#ofArticle.set(article, taken);
    })();
  }

  /** The best passages for a question, at most two of one article. `vector`: the question's own, when there is one. */
  search(question: string, vector: Float32Array | null, limit: number): PassageHit[] {
    const scores = new Map<number, number>();
    const likeness = new Map<number, number>();
    const rank = (slots: readonly number[]) => {
      for (const [place, slot] of slots.entries()) scores.set(slot, (scores.get(slot) ?? 0) + 1 / (RRF_K + place + 1));
    };
    rank(this.#byWords(question));
    if (vector) {
      const near = this.#byMeaning(vector);
      for (const { slot, like } of near) likeness.set(slot, like);
      rank(near.map(({ slot }) => slot));
    }
    const hits = [...scores]
      .map(([slot, score]) => ({ ...this.#slots[slot]!, slot, score }))
      .map((hit) => ({ ...hit, score: hit.isAnswer ? hit.score * ANSWER_BOOST : hit.score }))
      .sort((a, b) => b.score - a.score);
    const of = new Map<string, number>();
    const chosen = hits.filter(({ article }) => {
      const times = (of.get(article) ?? 0) + 1;
      of.set(article, times);
      return times <= MOST_OF_ONE_ARTICLE;
    });
    return chosen
      .slice(0, limit)
      .map(({ id, article, score, slot }) => ({ id, article, score, likeness: likeness.get(slot) ?? null }));
  }

  #byWords(question: string): number[] {
    const match = matchOf(question);
    if (match === "") return [];
    const rows = this.#database
      .query("SELECT rowid FROM passage WHERE passage MATCH ? ORDER BY bm25(passage, 2.0, 1.0) LIMIT ?")
      .all(match, CANDIDATES) as { rowid: number }[];
    return rows.map(({ rowid }) => rowid - 1);
  }

  #byMeaning(vector: Float32Array): { slot: number; like: number }[] {
    const size = this.#dimensions;
    if (vector.length !== size) return [];
    const vectors = this.#vectors;
    const best: { slot: number; like: number }[] = [];
    let least = LEAST_LIKENESS;
    for (let slot = 0; slot < this.#slots.length; slot++) {
      if (!this.#slots[slot]?.hasVector) continue;
      const like = product(vectors, slot * size, vector);
      if (like <= least) continue;
      const at = best.findIndex((one) => one.like < like);
      best.splice(at < 0 ? best.length : at, 0, { slot, like });
      if (best.length > CANDIDATES) best.pop();
      if (best.length === CANDIDATES) least = best.at(-1)!.like;
    }
    return best;
  }

  /** False for a vector of another model's size. */
  #keepVector(slot: number, vector: Float32Array): boolean {
    if (this.#dimensions === 0 || (this.#dimensions !== vector.length && this.#slots.every((one) => !one?.hasVector)))
      this.#dimensions = vector.length;
    if (vector.length !== this.#dimensions) return false;
    const needed = (slot + 1) * this.#dimensions;
    if (needed > this.#vectors.length) {
      const grown = new Float32Array(Math.max(needed, this.#vectors.length * 2));
      grown.set(this.#vectors);
      this.#vectors = grown;
    }
    this.#vectors.set(vector, slot * this.#dimensions);
    return true;
  }

  close(): void {
    this.#database.close();
  }
}

/** Four sums at once: the processor need not wait for one addition before it begins the next. */
function product(vectors: Float32Array, from: number, vector: Float32Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = vector.length & ~3;
  for (let place = 0; place < whole; place += 4) {
    a += vectors[from + place]! * vector[place]!;
    b += vectors[from + place + 1]! * vector[place + 1]!;
    c += vectors[from + place + 2]! * vector[place + 2]!;
    d += vectors[from + place + 3]! * vector[place + 3]!;
  }
  for (let place = whole; place < vector.length; place++) a += vectors[from + place]! * vector[place]!;
  return a + b + c + d;
}

/** Words that are in every sentence, in Spanish, Portuguese and English; without accents. */
const COMMON = new Set(
  "a al ante con de del desde el ella en entre es esta este esto hay la las lo los me mi muy no nos o para pero por que quiero se si sin sobre son su sus te tengo tiene tienen tu un una uno y ya como cual cuando donde cuanto cuanta puedo puede hola gracias favor as ao com da das do dos e ela em eu isso meu minha na nas nao o os ou pra que sao sem seu sua tem um uma voce voces onde quando quanto ola obrigado an and are at be can do does for from have how i if in is it my of on or our please the there this to we what when where which who will with you your hi hello thanks".split(
    " ",
  ),
);
const SHORTEST_STEM = 4;

/** The question as alternatives of beginnings of words: their endings change from one sentence to the next. */
function matchOf(question: string): string {
  const words = new Set((question.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).map(fold).filter((word) => !COMMON.has(word)));
  return [...words].slice(0, MOST_WORDS).map(toTerm).join(" OR ");
}

function toTerm(word: string): string {
  if (word.length < SHORTEST_STEM || /^\d+$/.test(word)) return `"${word}"`;
  return `"${word.length < 7 ? word.replace(/(?:es|s)$/, "") : word.slice(0, Math.max(5, word.length - 2))}" *`;
}
