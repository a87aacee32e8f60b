import type { TemplateView } from "@server/events/view";
import { messageOf, missingIn, piecesOf, whyNot } from "./template-text";

const template = (change: Partial<TemplateView> = {}): TemplateView => ({
  id: "1".repeat(24),
  wabaId: "1",
  metaId: "1",
  name: "pedido_listo",
  language: "es",
  category: "UTILITY",
  status: "APPROVED",
  quality: null,
  rejectedReason: null,
  parameterFormat: "POSITIONAL",
  header: null,
  headerFormat: null,
  body: "Hola {{1}}, tu pedido {{2}} está listo",
  footer: null,
  buttons: [],
  variables: [
    { part: "body", name: "1" },
    { part: "body", name: "2" },
  ],
  components: [],
  syncedAt: "2026-11-20T12:00:00.000Z",
  createdAt: "2026-11-20T12:00:00.000Z",
  ...change,
});

describe("a template with values", () => {
  it("tells what is filled in from what waits for a value", () => {
    const pieces = piecesOf(template().body, "body", new Map([["body..1", "Nayra"]]));
    expect(pieces.map(({ text, state }) => `${state}:${text}`)).toEqual([
      "fixed:Hola ",
      "filled:Nayra",
      "fixed:, tu pedido ",
      "missing:{{2}}",
      "fixed: está listo",
    ]);
  });

  it("is not ready while a value is blank", () => {
    const values = new Map([
      ["body..1", "Nayra"],
      ["body..2", "  "],
    ]);
    expect(missingIn(template(), values).map(({ name }) => name)).toEqual(["2"]);
  });

  it("becomes the message that the server takes, by place or by name", () => {
    const values = new Map([
      ["body..1", "Nayra"],
      ["body..2", "4471"],
    ]);
    expect(messageOf(template(), values).template).toEqual({ name: "pedido_listo", language: "es", body: ["Nayra", "4471"] });
    const named = template({ parameterFormat: "NAMED", body: "Hola {{nombre}}", variables: [{ part: "body", name: "nombre" }] });
    expect(messageOf(named, new Map([["body..nombre", "Nayra"]])).template.body).toEqual({ nombre: "Nayra" });
  });

  it("says why it cannot be sent from the composer", () => {
    expect(whyNot(template())).toBeNull();
    expect(whyNot(template({ headerFormat: "IMAGE" }))).toBe("media");
    expect(whyNot(template({ limitedTimeOffer: { text: "x", hasExpiration: false } }))).toBe("special");
  });
});
