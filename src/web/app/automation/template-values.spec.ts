import type { TemplateView } from "@server/events/view";
import { messageOf } from "../inbox/template-text";
import { valuesOf } from "./template-values";

const template = (parameterFormat: TemplateView["parameterFormat"], names: readonly string[]) =>
  ({
    name: "pago",
    language: "es",
    parameterFormat,
    buttons: [{ type: "URL" }],
    variables: [
      { part: "header", name: "titulo" },
      ...names.map((name) => ({ part: "body" as const, name })),
      { part: "button", name: "1", index: 0 },
    ],
  }) as unknown as TemplateView;

describe("what is filled into a template", () => {
  it.each(["POSITIONAL", "NAMED"] as const)("is read back from the message it has become: %s", (format) => {
    const shape = template(format, format === "NAMED" ? ["nombre", "monto"] : ["1", "2"]);
    const [first, second] = shape.variables.filter(({ part }) => part === "body").map(({ name }) => `body..${name}`);
    const values = new Map([
      ["header..titulo", "Pago"],
      [first ?? "", "Rosa"],
      [second ?? "", "{{contact.attributes.monto}}"],
      ["button.0.1", "abc"],
    ]);
    expect(valuesOf(shape, messageOf(shape, values).template)).toEqual(values);
  });
});
