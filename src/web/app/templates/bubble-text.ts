/** A template's text as the customer's phone draws it: WhatsApp's marks, and values in the place of variables. Pure. */
import { type Mark, piecesOf as markedPieces } from "../ui/whatsapp-text";

export interface BubblePiece {
  mark: Mark;
  text: string;
  /** Whether it came from a value, or waits for one. */
  state: "fixed" | "filled" | "missing";
}

/** `values` by the name of the variable. Marks count as they stand in the template: a value brings none of its own. */
export function bubblePieces(text: string, values: Readonly<Record<string, string>>): BubblePiece[] {
  return markedPieces(text).flatMap(({ mark, text: marked }) => {
    const pieces: BubblePiece[] = [];
    let from = 0;
    for (const match of marked.matchAll(/\{\{\s*([^{}\s]+)\s*\}\}/g)) {
      if (match.index > from) pieces.push({ mark, text: marked.slice(from, match.index), state: "fixed" });
      const value = values[match[1] ?? ""]?.trim();
      pieces.push(value ? { mark, text: value, state: "filled" } : { mark, text: match[0], state: "missing" });
      from = match.index + match[0].length;
    }
    if (from < marked.length) pieces.push({ mark, text: marked.slice(from), state: "fixed" });
    return pieces;
  });
}
