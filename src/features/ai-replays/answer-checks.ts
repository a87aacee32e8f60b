/** What can be said about an answer without asking a model. Pure and the same every time. */

export interface AnswerFacts {
  outcome: string;
  answer: string | null;
  /** Everything the assistant could know in the turn: texts, passages, results of tools. */
  known: readonly string[];
  incoming: readonly string[];
  hasKnowledge: boolean;
  citations: number;
}

export interface AnswerCheck {
  name: "answered" | "short" | "no-invented-numbers" | "no-invented-links" | "grounded";
  ok: boolean;
  detail: string;
}

const LONGEST = 1_800;
const LINK = /\bhttps?:\/\/[^\s<>"')]+/giu;
const NUMBER = /\d[\d.,]*\d|\d/gu;

/** Digits without what separates them: 1,200.00 and 1200 are the same amount. */
const plainNumber = (text: string): string =>
  text
    .replace(/[.,](?=\d{3}(?:\D|$))/g, "")
    .replace(/[.,]0+$/, "")
    .replace(",", ".");
const numbersIn = (text: string): string[] => (text.match(NUMBER) ?? []).map(plainNumber);
/** Numbers of lists and of every day. */
const isSmall = (number: string): boolean => /^\d$|^10$|^24$/.test(number);

export function checkAnswer({ outcome, answer, known, incoming, hasKnowledge, citations }: AnswerFacts): AnswerCheck[] {
  const text = answer ?? "";
  const material = [...known, ...incoming];
  const knownNumbers = new Set(material.flatMap(numbersIn));
  const invented = numbersIn(text).filter((number) => !isSmall(number) && !knownNumbers.has(number));
  const links = (text.match(LINK) ?? []).map((link) => link.replace(/[.,;:!?]+$/, ""));
  const foreign = links.filter((link) => !material.some((one) => one.includes(link)));
  const asks = incoming.some((one) => /[?¿]/.test(one));
  const isReply = outcome === "reply";
  return [
    { name: "answered", ok: !isReply || text.trim() !== "", detail: isReply ? "" : outcome },
    { name: "short", ok: text.length <= LONGEST, detail: `${text.length} characters` },
    { name: "no-invented-numbers", ok: invented.length === 0, detail: invented.slice(0, 5).join(", ") },
    { name: "no-invented-links", ok: foreign.length === 0, detail: foreign.slice(0, 3).join(", ") },
    { name: "grounded", ok: !(isReply && hasKnowledge && asks) || citations > 0, detail: `${citations} sources` },
  ];
}

/** Whether two answers say the same, letters and blanks aside. */
export const isSameAnswer = (a: string | null, b: string | null): boolean => folded(a ?? "") === folded(b ?? "");

/** Without accents, case and marks. */
export const folded = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
