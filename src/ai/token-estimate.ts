/**
 * How many tokens a text is, roughly and without a tokeniser: for budgets and for the sandbox. Money always comes from the provider's count.
 * Words of Latin script are about one token per four to six letters, other scripts about one per two characters.
 */

const PIECE = /[\p{Script=Latin}\p{M}]+|\d+|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu;
const LATIN = /^[\p{Script=Latin}\p{M}]/u;
const DIGIT = /^\d/;
const LATIN_LETTERS_PER_TOKEN = 6;
const DIGITS_PER_TOKEN = 3;
const OTHER_PER_TOKEN = 2;

/** Estimated tokens of a text; the same text always gives the same number. */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECE)) {
    const size = LATIN.test(piece) ? LATIN_LETTERS_PER_TOKEN : DIGIT.test(piece) ? DIGITS_PER_TOKEN : OTHER_PER_TOKEN;
    tokens += Math.ceil(piece.length / size);
  }
  return tokens;
}
