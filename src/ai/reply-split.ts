/**
 * Splits a long reply into a few messages, as a person would send them: between paragraphs, else between sentences;
 * never inside a list, an address or a code block. Pure; nothing but the space between two parts is lost.
 */

export interface SplitLimits {
  /** Characters of a part that reads well on a phone. */
  partChars: number;
  maxParts: number;
}

export const SPLIT_LIMITS: Readonly<SplitLimits> = { partChars: 600, maxParts: 3 };

interface Piece {
  text: string;
  /** What stood between this piece and the one before it. */
  gap: string;
}

/** The parts of a reply, at most `maxParts`; parts grow beyond `partChars` when there would be more. */
export function splitReply(text: string, { partChars, maxParts }: SplitLimits = SPLIT_LIMITS): string[] {
  const whole = text.trim();
  if (whole.length <= partChars || maxParts <= 1) return whole === "" ? [] : [whole];
  const pieces = blocksOf(whole).flatMap((block) =>
    block.text.length > partChars && isProse(block.text) ? sentencesOf(block) : [block],
  );
  // Packing is cheap, and each round's limit is a tenth larger: a handful of rounds for any length.
  for (let limit = partChars; ; limit = Math.ceil(limit * 1.1)) {
    const parts = pack(pieces, limit);
    if (parts.length <= maxParts) return parts;
  }
}

/** Paragraphs; a code block stays whole with the blank lines in it, and a list with the line that introduces it. */
function blocksOf(text: string): Piece[] {
  const blocks: Piece[] = [];
  let fenced = false;
  for (const paragraph of text.split(/\n{2,}/)) {
    const last = blocks.at(-1);
    if (fenced && last) last.text += `\n\n${paragraph}`;
    else if (last && isListLine(firstLine(paragraph)) && (last.text.endsWith(":") || isListLine(lastLine(last.text)))) {
      last.text += `\n\n${paragraph}`;
    } else blocks.push({ text: paragraph, gap: blocks.length === 0 ? "" : "\n\n" });
    if ((paragraph.split("```").length - 1) % 2 === 1) fenced = !fenced;
  }
  return blocks;
}

const firstLine = (text: string): string => text.slice(0, text.indexOf("\n") < 0 ? undefined : text.indexOf("\n"));
const lastLine = (text: string): string => text.slice(text.lastIndexOf("\n") + 1);
const isListLine = (line: string): boolean => /^\s*([-•*]|\d+[.)])\s/.test(line);
const isProse = (text: string): boolean => !text.includes("```") && !text.split("\n").some(isListLine);

/** Sentences: an end mark, maybe closing marks, then space and a beginning; `3.50`, `e.g. this` and addresses stay whole. */
const SENTENCE_END = /(?<=[.!?…][*_~"»”)\]]*)(\s+)(?=[*_~"«“([¿¡]*[\p{Lu}\p{N}\p{Extended_Pictographic}])|(\n+)/gu;
const ABBREVIATION = /(?:^|\s)(?:sr|sra|srta|dr|dra|lic|ing|av|no|núm|tel|aprox|mr|mrs|ms|st|vs|etc|p\. ?ej|e\.g|i\.e)\.$/i;

function sentencesOf({ text, gap }: Piece): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  let lead = gap;
  for (const { 0: space, index } of text.matchAll(SENTENCE_END)) {
    const sentence = text.slice(start, index);
    if (!space.includes("\n") && ABBREVIATION.test(sentence)) continue;
    pieces.push({ text: sentence, gap: lead });
    lead = space;
    start = index + space.length;
  }
  pieces.push({ text: text.slice(start), gap: lead });
  return pieces;
}

function pack(pieces: readonly Piece[], limit: number): string[] {
  const parts: string[] = [];
  for (const { text, gap } of pieces) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + gap.length + text.length <= limit) parts[parts.length - 1] = last + gap + text;
    else parts.push(text);
  }
  return parts;
}
