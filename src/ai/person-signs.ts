/**
 * Signs that a person should take over, read from what customers write in Spanish, English and Portuguese: they ask for one, they are
 * angry, or they ask the same thing again. Pure and cheap: tried before any model is asked.
 */
import type { HistoryEntry } from "./context";

/** Whole words of any script: \b knows only ASCII letters, so it would miss "olá". */
export const wordSigns = (words: string, more = ""): RegExp => new RegExp(`(?<!\\p{L})(?:${words})(?!\\p{L})${more}`, "giu");

/** Tests a sign that was made with the `g` flag without its memory of the last match. */
export const has = (sign: RegExp, text: string): boolean => text.search(sign) >= 0;

const WANTS_PERSON = wordSigns(
  [
    "(?:hablar|comun[ií]\\p{L}*|p[aá]s[ae]\\p{L}*|contact\\p{L}*|atienda|atenderme) .{0,20}(?:persona|humano|agente|asesora?|alguien|operadora?|ejecutiv[oa])",
    "quiero (?:a )?una persona",
    "humano|agente|asesora?",
    "human|agent|representative|real person",
    "(?:speak|talk|chat) (?:to|with) (?:a |an |some)?(?:person|someone|somebody|operator)",
    "atendente",
    "falar com .{0,12}(?:pessoa|algu[ée]m|humano)",
  ].join("|"),
);
/** They speak of an agent and want none: "el agente inmobiliario", "I don't need an agent". */
const NOT_FOR_US = wordSigns(
  "agente (?:inmobiliari[oa]|de viajes|aduanal)|(?:real estate|travel|cleaning) agent|(?:no|don't|do not|não) .{0,14}(?:agente|agent|human[oa]?|persona|person|pessoa|atendente)",
);

/** Whether the text asks for a person. */
export const wantsPerson = (text: string): boolean => has(WANTS_PERSON, text) && !has(NOT_FOR_US, text);

const HARSH = wordSigns(
  [
    "p[ée]sim[oa]s?|estafa\\p{L}*|ladr[oó]n(?:es)?|in[uú]til(?:es)?|basura|mierda|carajo|estoy hart[oa]|denunci\\p{L}+|demand(?:ar|aré|o)|indecopi|profeco|sernac|verg[uü]enza|incompetentes?|me robaron|furios[oa]|indignad[oa]|inaceptable",
    "terrible|the worst|worst|scam(?:mers?)?|useless|garbage|lawsuit|sue you|fraud|unacceptable|fed up|furious|bullshit|fuck\\p{L}*|shit|disgusting|ripped off",
    "golpe|ladr(?:ão|ões)|in[uú]te(?:l|is)|lixo|merda|processar|procon|reclame aqui|vergonha|inaceit[aá]vel|absurdo|me roubaram|palhaçada|furioso|furiosa",
  ].join("|"),
);
const ANGER_POINTS = 3;

/** Whether they are angry: two harsh words, or one of them shouted. */
export function isAngry(text: string): boolean {
  const harsh = text.match(HARSH)?.length ?? 0;
  if (harsh === 0) return false;
  const letters = text.match(/\p{L}/gu) ?? [];
  const capitals = letters.filter((letter) => letter !== letter.toLowerCase()).length;
  const shouted = letters.length >= 10 && capitals / letters.length > 0.7;
  return harsh * 2 + Number(shouted) + Number(/!{2,}|[!?]{3,}/.test(text)) >= ANGER_POINTS;
}

const RECENT_MS = 3_600_000;
const SAME_ENOUGH = 0.7;
const FEWEST_WORDS = 3;

const wordsOf = (text: string): Set<string> =>
  new Set(
    text
      .toLowerCase()
      .normalize("NFD")
      .replace(/\p{M}/gu, "")
      .match(/[\p{L}\p{N}]{2,}/gu) ?? [],
  );

/** How often in the last hour the assistant has answered what is asked again now: nothing it said has helped. */
export function timesAskedBefore(asked: string, history: readonly HistoryEntry[], now: number): number {
  const words = wordsOf(asked);
  if (words.size < FEWEST_WORDS) return 0;
  return history.filter(
    ({ role, text, at }, index) =>
      role === "user" &&
      now - at <= RECENT_MS &&
      history.slice(index + 1).some((later) => later.role === "assistant") &&
      likeness(words, wordsOf(text)) >= SAME_ENOUGH,
  ).length;
}

/** Shared words of all words: 1 for the same sentence in any order. Another number or code makes it another question. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const isOther = (mine: ReadonlySet<string>, theirs: ReadonlySet<string>) =>
    [...mine].some((word) => /\d/.test(word) && !theirs.has(word));
  if (isOther(a, b) || isOther(b, a)) return 0;
  const shared = [...a].filter((word) => b.has(word)).length;
  return shared / (a.size + b.size - shared || 1);
}
