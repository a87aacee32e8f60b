/**
 * How text becomes words to search by: without case and accents, emoji as words of their own, numbers also without what people write
 * between their digits. The same for what is stored, what is asked and what is highlighted. Pure.
 */

export interface Word {
  /** Folded. */
  text: string;
  /** Where it stands in the original, in UTF-16 units. */
  start: number;
  end: number;
}

/** Skin tones and the signs that only glue or colour an emoji are no words. */
const WORD = /[\p{L}\p{N}\p{M}]+|\p{So}/gu;
/** Digits with at most two signs between them, as phone numbers are written. */
const DIGIT_RUN = /\d(?:[\s().+/\-\u00a0\u202f\u2011]{0,2}\d){3,}/g;
const ASCII = /^[\0-\x7f]*$/;

/** Shorter ends of a number are no help in finding it. */
const SHORTEST_PART = 4;
/** From here on a number may be remembered by its end: phones, orders, documents. */
const SHORTEST_NUMBER = 7;
const LONGEST_NUMBER = 20;
const MOST_NUMBERS = 8;

export const fold = (word: string): string =>
  ASCII.test(word) ? word.toLowerCase() : word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const { 0: found, index } of text.matchAll(WORD)) {
    const folded = fold(found);
    if (folded !== "") words.push({ text: folded, start: index, end: index + found.length });
  }
  return words;
}

export interface DigitRun {
  digits: string;
  start: number;
  end: number;
}

export const digitRunsOf = (text: string): DigitRun[] =>
  [...text.matchAll(DIGIT_RUN)].map(({ 0: found, index }) => ({
    digits: found.replace(/\D/g, ""),
    start: index,
    end: index + found.length,
  }));

/** The ends of the numbers in a text, so that any digits in a row find it by prefix. */
export function numberParts(text: string): string[] {
  const parts = new Set<string>();
  let numbers = 0;
  for (const { digits } of digitRunsOf(text)) {
    if (digits.length < SHORTEST_NUMBER || digits.length > LONGEST_NUMBER) continue;
    if (++numbers > MOST_NUMBERS) break;
    for (let from = 0; from <= digits.length - SHORTEST_PART; from++) parts.add(digits.slice(from));
  }
  return [...parts];
}
