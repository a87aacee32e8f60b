/** Long replies as a few messages. */
import { describe, expect, test } from "bun:test";
import { splitReply } from "../../src/ai/reply-split";

const sentence = (n: number) => `Esta es la frase número ${n}, que dice algo sencillo y termina aquí.`;
const prose = (count: number) => Array.from({ length: count }, (_, n) => sentence(n)).join(" ");
const squeeze = (text: string) => text.replace(/\s+/g, "");

test("a short reply is one part, an empty one none", () => {
  expect(splitReply(" hola ")).toEqual(["hola"]);
  expect(splitReply(" \n ")).toEqual([]);
});

test("paragraphs are the first place to split", () => {
  const [a, b] = [prose(5), prose(6)];
  expect(splitReply(`${a}\n\n${b}`)).toEqual([a, b]);
});

test("a long paragraph is split between sentences", () => {
  const parts = splitReply(prose(20));
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.length).toBeLessThanOrEqual(3);
  for (const part of parts) expect(part).toEndWith("aquí.");
  expect(parts.join(" ")).toBe(prose(20));
});

describe("never in the middle of", () => {
  const filler = prose(7);
  const wholeIn = (parts: string[], text: string) => parts.some((part) => part.includes(text));

  test("a list, nor between it and the line that introduces it", () => {
    const list = `Tenemos:\n\n${Array.from({ length: 12 }, (_, n) => `- modelo ${n} de bota de cuero con suela de goma. Hay stock.`).join("\n")}`;
    expect(wholeIn(splitReply(`${filler}\n\n${list}\n\n${filler}`), list)).toBe(true);
    const spaced = list.replace(/(?<!\n)\n- /g, "\n\n- ");
    expect(wholeIn(splitReply(`${filler}\n\n${spaced}\n\n${filler}`), spaced)).toBe(true);
  });

  test("a code block with blank lines", () => {
    const code = `\`\`\`\n${"línea de código. Otra\n\n".repeat(20)}\`\`\``;
    expect(wholeIn(splitReply(`${filler}\n\n${code}\n\n${filler}`), code)).toBe(true);
  });

  test("an address, a price, an abbreviation or a name with a title", () => {
    const words = [
      "https://tienda.example/Botas.Altas?x=1.Y",
      "cuesta 3.500 soles",
      "la Dra. Medina",
      "aprox. 20 minutos",
      "¡Listo!",
    ];
    const text = words.map((word) => `${sentence(1)} Sobre ${word} te cuento más ahora.`.repeat(2)).join(" ");
    const parts = splitReply(text);
    expect(parts.length).toBeGreaterThan(1);
    for (const word of words) expect(parts.join("|")).toContain(word);
    expect(parts.every((part) => !part.endsWith("Dra."))).toBe(true);
  });
});

test("nothing is lost and there are never more than three parts, whatever the text", () => {
  const shapes = [
    prose(60),
    prose(60).replaceAll(". ", ".\n\n"),
    "x".repeat(3_000),
    `${"a ".repeat(900)}\n- b\n- c\n\n${prose(30)}`,
    "一。".repeat(900),
  ];
  for (const text of shapes) {
    const parts = splitReply(text);
    expect(parts.length).toBeLessThanOrEqual(3);
    expect(squeeze(parts.join(""))).toBe(squeeze(text));
  }
});

test("limits can be changed", () => {
  expect(splitReply(prose(4), { partChars: 80, maxParts: 10 })).toEqual([0, 1, 2, 3].map(sentence));
  expect(splitReply(prose(40), { partChars: 80, maxParts: 1 })).toEqual([prose(40)]);
});
