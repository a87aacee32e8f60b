/** What is written in the fields of a prompt. Pure. */
import type { PromptView } from "@server/features/ai-prompts/ai-prompt.schema";

export interface Edit {
  text: string;
  /** Empty: the model of the settings. */
  model: string;
  /** What is different and why. */
  note: string;
}

/** The fields as they are stored: the draft, else the text that answers. */
export function editOf(prompt: Pick<PromptView, "draft" | "published"> | null): Edit {
  const { text, model } = prompt?.draft ?? prompt?.published ?? { text: "", model: null };
  return { text, model: model ?? "", note: prompt?.draft?.note ?? "" };
}

export const isSameEdit = (a: Edit, b: Edit): boolean => a.text === b.text && a.model === b.model && a.note === b.note;

/** A text with words put where the cursor is, and where it is then. */
export function putAt(text: string, start: number, end: number, words: string): { text: string; cursor: number } {
  return { text: text.slice(0, start) + words + text.slice(end), cursor: start + words.length };
}

export interface DiffRow {
  kind: "same" | "added" | "removed";
  text: string;
  /** Number of the line in the older and in the newer text. */
  before: number | null;
  after: number | null;
}

/** Lines of a comparison with their numbers on both sides. */
export function numbered(lines: readonly { kind: DiffRow["kind"]; text: string }[]): DiffRow[] {
  let [before, after] = [0, 0];
  return lines.map(({ kind, text }) => {
    if (kind !== "added") before++;
    if (kind !== "removed") after++;
    return { kind, text, before: kind === "added" ? null : before, after: kind === "removed" ? null : after };
  });
}

const NAME = /(\{\{[^{}]{1,300}\}\})/;

/** A line in pieces, so that the names in it can be set off. */
export const pieces = (line: string): { text: string; isName: boolean }[] =>
  line
    .split(NAME)
    .filter((text) => text !== "")
    .map((text) => ({ text, isName: NAME.test(text) }));
