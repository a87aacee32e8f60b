import { markedPieces } from "./highlighted-text";

const shown = (text: string, spans: { start: number; end: number }[]) =>
  markedPieces(text, spans)
    .map((piece) => (piece.isMarked ? `[${piece.text}]` : piece.text))
    .join("");

describe("markedPieces", () => {
  it.each([
    ["la manta azul", [{ start: 3, end: 8 }], "la [manta] azul"],
    [
      "ab",
      [
        { start: 1, end: 2 },
        { start: 0, end: 1 },
      ],
      "[a][b]",
    ],
    [
      "ab",
      [
        { start: 0, end: 2 },
        { start: 1, end: 2 },
      ],
      "[ab]",
    ],
    [
      "ab",
      [
        { start: 5, end: 9 },
        { start: 1, end: 1 },
      ],
      "ab",
    ],
    ["ab", [], "ab"],
  ])("%s", (text, spans, expected) => expect(shown(text, spans)).toBe(expected));
});
