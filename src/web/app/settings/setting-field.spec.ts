import { type FieldLook, fieldsOf, textOf, valueFrom, withPart } from "./setting-field";

const schema = {
  type: "object",
  properties: {
    isEnabled: { type: "boolean", description: "Whether" },
    hours: { type: "integer", minimum: 1, maximum: 99 },
    warnHours: { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }], description: "Null: never" },
    scale: { anyOf: [{ const: 3 }, { const: 5 }] },
    scope: { anyOf: [{ const: "marketing" }, { const: "all" }] },
    name: { type: "string", maxLength: 80 },
    persona: { type: "string", maxLength: 20_000 },
    stopWords: { type: "array", items: { type: "string" } },
    texts: { type: "array", items: { type: "object", properties: { channel: {}, language: {}, text: {} } } },
    limits: { type: "object", properties: { days: { type: "integer" } } },
    template: {
      anyOf: [
        { type: "object", properties: { name: { type: "string" }, values: { type: "array", items: { type: "string" } } } },
        { type: "null" },
      ],
    },
    rules: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } },
  },
};

describe("fields of settings", () => {
  const fields = fieldsOf(schema);
  const field = (name: string) => fields.find((one) => one.name === name)!;

  it("are told by their schema", () => {
    expect(fields.map(({ name, look }) => [name, look])).toEqual([
      ["isEnabled", "switch"],
      ["hours", "number"],
      ["warnHours", "number"],
      ["scale", "choice"],
      ["scope", "choice"],
      ["name", "line"],
      ["persona", "text"],
      ["stopWords", "words"],
      ["texts", "said"],
      ["limits", "group"],
      ["template", "group"],
      ["rules", "json"],
    ] satisfies [string, FieldLook][]);
    expect(field("warnHours")).toMatchObject({ isNullable: true, minimum: 1, description: "Null: never" });
    expect(field("limits").parts.map(({ name }) => name)).toEqual(["days"]);
  });

  it.each([
    ["hours", "24", 12, 24],
    ["warnHours", "", 3, null],
    ["scale", "5", 3, 5],
    ["scope", "all", "marketing", "all"],
    ["stopWords", "baja, stop\nsair ,", [], ["baja", "stop", "sair"]],
    ["rules", '[{"name":"a"}]', [], [{ name: "a" }]],
    ["persona", "  con espacios", "", "  con espacios"],
  ])("%s: %j", (name, text, before, expected) => expect(valueFrom(field(name), text, before)).toEqual(expected));

  it("a group begins with its first part and is gone with its last", () => {
    const template = field("template");
    const [name, values] = template.parts as [(typeof template.parts)[number], (typeof template.parts)[number]];
    expect(withPart(template, {}, name, "cita")).toEqual({ name: "cita", values: [] });
    expect(withPart(template, { name: "cita", values: [] }, values, "hola, amigo")).toEqual({
      name: "cita",
      values: ["hola", "amigo"],
    });
    expect(withPart(template, { name: "cita", values: [] }, name, "")).toBeNull();
    const limits = field("limits");
    expect(withPart(limits, { days: 7 }, limits.parts[0]!, "9")).toEqual({ days: 9 });
  });

  it("are shown as they can be written again", () => {
    expect(textOf(field("stopWords"), ["baja", "stop"])).toBe("baja, stop");
    expect(textOf(field("warnHours"), null)).toBe("");
    expect(() => valueFrom(field("rules"), "[", [])).toThrow(SyntaxError);
  });
});
