/** Which part of a long text is shown, and where the words that were asked for stand in it. Pure. */
import type { Term } from "./search-terms";
import { digitRunsOf, type Word, wordsOf } from "./words";

export interface Range {
  start: number;
  end: number;
}

export interface Snippet {
  text: string;
  /** UTF-16 offsets into `text`, in order, without overlaps. */
  highlights: Range[];
}

const LONGEST = 240;
/** Shown before the first hit of a long text. */
const BEFORE = 60;
const MOST_HIGHLIGHTS = 30;

export function snippetOf(text: string, terms: readonly Term[]): Snippet {
  const hits = merged(hitsOf(text, terms)).slice(0, MOST_HIGHLIGHTS);
  if (text.length <= LONGEST) return { text, highlights: hits };
  const from = startAt(text, Math.max(0, (hits[0]?.start ?? 0) - BEFORE));
  const to = endAt(text, Math.min(text.length, from + LONGEST));
  const [head, tail] = [from > 0 ? "…" : "", to < text.length ? "…" : ""];
  const shift = head.length - from;
  return {
    text: `${head}${text.slice(from, to)}${tail}`,
    highlights: hits.filter(({ end }) => end <= to).map(({ start, end }) => ({ start: start + shift, end: end + shift })),
  };
}

/** Moves on to the beginning of a word, but not far. */
function startAt(text: string, from: number): number {
  if (from === 0) return 0;
  const blank = text.slice(from, from + 20).search(/\s/);
  return blank >= 0 ? from + blank + 1 : wholeAt(text, from);
}

const endAt = (text: string, to: number): number => (to === text.length ? to : wholeAt(text, to));

/** Never between the two halves of an emoji. */
const wholeAt = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
};

function hitsOf(text: string, terms: readonly Term[]): Range[] {
  const words = wordsOf(text);
  const hits: Range[] = [];
  for (const { words: wanted, isPrefix, numbers } of terms) {
    for (let at = 0; at + wanted.length <= words.length; at++) {
      const end = endOfMatch(words, at, wanted, isPrefix);
      if (end !== null) hits.push({ start: words[at]!.start, end });
    }
    if (numbers.length > 0)
      for (const { digits, start, end } of digitRunsOf(text))
        if (numbers.some((number) => digits.includes(number))) hits.push({ start, end });
  }
  return hits;
}

/** Where the words end that stand at this place; of a word that goes on only the part that was typed. */
function endOfMatch(words: readonly Word[], at: number, wanted: readonly string[], isPrefix: boolean): number | null {
  for (const [offset, want] of wanted.entries()) {
    const { text, start, end } = words[at + offset]!;
    const isLast = offset === wanted.length - 1;
    if (text === want) {
      if (isLast) return end;
    } else if (isLast && isPrefix && text.startsWith(want)) {
      // Folding may change the length: then the whole word is shown.
      return end - start === text.length ? start + want.length : end;
    } else return null;
  }
  return null;
}

function merged(ranges: Range[]): Range[] {
  const sorted = ranges.sort((a, b) => a.start - b.start || b.end - a.end);
  const result: Range[] = [];
  for (const range of sorted) {
    const before = result.at(-1);
    if (before && range.start < before.end) before.end = Math.max(before.end, range.end);
    else result.push({ ...range });
  }
  return result;
}
