/** Which colleague's suggestion answers which open question: those that ask the same in other letters. */
import { foldedText } from "../ui/folded-text";

const wordsOf = (text: string): string =>
  foldedText(text)
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

export function suggestionFor<S extends { question: string | null }>(question: string, suggestions: readonly S[]): S | null {
  const words = wordsOf(question);
  return suggestions.find((one) => one.question !== null && wordsOf(one.question) === words) ?? null;
}

export function gapFor<G extends { question: string }>(question: string | null, gaps: readonly G[]): G | null {
  const words = wordsOf(question ?? "");
  return (words && gaps.find((gap) => wordsOf(gap.question) === words)) || null;
}
