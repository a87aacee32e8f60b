import { type Finding, findingsOf } from "./template-check";
import { emptyDraft, type TemplateDraft } from "./template-draft";

const draft = (change: Partial<TemplateDraft> = {}): TemplateDraft => ({
  ...emptyDraft("c", "es"),
  name: "pedido_listo",
  body: "Hola {{1}}, tu pedido {{2}} ya está listo. Pasa cuando quieras.",
  examples: { "body.1": "Rosa", "body.2": "4468" },
  ...change,
});
const button = (change: Partial<TemplateDraft["buttons"][number]>) => ({
  key: 0,
  type: "QUICK_REPLY" as const,
  text: "Sí",
  value: "",
  example: "",
  ...change,
});
const wordsOf = (findings: readonly Finding[], level: Finding["level"]) =>
  findings.filter((one) => one.level === level).map(({ word }) => word.replace("templates.", ""));
const bad = (change: Partial<TemplateDraft>) => wordsOf(findingsOf(draft(change), true, false), "bad");

describe("WhatsApp's rules", () => {
  it("leave a good template alone, and say so", () => {
    const findings = findingsOf(draft(), true, false);
    expect([wordsOf(findings, "bad"), wordsOf(findings, "warn"), wordsOf(findings, "ok")]).toEqual([
      [],
      [],
      ["variablesFine", "allFine"],
    ]);
  });

  it.each<[string, Partial<TemplateDraft>, string[]]>([
    ["no name", { name: "" }, ["nameNeeded"]],
    ["a name with capitals", { name: "Pedido" }, ["nameForm"]],
    ["no number", { channel: "" }, ["noChannel"]],
    ["no text", { body: " ", examples: {} }, ["bodyNeeded"]],
    ["a text that is too long", { body: "x".repeat(1_025), examples: {} }, ["tooLong"]],
    ["a variable in front", { body: "{{1}}, hola a todos ustedes", examples: { "body.1": "x" } }, ["startsWithVariable"]],
    ["a variable at the end", { body: "hola a todos {{1}} ", examples: { "body.1": "x" } }, ["endsWithVariable"]],
    ["a gap in the numbers", { body: "hola {{2}} a todos ustedes", examples: { "body.2": "x" } }, ["variableOrder"]],
    ["a name that is none", { isNamed: true, body: "hola {{Uno}} a todos", examples: { "body.Uno": "x" } }, ["variableNamed"]],
    ["no example", { examples: { "body.1": "Rosa" } }, ["exampleNeeded"]],
    ["a footer with a variable", { footer: "{{1}}" }, ["footerVariable"]],
    ["a header that is no text", { header: "TEXT", headerText: "" }, ["headerNeeded"]],
    ["a header with an emoji", { header: "TEXT", headerText: "¡Listo! 🚚" }, ["headerPlain"]],
    ["a picture that is not chosen", { header: "IMAGE" }, ["headerFile"]],
    ["a button without words", { buttons: [button({ text: "" })] }, ["buttonText"]],
    ["two buttons that say the same", { buttons: [button({}), button({ key: 1 })] }, ["buttonTwice"]],
    ["a web page without address", { buttons: [button({ type: "URL", value: "tienda" })] }, ["buttonUrl"]],
    ["an address without example", { buttons: [button({ type: "URL", value: "https://a.example/{{1}}" })] }, ["urlExample"]],
    [
      "replies among other buttons",
      {
        buttons: [
          button({}),
          button({ key: 1, type: "PHONE_NUMBER", text: "Llamar", value: "+51900000001" }),
          button({ key: 2, text: "No" }),
        ],
      },
      ["buttonsMixed"],
    ],
    [
      "minutes that are none",
      { category: "AUTHENTICATION", code: { hasAdvice: true, minutes: "91", button: "" } },
      ["minutesForm"],
    ],
  ])("refuse %s", (_, change, expected) => expect(bad(change)).toEqual(expected));

  it("know a name that is taken, and look at no name where there is one already", () => {
    expect(wordsOf(findingsOf(draft(), true, true), "bad")).toEqual(["nameTaken"]);
    expect(wordsOf(findingsOf(draft({ name: "" }), false, false), "bad")).toEqual([]);
  });

  it("warn of adverts among utility templates only, and of few words", () => {
    const warned = (change: Partial<TemplateDraft>) => wordsOf(findingsOf(draft(change), true, false), "warn");
    const body = "Hola, hoy toda la tienda está en Promoción para ti.";
    expect([warned({ body }), warned({ body, category: "MARKETING" })]).toEqual([["advert"], []]);
    expect(warned({ body: "a {{1}} b {{2}} c" })).toEqual(["fewWords"]);
  });
});
