/** Who needs a person, told by their words alone: in three languages, and not by words that only look alike. */
import { describe, expect, test } from "bun:test";
import type { HistoryEntry } from "../../src/ai/context";
import { isAngry, timesAskedBefore, wantsPerson } from "../../src/ai/person-signs";

const NOW = Date.UTC(2026, 10, 30, 12);
const MINUTE_MS = 60_000;

describe("asking for a person", () => {
  test.each([
    "quiero hablar con una persona",
    "páseme con un asesor por favor",
    "I want to talk to a human",
    "can I speak to someone",
    "quero falar com uma pessoa",
  ])("%s", (text) => expect(wantsPerson(text)).toBe(true));

  test.each(["busco un agente inmobiliario", "I don't need an agent", "no necesito una persona", "¿tienen mantas?"])(
    "not meant: %s",
    (text) => expect(wantsPerson(text)).toBe(false),
  );
});

describe("anger", () => {
  test.each([
    "Esto es una estafa, son unos ladrones",
    "¡¡ES EL PEOR SERVICIO, UNA VERGÜENZA!!",
    "this is a scam, you are useless",
    "isso é um golpe!! ",
  ])("%s", (text) => expect(isAngry(text)).toBe(true));

  test.each(["la basura la sacan los martes", "¿VENDEN MANTAS DE ALPACA?", "gracias!!!", ""])("calm: %s", (text) =>
    expect(isAngry(text)).toBe(false),
  );
});

describe("asking again", () => {
  const said = (role: HistoryEntry["role"], text: string, minutesAgo: number): HistoryEntry => ({
    role,
    text,
    at: NOW - minutesAgo * MINUTE_MS,
  });
  const asked = "¿cuándo llega mi pedido?";

  test("counts what was answered and is asked in the same words in any order, within the hour", () => {
    const history = [
      said("user", asked, 30),
      said("assistant", "Pronto.", 29),
      said("user", "mi pedido cuándo llega", 10),
      said("assistant", "Pronto.", 9),
    ];
    expect(timesAskedBefore(asked, history, NOW)).toBe(2);
    expect(timesAskedBefore(asked, history, NOW + 35 * MINUTE_MS)).toBe(1);
  });

  test("not what nobody answered, nor another number, nor a word or two", () => {
    expect(timesAskedBefore(asked, [said("user", asked, 2)], NOW)).toBe(0);
    const other = [said("user", "¿dónde está el pedido 4471?", 5), said("assistant", "En camino.", 4)];
    expect(timesAskedBefore("¿dónde está el pedido 4472?", other, NOW)).toBe(0);
    expect(timesAskedBefore("sí claro", [said("user", "sí claro", 5), said("assistant", "Bien.", 4)], NOW)).toBe(0);
  });
});
