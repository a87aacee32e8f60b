/** Whom a message goes to, texts and how long ones are cut, read receipts. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { composeRead, composeText, splitText } from "../../../src/channels/whatsapp/compose";
import { frame, parsed, refusal, to, x } from "./compose-case";

describe("address", () => {
  const addressOf = (json: string) => {
    const { to: number, recipient } = parsed(json) as { to?: string; recipient?: string };
    return { to: number, recipient };
  };
  test.each([
    ["5215512345678", "+525512345678"],
    ["525512345678", "+525512345678"],
    ["5491123456789", "+541123456789"],
    ["551187654321", "+551187654321"],
    ["+51 911 222-333", "+51911222333"],
  ])("the number %s is written to as %s", (waId, number) => {
    expect(addressOf(composeText({ to: { waId }, text: "hola" }))).toEqual({ to: number, recipient: undefined });
  });

  test("a customer without a number is written to by user id, never by both", () => {
    expect(addressOf(composeText({ to: { userId: "PE.1" }, text: "hola" }))).toEqual({ to: undefined, recipient: "PE.1" });
    expect(addressOf(composeText({ to: { waId: "51911222333", userId: "PE.1" }, text: "hola" }))).toEqual({
      to: "+51911222333",
      recipient: undefined,
    });
    expect(refusal(() => composeText({ to: {}, text: "hola" }))).toContain("neither");
    expect(refusal(() => composeText({ to: { waId: "abc" }, text: "hola" }))).toContain("no digits");
  });
});

describe("text", () => {
  test("plain, quoting, with our id", () => {
    expect(parsed(composeText({ ...to, text: "hola" }))).toEqual({ ...frame, type: "text", text: { body: "hola" } });
    expect(parsed(composeText({ ...to, text: "hola", replyTo: "wamid.A", callbackData: "id-1" }))).toEqual({
      ...frame,
      type: "text",
      text: { body: "hola" },
      context: { message_id: "wamid.A" },
      biz_opaque_callback_data: "id-1",
    });
  });

  test("a preview is asked for only with a link", () => {
    const preview = (text: string) =>
      (parsed(composeText({ ...to, text })) as { text: { preview_url?: boolean } }).text.preview_url;
    expect(preview("mira https://tienda.example/42")).toBe(true);
    expect(preview("mira tienda.example")).toBeUndefined();
    const silent = composeText({ ...to, text: "https://tienda.example", previewUrl: false });
    expect(parsed(silent)).toMatchObject({ text: { preview_url: false } });
  });

  test("limits", () => {
    expect(refusal(() => composeText({ ...to, text: x(4096) }))).toBe("accepted");
    expect(refusal(() => composeText({ ...to, text: x(4097) }))).toBe("message.too-long");
    expect(refusal(() => composeText({ ...to, text: " \n" }))).toBe("message.empty");
    expect(refusal(() => composeText({ ...to, text: "a", callbackData: x(513) }))).toBe("callbackData");
  });
});

describe("splitText", () => {
  test("cuts after paragraphs, lines, sentences, words, in this order of liking", () => {
    expect(splitText("uno dos.\n\ntres cuatro", 14)).toEqual(["uno dos.", "tres cuatro"]);
    expect(splitText("uno dos\ntres cuatro", 14)).toEqual(["uno dos", "tres cuatro"]);
    expect(splitText("Uno dos. Tres cuatro", 14)).toEqual(["Uno dos.", "Tres cuatro"]);
    expect(splitText("uno dos tres cuatro", 14)).toEqual(["uno dos tres", "cuatro"]);
    expect(splitText("corto", 14)).toEqual(["corto"]);
    expect(splitText("  \n ", 14)).toEqual([]);
  });

  test("an early boundary is passed over for a fuller part", () => {
    expect(splitText(`a.\n\n${"palabra ".repeat(10)}`, 40)[0]?.length).toBeGreaterThan(20);
  });

  test("joined emoji are not torn apart", () => {
    const family = "👨‍👩‍👧‍👦";
    const parts = splitText(family.repeat(30), 100);
    for (const part of parts) expect(part.replaceAll(family, "")).toBe("");
    expect(parts.join("")).toBe(family.repeat(30));
  });

  test("for any text: parts fit, none is empty, nothing but blanks at the cuts is lost, no surrogate pair is split", () => {
    const any = fc.oneof(fc.string({ maxLength: 400, unit: "grapheme" }), fc.string({ maxLength: 400, unit: "binary" }));
    const words = fc.array(fc.constantFrom("hola", "qué", "tal.", "\n", "\n\n", "👨‍👩‍👧‍👦", "e\u0301\u0301\u0301", "1,000.5"), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          any,
          words.map((list) => list.join(" ")),
        ),
        fc.integer({ min: 4, max: 80 }),
        (text, limit) => {
          const parts = splitText(text, limit);
          for (const part of parts) {
            expect(part.length).toBeLessThanOrEqual(limit);
            expect(part.trim()).not.toBe("");
            if (text.isWellFormed()) expect(part.isWellFormed()).toBe(true);
          }
          expect(parts.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("links and formatted stretches stay whole as long as they fit", () => {
    const link = "https://tienda.example/mantas?color=rojo";
    expect(splitText(`Mire aquí la lista ${link} y dígame`, 45)).toEqual(["Mire aquí la lista", `${link} y`, "dígame"]);
    expect(splitText("Son *cuarenta y dos soles* en total", 20)).toEqual(["Son", "*cuarenta y dos", "soles* en total"]);
    expect(splitText("Le cuesta *cuarenta soles* en total", 20)).toEqual(["Le cuesta", "*cuarenta soles* en", "total"]);
    expect(splitText("uno dos ```tres cuatro``` cinco", 20)).toEqual(["uno dos", "```tres cuatro```", "cinco"]);
    expect(splitText("2 * 3 y 4 * 5 son seis y veinte", 20)).toEqual(["2 * 3 y 4 * 5 son", "seis y veinte"]);
  });

  test("many marks that open and never close cost no time", () => {
    expect(splitText("*a ".repeat(1_600)).join("").replace(/\s/g, "")).toBe("*a".repeat(1_600));
  });
});

test("read receipt, with and without typing", () => {
  expect(parsed(composeRead("wamid.A", { typing: false }))).toEqual({
    messaging_product: "whatsapp",
    status: "read",
    message_id: "wamid.A",
  });
  expect(parsed(composeRead("wamid.A", { typing: true }))).toMatchObject({ typing_indicator: { type: "text" } });
});
