/** Answers from knowledge without a model: the sentence of the given passages that shares most words with the question, word for word. */

interface Known {
  source: string;
  title: string;
  text: string;
}

/** Words that say nothing about the matter, in three languages. */
const EMPTY = new Set(
  (
    "the and for are you your with what when where how much many does can this that have from not una uno los las del con por para que " +
    "cual como cuanto cuando donde tienen tiene hay esta este son sus mas muy hola gracias favor quiero puedo pueden com uma dos das por " +
    "para voces voce tem qual quanto quando onde como sao seu sua oi ola obrigado quero posso podem sobre entre desde hasta"
  ).split(" "),
);
const SHORTEST = 3;
/** Of long words the beginning counts: endings change with number and person. */
const STEM = 5;

export const stemsOf = (text: string): string[] =>
  (
    text
      .toLowerCase()
      .normalize("NFD")
      .replace(/\p{M}/gu, "")
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
    .filter((word) => word.length >= SHORTEST && !EMPTY.has(word))
    .map((word) => word.slice(0, STEM));

/** The best sentence with its source mark, or null when no passage speaks of it. */
export function bestSentence(question: string, knowledge: readonly Known[]): string | null {
  const asked = new Set(stemsOf(question));
  if (asked.size === 0) return null;
  let best: { score: number; sentence: string; source: string } | null = null;
  for (const { source, title, text } of knowledge) {
    const inTitle = stemsOf(title).filter((stem) => asked.has(stem)).length;
    for (const sentence of text.split(/(?<=[.!?])\s+|\n+/).map((one) => one.trim())) {
      const own = new Set(stemsOf(sentence));
      const shared = [...asked].filter((stem) => own.has(stem)).length;
      // A sentence counts by itself; the title only decides between two that do.
      const score = shared === 0 ? 0 : shared + inTitle / 4;
      if (sentence !== "" && score > (best?.score ?? 0)) best = { score, sentence, source };
    }
  }
  if (!best || best.score < Math.min(2, asked.size)) return null;
  return `${best.sentence.slice(0, LONGEST)} [${best.source}]`;
}

const LONGEST = 300;
