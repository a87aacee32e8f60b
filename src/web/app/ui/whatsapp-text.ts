/** WhatsApp's own marks (`*bold*`, `_italic_`, `~struck~`, code) and links as pieces of text; no markup is ever interpreted. */

export type Mark = "plain" | "bold" | "italic" | "strike" | "code" | "link";

export interface Piece {
  mark: Mark;
  text: string;
}

const MARKS: Record<string, Mark> = { "*": "bold", _: "italic", "~": "strike" };
/** A mark counts only when it stands at a word's edge and hugs its text: `2*3*4` stays as it is. */
const PIECE =
  /```([^`]+)```|`([^`\n]+)`|(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\3(?![\p{L}\p{N}])|(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}])/gu;

export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(PIECE)) {
    const [whole, block, code, mark, marked, link] = match;
    if (match.index > from) pieces.push({ mark: "plain", text: text.slice(from, match.index) });
    if (link) pieces.push({ mark: "link", text: link });
    else if (mark) pieces.push({ mark: MARKS[mark] ?? "plain", text: marked ?? "" });
    else pieces.push({ mark: "code", text: block ?? code ?? "" });
    from = match.index + whole.length;
  }
  if (from < text.length) pieces.push({ mark: "plain", text: text.slice(from) });
  return pieces;
}
