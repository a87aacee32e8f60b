import { mentionedIn, triggerAt } from "./composer-trigger";

describe("a trigger in the composer", () => {
  it.each([
    ["/", { kind: "canned", from: 0, query: "" }],
    ["Hola /salu", { kind: "canned", from: 5, query: "salu" }],
    ["Hola\n/envío", { kind: "canned", from: 5, query: "envío" }],
    ["y/o", null],
    ["https://tienda.example", null],
    ["/saludo listo", null],
    ["@Ped", null],
    ["gracias :cora", { kind: "emoji", from: 8, query: "cora" }],
    [":c", null],
    ["a las 10:30", null],
    ["mira:corazón", null],
    [":D", null],
    [":corazón ya", null],
  ] as const)("in a reply: %j", (text, expected) => expect(triggerAt(text, text.length, "reply")).toEqual(expected));

  it.each([
    ["@", { kind: "mention", from: 0, query: "" }],
    ["ojo @Lucí", { kind: "mention", from: 4, query: "Lucí" }],
    ["ana@tienda.example", null],
    ["/sal", { kind: "canned", from: 0, query: "sal" }],
  ] as const)("in a note: %j", (text, expected) => expect(triggerAt(text, text.length, "note")).toEqual(expected));

  it("looks only at what is in front of the caret", () => {
    expect(triggerAt("/sal y más", 4, "reply")).toEqual({ kind: "canned", from: 0, query: "sal" });
    expect(triggerAt("/sal y más", 6, "reply")).toBeNull();
  });

  it("finds those who are mentioned by their whole name", () => {
    const people = [
      { id: "1", name: "Ana" },
      { id: "2", name: "Ana María" },
      { id: "3", name: "Pedro" },
    ];
    expect(mentionedIn("@Ana, mira esto", people)).toEqual(["1"]);
    expect(mentionedIn("@Anabel y pedro", people)).toEqual([]);
    expect(mentionedIn("¿@Pedro?", people)).toEqual(["3"]);
  });
});
