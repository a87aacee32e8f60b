/**
 * Answers to questions that were asked before in the same words, of the same text and the same knowledge. Only answers that rest on the
 * knowledge alone are kept: nothing that was said about, to, or because of one customer, and nothing that is true today and not tomorrow.
 * Stored, so that a restart and other processes know them. The passages a question finds are part of its key: an article that is
 * changed, added or taken back where it matters leads to a new answer at once, wherever it was changed.
 */
import type { TurnInput, TurnResult } from "../ai/assistant";
import type { Clock } from "../core/clock";
import { describeError } from "../core/errors";
import { shortHash } from "../core/id";
import type { Log } from "../core/log";
import type { CachedAnswerModel, StoredAnswer } from "./answer-cache.model";

export type CachedAnswer = NonNullable<TurnInput["cached"]>;

export interface AnswerCache {
  /** The answer to this very question, or null. A store that fails has none. */
  find(input: TurnInput): Promise<CachedAnswer | null>;
  /** Keeps an answer that may be given to anybody. Never throws. */
  keep(input: TurnInput, result: TurnResult): Promise<void>;
}

export interface AnswerCacheDeps {
  answers: CachedAnswerModel;
  /** 0: nothing is kept. */
  minutes: () => number;
  clock: Clock;
  log: Log;
}

/** Questions whose answer another day, another hour or another place changes, or that are about the one who asks. */
const DEPENDS =
  /(?<!\p{L})(?:hoy|ahora|mañana|ayer|esta (?:noche|tarde|semana)|todav[ií]a|ya|mi|mis|m[ií]o|m[ií]a|yo|me|soy|nuestr[oa]s?|hoje|agora|amanhã|ontem|ainda|meus?|minhas?|eu|sou|nosso|nossa|today|now|tomorrow|yesterday|tonight|still|yet|my|mine|i|me|our)(?!\p{L})/iu;
const PERSONAL = /\d{5,}|@|\b\d{1,2}[:/]\d{1,2}\b/;
const SHORTEST_NAME = 3;

const folded = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
const wordsOf = (text: string): Set<string> => new Set(folded(text).split(" "));

export function createAnswerCache({ answers, minutes, clock, log }: AnswerCacheDeps): AnswerCache {
  return {
    async find(input) {
      const key = minutes() === 0 ? null : keyOf(input);
      if (key === null) return null;
      try {
        const found = (await answers.findById(key).lean()) as StoredAnswer | null;
        if (!found || clock.now() - found.at.getTime() > minutes() * 60_000) return null;
        return { text: found.text, citations: found.citations, savedMicros: found.costMicros };
      } catch (error) {
        // The store fails: the model is asked, as it would have been without a cache.
        log.warn("the answers kept could not be read", { reason: describeError(error) });
        return null;
      }
    },

    async keep(input, result) {
      const key = minutes() === 0 ? null : keyOf(input);
      if (key === null || result.kind !== "reply" || result.isCached || !isForAnybody(input, result)) return;
      const { text, citations, run } = result;
      const at = new Date(clock.now());
      const answer = { text, citations, costMicros: run.costMicros, at, endsAt: new Date(at.getTime() + minutes() * 60_000) };
      try {
        await answers.collection.updateOne({ _id: key as never }, { $set: answer as never }, { upsert: true });
      } catch (error) {
        // The store fails, or another process has kept one in the same moment: the next one to ask asks the model.
        log.warn("an answer could not be kept", { reason: describeError(error) });
      }
    },
  };
}

/** Null: the answer depends on more than the words of the question. */
function keyOf(input: TurnInput): string | null {
  const { incoming, history, summary, variables, confirmed = [], contact, book, model } = input;
  const [only, ...more] = incoming;
  if (!only || more.length > 0 || only.type !== "text") return null;
  // What was said before may be what is meant.
  if (history.length > 0 || summary || confirmed.length > 0 || Object.keys(variables ?? {}).length > 0) return null;
  // What the model is told about the one who asks, beside how they are called, may be why it answers so.
  const { name: _, language = "", ...facts } = contact;
  if (Object.keys(facts).length > 0) return null;
  if (DEPENDS.test(only.text) || PERSONAL.test(only.text)) return null;
  const asked = folded(only.text);
  if (asked.length < 8 || !/[?¿]/.test(only.text)) return null;
  const shown = shownIn(input);
  if (!book || shown.length === 0) return null;
  const passages = shown.map(({ id, title, text }) => [id, title, text]);
  return shortHash(JSON.stringify([asked, language, input.promptVersion ?? "", input.cacheKey, model ?? "", passages]));
}

const shownIn = ({ book, passages = 0 }: TurnInput) => book?.all.slice(0, passages) ?? [];

/** It rests on the passages everybody is given, and repeats nothing of the one who has asked. */
function isForAnybody(input: TurnInput, { text, citations, run }: Extract<TurnResult, { kind: "reply" }>): boolean {
  // A tool has found or done something that the key knows nothing of.
  if (citations.length === 0 || run.toolCalls.length > 0) return false;
  const shown = shownIn(input);
  const known = new Set(shown.map(({ id }) => id));
  if (citations.some(({ chunks }) => chunks.some((id) => !known.has(id)))) return false;
  if (PERSONAL.test(text.replace(/https?:\/\/\S+/g, ""))) return false;
  const sources = wordsOf(shown.map(({ title, text: passage }) => `${title} ${passage}`).join(" "));
  const said = wordsOf(text);
  const own = [...wordsOf(input.contact.name ?? ""), ...namesIn(input.incoming[0]?.text ?? "")];
  return !own.some((word) => word.length >= SHORTEST_NAME && said.has(word) && !sources.has(word));
}

/** Words of a question that may name somebody: written with a capital inside the sentence, or with a figure. */
function namesIn(question: string): string[] {
  const [, ...later] = question.split(/\s+/);
  return later.filter((word) => /^[^\p{L}\p{N}]*\p{Lu}/u.test(word) || /\d/.test(word)).map(folded);
}
