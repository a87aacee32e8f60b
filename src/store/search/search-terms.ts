/** What somebody typed into the search box, as the index understands it. Whatever it is, it becomes a query or nothing. Pure. */
import { digitRunsOf, fold, wordsOf } from "./words";

export interface Term {
  /** Words that follow each other; one unless it was quoted. */
  words: readonly string[];
  /** The last word may go on. Never inside quotes. */
  isPrefix: boolean;
  /** The same number in other ways of writing it; digits only. */
  numbers: readonly string[];
}

/** Beyond it nobody types, and every word costs. */
const MOST_TERMS = 12;
const MOST_WORDS_QUOTED = 20;
const QUOTED = /["“”«»]([^"“”«»]*)["“”«»]/g;

/** Gives no terms when there is nothing in it to search by. */
export function parseTerms(typed: string): Term[] {
  const terms: Term[] = [];
  let free = "";
  let last = 0;
  for (const { 0: found, 1: inside = "", index } of typed.matchAll(QUOTED)) {
    free += `${typed.slice(last, index)}\n`;
    last = index + found.length;
    const words = wordsOf(inside)
      .slice(0, MOST_WORDS_QUOTED)
      .map(({ text }) => text);
    if (words.length > 0) terms.push({ words, isPrefix: false, numbers: [] });
  }
  free += typed.slice(last);
  const all = [...terms, ...freeTerms(free)].slice(0, MOST_TERMS);
  // The next word has just been begun: one letter says nothing yet.
  const newest = all.at(-1);
  return all.length > 1 && newest && isOneLetter(newest) ? all.slice(0, -1) : all;
}

const isOneLetter = ({ words: [word = "", ...more] }: Term): boolean => more.length === 0 && /^\p{L}$/u.test(word);

/** Every word may go on; digits with blanks between them are one number as well as several words. */
function freeTerms(text: string): Term[] {
  const runs = digitRunsOf(text);
  const terms: Term[] = [];
  const taken = new Set<number>();
  for (const word of wordsOf(text)) {
    const run = runs.findIndex(({ start, end }) => word.start >= start && word.end <= end);
    if (run < 0) {
      terms.push(freeTerm([word.text], []));
      continue;
    }
    if (taken.has(run)) continue;
    taken.add(run);
    const { digits, start, end } = runs[run]!;
    terms.push(
      freeTerm(
        wordsOf(text.slice(start, end)).map((one) => one.text),
        waysToWrite(digits),
      ),
    );
  }
  return terms;
}

const freeTerm = (words: readonly string[], numbers: readonly string[]): Term => ({
  words,
  isPrefix: [...(words.at(-1) ?? "")].length > 1,
  numbers,
});

/** Mexican and Argentine mobiles are written with and without the digit that only some networks want. */
function waysToWrite(digits: string): string[] {
  const ways = [digits];
  if (digits.startsWith("521")) ways.push(`52${digits.slice(3)}`);
  else if (digits.startsWith("52")) ways.push(`521${digits.slice(2)}`);
  if (digits.startsWith("549")) ways.push(`54${digits.slice(3)}`);
  else if (digits.startsWith("54")) ways.push(`549${digits.slice(2)}`);
  return ways;
}

/** One word as a string of FTS5's query language. */
export const quoted = (word: string): string => `"${fold(word).replaceAll('"', '""')}"`;
