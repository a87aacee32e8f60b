/** Telling bots from people. */
import { describe, expect, test } from "bun:test";
import { detectBotLoop } from "../../src/ai/bot-loop";
import type { HistoryEntry } from "../../src/ai/context";

const NOW = 10_000_000;

/** Customer and assistant by turns, newest last; the customer answers after `gapMs`. */
function exchange(texts: readonly string[], gapMs: number): HistoryEntry[] {
  const start = NOW - texts.length * (gapMs + 1_000);
  return texts.flatMap((text, index): HistoryEntry[] => {
    const at = start + index * (gapMs + 1_000);
    return [
      { role: "assistant", text: "¿En qué te ayudo?", at },
      { role: "user", text, at: at + gapMs },
    ];
  });
}
const long = (n: number) =>
  `Estimado cliente, su consulta ha sido recibida y asignada al área ${"abcdefgh"[n]} de nuestra empresa.`;

describe("bots", () => {
  test("repeat themselves, with other numbers each time", () => {
    const texts = Array.from({ length: 10 }, (_, n) => `Su ticket ${n} fue registrado correctamente.`);
    expect(detectBotLoop(exchange(texts, 60_000), NOW)).toBe("repeating");
    expect(detectBotLoop(exchange(texts.slice(1), 60_000), NOW)).toBeNull();
  });

  test.each([
    "Este es un mensaje automático, por favor no responda.",
    "Gracias por comunicarte con Taller Sur, en breve te atenderemos.",
    "Obrigado pelo contato! Em breve retornaremos.",
    "Thank you for contacting us. We will reply as soon as possible.",
    "I am out of office until Monday.",
  ])("say so: %j", (text) => {
    expect(detectBotLoop(exchange([text, text], 60_000), NOW)).toBe("auto-reply");
    expect(detectBotLoop(exchange([text], 60_000), NOW)).toBeNull();
  });

  test("repeat themselves word for word", () => {
    const texts = Array<string>(4).fill("Su ticket fue registrado correctamente.");
    expect(detectBotLoop(exchange(texts, 60_000), NOW)).toBe("repeating");
    expect(detectBotLoop(exchange(texts.slice(1), 60_000), NOW)).toBeNull();
  });

  test("write long texts in no time", () => {
    const texts = [0, 1, 2, 3, 4].map(long);
    expect(detectBotLoop(exchange(texts, 500), NOW)).toBe("too-fast");
    expect(detectBotLoop(exchange(texts.slice(1), 500), NOW)).toBeNull();
  });
});

describe("people", () => {
  test("take their time over long texts", () => {
    expect(detectBotLoop(exchange([0, 1, 2, 3, 4, 5].map(long), 20_000), NOW)).toBeNull();
  });

  test("send short answers quickly and again and again", () => {
    expect(detectBotLoop(exchange(["ok", "sí", "?", "hola", "?", "hola", "?", "hola", "?"], 300), NOW)).toBeNull();
  });

  test("paste the same thing many times before anybody has answered", () => {
    const pasted = Array.from({ length: 12 }, () => ({ role: "user" as const, text: "¿Sigue disponible la manta?", at: NOW }));
    expect(detectBotLoop(pasted, NOW)).toBeNull();
  });

  test("one slow message in between ends a fast run", () => {
    const run = exchange([0, 1, 2, 3].map(long), 500);
    const slow = exchange([long(5)], 30_000);
    expect(detectBotLoop([...run, ...slow, ...exchange([long(6)], 500)], NOW)).toBeNull();
  });

  test("what was long ago, or before a colleague stepped in, does not count", () => {
    const texts = Array(4).fill("Su ticket fue registrado correctamente.");
    const loop = exchange(texts, 60_000);
    expect(detectBotLoop(loop, NOW)).toBe("repeating");
    expect(detectBotLoop(loop, NOW + 1_800_001)).toBeNull();
    expect(detectBotLoop([...loop, { role: "operator", text: "Hola, soy Eva.", at: NOW }], NOW)).toBeNull();
  });

  test("an empty conversation is nobody", () => {
    expect(detectBotLoop([], NOW)).toBeNull();
  });
});
