/**
 * Passages of knowledge in one turn and who cites them. The model knows a passage only by its alias (k1, k2 ...), never by its id; it marks
 * the sentences that rest on one, customers never see the marks, agents see the sources.
 */

export interface Passage {
  /** Of the stored chunk. */
  id: string;
  title: string;
  text: string;
}

/** One sentence of an answer with the chunks it rests on. */
export interface Citation {
  sentence: string;
  chunks: string[];
}

export const aliasOf = (index: number): string => `k${index + 1}`;

/** Every passage a turn has seen, in the order in which it was seen. */
export class PassageBook {
  readonly #passages: Passage[] = [];

  get all(): readonly Passage[] {
    return this.#passages;
  }

  /** The alias of a passage, the same however often it is found. */
  add(passage: Passage): string {
    const known = this.#passages.findIndex(({ id }) => id === passage.id);
    if (known >= 0) return aliasOf(known);
    this.#passages.push(passage);
    return aliasOf(this.#passages.length - 1);
  }

  chunkOf(alias: string): string | null {
    return this.#passages[Number(alias.slice(1)) - 1]?.id ?? null;
  }
}

const MARKS = /[ \t]*[[【]\s*(k\d{1,3}(?:\s*[,;]\s*k\d{1,3})*)\s*[\]】]/gi;
const SENTENCE_END = /(?<=[.!?…:][*_~"»”)]*)\s+|\n+/u;

/** Takes the marks out of an answer. A mark of a passage nobody gave is dropped. */
export function readCitations(answer: string, book: PassageBook): { text: string; citations: Citation[] } {
  if (!/[[【]\s*k\d/i.test(answer)) return { text: answer, citations: [] };
  const citations: Citation[] = [];
  let text = "";
  let from = 0;
  for (const match of answer.matchAll(MARKS)) {
    text += answer.slice(from, match.index);
    from = match.index + match[0].length;
    const chunks = match[1]!
      .toLowerCase()
      .split(/\s*[,;]\s*/)
      .flatMap((alias) => book.chunkOf(alias) ?? []);
    const sentence = text.trim().split(SENTENCE_END).at(-1)?.trim() ?? "";
    if (chunks.length === 0 || sentence === "") continue;
    const last = citations.at(-1);
    if (last?.sentence === sentence) last.chunks = [...new Set([...last.chunks, ...chunks])];
    else citations.push({ sentence, chunks: [...new Set(chunks)] });
  }
  text += answer.slice(from);
  return { text: text.trim(), citations };
}
