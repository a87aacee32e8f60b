import { findEmoji, knownFrom } from "./emoji-words";

const known = knownFrom([
  { emoji: "😀", annotation: "cara sonriendo", tags: ["feliz"], shortcodes: ["cara_sonriendo"] },
  { emoji: "🎁", annotation: "regalo", tags: ["cumpleaños", "envoltorio"] },
  { emoji: "🎂", annotation: "tarta de cumpleaños", tags: ["fiesta"] },
  { emoji: "❤️", annotation: "corazón rojo" },
]);
const found = (query: string, most = 8) => findEmoji(known, query, most).map(({ emoji }) => emoji);

describe("an emoji by its name", () => {
  it.each([
    ["rega", ["🎁"]],
    ["CORAZON", ["❤️"]],
    ["cara_son", ["😀"]],
    // Its name says it before others are about it.
    ["cumple", ["🎂", "🎁"]],
    ["feliz", ["😀"]],
    ["zzz", []],
  ])("%s", (query, expected) => expect(found(query)).toEqual(expected));

  it("gives no more than are wanted", () => expect(found("c", 2)).toHaveLength(2));
});
