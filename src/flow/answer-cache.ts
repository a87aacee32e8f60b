/**
 * Answers to questions that were asked before in the same words, of the same text and the same knowledge. Only answers that rest on the
 * knowledge alone are kept: nothing that was said about, to, or because of one customer, and nothing that is true today and not tomorrow.
 * In memory, for a while; any change of the knowledge empties it.
 */
import type { TurnInput, TurnResult } from "../ai/assistant";
import type { Clock } from "../core/clock";
import { shortHash } from "../core/id";
import { TtlMap } from "../core/ttl-map";
import type { EventBus } from "../events/bus";

export type CachedAnswer = NonNullable<TurnInput["cached"]>;

export interface AnswerCache {
  /** The answer to this very question, or null. */
  find(input: TurnInput): CachedAnswer | null;
  /** Keeps an answer that may be given to anybody. */
  keep(input: TurnInput, result: TurnResult): void;
  stop(): void;
}

export interface AnswerCacheDeps {
  /** 0: nothing is kept. */
  minutes: () => number;
  bus: EventBus;
  clock: Clock;
}

const MOST = 5_000;
const LONGEST_MS = 24 * 3_600_000;
/** Questions whose answer another day, another hour or another place changes, or that are about the one who asks. */
const DEPENDS =
  /(?<!\p{L})(?:hoy|ahora|mañana|ayer|esta (?:noche|tarde|semana)|todav[ií]a|ya|mi|mis|m[ií]o|m[ií]a|yo|me|nuestr[oa]s?|hoje|agora|amanhã|ontem|ainda|meus?|minhas?|eu|nosso|nossa|today|now|tomorrow|yesterday|tonight|still|yet|my|mine|i|me|our)(?!\p{L})/iu;
const PERSONAL = /\d{5,}|@|\b\d{1,2}[:/]\d{1,2}\b/;
const SEARCHES: ReadonlySet<string> = new Set(["search_knowledge"]);

const folded = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

export function createAnswerCache({ minutes, bus, clock }: AnswerCacheDeps): AnswerCache {
  const answers = new TtlMap<string, { answer: CachedAnswer; at: number }>({ ttlMs: LONGEST_MS, maxEntries: MOST, clock });
  /** Counts the changes of the knowledge: part of every key, so that a turn that began before one keeps nothing behind it. */
  let knowledge = 0;
  const versions = new WeakMap<TurnInput, string>();
  const unsubscribe = bus.subscribe(({ event }) => {
    if (event === "knowledge:updated") knowledge++;
  });

  function keyOf(input: TurnInput): string | null {
    const { incoming, history, summary, variables, confirmed = [], hasKnowledge, model } = input;
    const [only, ...more] = incoming;
    if (!only || more.length > 0 || only.type !== "text" || !hasKnowledge) return null;
    // What was said before may be what is meant.
    if (history.length > 0 || summary || confirmed.length > 0 || Object.keys(variables ?? {}).length > 0) return null;
    if (DEPENDS.test(only.text) || PERSONAL.test(only.text)) return null;
    const asked = folded(only.text);
    if (asked.length < 8 || !/[?¿]/.test(only.text)) return null;
    return shortHash(JSON.stringify([asked, input.promptVersion ?? "", input.cacheKey, model ?? "", knowledge]));
  }

  return {
    find(input) {
      const key = minutes() === 0 ? null : keyOf(input);
      if (key === null) return null;
      versions.set(input, key);
      const found = answers.get(key);
      return found && clock.now() - found.at <= minutes() * 60_000 ? found.answer : null;
    },

    keep(input, result) {
      const key = versions.get(input);
      if (!key || key !== keyOf(input) || result.kind !== "reply" || result.isCached) return;
      const { text, citations, run } = result;
      if (citations.length === 0 || run.toolCalls.some(({ name }) => !SEARCHES.has(name))) return;
      const { name = "", attributes = {} } = input.contact;
      const own = [...name.split(/\s+/), ...Object.values(attributes)].filter((word) => word.length >= 3);
      const said = folded(text);
      if (own.some((word) => said.includes(folded(word))) || PERSONAL.test(text.replace(/https?:\/\/\S+/g, ""))) return;
      answers.set(key, { answer: { text, citations }, at: clock.now() });
    },

    stop() {
      unsubscribe();
      answers.clear();
    },
  };
}
