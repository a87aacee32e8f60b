import type { TemplateView } from "@server/events/view";
import { ApiFailure } from "../api/api-failure";
import { bubblePieces } from "./bubble-text";
import { componentsOf, draftOf, emptyDraft, fieldOfPath } from "./template-draft";
import { groupsOf, worstOf } from "./template-look";
import { fieldsOfFailure } from "./template-refusal";

const components = [
  { type: "HEADER", format: "TEXT", text: "Pedido {{1}}", example: { header_text: ["4468"] } },
  { type: "BODY", text: "Hola {{1}}, está listo.", example: { body_text: [["Rosa"]] } },
  { type: "FOOTER", text: "Tienda Ayni" },
  {
    type: "BUTTONS",
    buttons: [
      { type: "URL", text: "Seguir", url: "https://a.example/{{1}}", example: ["https://a.example/7"] },
      { type: "PHONE_NUMBER", text: "Llamar", phone_number: "+51900000001" },
      { type: "COPY_CODE", example: "AYNI20" },
      { type: "FLOW", text: "Reservar", flow_id: "7" },
    ],
  },
];
const template = (change: Partial<TemplateView> = {}): TemplateView => ({
  id: "1",
  wabaId: "1",
  metaId: "1",
  name: "pedido",
  language: "es",
  category: "UTILITY",
  status: "APPROVED",
  quality: null,
  rejectedReason: null,
  parameterFormat: "POSITIONAL",
  header: "Pedido {{1}}",
  headerFormat: "TEXT",
  body: "Hola {{1}}, está listo.",
  footer: "Tienda Ayni",
  buttons: [],
  variables: [
    { part: "header", name: "1", example: "4468" },
    { part: "body", name: "1", example: "Rosa" },
  ],
  components,
  syncedAt: "2026-11-20T12:00:00.000Z",
  createdAt: "2026-11-20T12:00:00.000Z",
  ...change,
});

describe("a template as a draft", () => {
  it("goes back as it came, buttons of kinds that are not made here included", () => {
    expect(componentsOf(draftOf(template(), "c"))).toEqual(components);
  });

  it("names its examples where variables have names", () => {
    const draft = { ...emptyDraft("c", "es"), isNamed: true, body: "Hola {{nombre}}.", examples: { "body.nombre": "Rosa" } };
    expect(componentsOf(draft)).toEqual([
      {
        type: "BODY",
        text: "Hola {{nombre}}.",
        example: { body_text_named_params: [{ param_name: "nombre", example: "Rosa" }] },
      },
    ]);
  });

  it("leaves the text of codes to WhatsApp", () => {
    const draft = { ...emptyDraft("c", "es"), category: "AUTHENTICATION" as const, body: "no", footer: "no" };
    expect(componentsOf(draft)).toEqual([
      { type: "BODY", add_security_recommendation: true },
      { type: "FOOTER", code_expiration_minutes: 10 },
      { type: "BUTTONS", buttons: [{ type: "OTP", otp_type: "COPY_CODE" }] },
    ]);
  });
});

describe("a refusal", () => {
  const parts = componentsOf(draftOf(template(), "c"));
  it.each([
    ["body.name", "name"],
    ["body.components.0.text", "header"],
    ["body.components.0.example", "examples"],
    ["body.components.1.text", "body"],
    ["body.components.3.buttons.1.phone_number", "buttons.1"],
    ["body.components.3.buttons", "buttons"],
    ["body.components", "body"],
    ["headers.x", null],
  ])("of %s stands at %s", (path, field) => expect(fieldOfPath(path, parts)).toBe(field));

  it("of Meta stands where its words point to; others only in the note", () => {
    const refused = (message: string) => [
      ...fieldsOfFailure(new ApiFailure(`WhatsApp refused: ${message}`, "graph.refused", 422, null), parts),
    ];
    expect(refused("Content in this language already exists.")).toEqual([["name", "Content in this language already exists."]]);
    expect(refused("Variables can't be at the start or end of the template.")[0]?.[0]).toBe("body");
    expect(refused("Try later.")).toEqual([]);
  });
});

describe("the phone's text", () => {
  it("has WhatsApp's marks and tells values from what is missing", () => {
    expect(bubblePieces("Tu *{{1}}* y {{2}}", { "1": "*4468*" })).toEqual([
      { mark: "plain", text: "Tu ", state: "fixed" },
      { mark: "bold", text: "*4468*", state: "filled" },
      { mark: "plain", text: " y ", state: "fixed" },
      { mark: "plain", text: "{{2}}", state: "missing" },
    ]);
  });
});

describe("the list", () => {
  it("has one row a name and account, and leads to what needs somebody", () => {
    const all = [
      template({ id: "a", language: "pt_BR" }),
      template({ id: "b", status: "REJECTED" }),
      template({ id: "c", wabaId: "2" }),
      template({ id: "d", name: "aviso" }),
    ];
    const groups = groupsOf(all);
    expect(groups.map(({ templates }) => templates.map(({ id }) => id))).toEqual([["d"], ["b", "a"], ["c"]]);
    expect(worstOf(groups[1]?.templates ?? [])?.id).toBe("b");
  });
});
