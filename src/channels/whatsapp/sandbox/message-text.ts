/** What a person reads in a message the business sent, for the fake phone's screen. */
import { type JsonObject, objectOf, textOf } from "../json-value";
import type { CheckedMessage } from "./message-check";
import type { SandboxTemplate } from "./template-store";

export function readableText({ type, content }: CheckedMessage): string {
  const object = objectOf(content);
  if (type === "contacts") return contactNames(content);
  if (!object) return "";
  const body = textOf(object.body) ?? textOf(objectOf(object.body)?.text);
  return body ?? textOf(object.caption) ?? textOf(object.name) ?? textOf(object.filename) ?? textOf(object.emoji) ?? "";
}

function contactNames(content: CheckedMessage["content"]): string {
  const cards = Array.isArray(content) ? content : [];
  return cards.map((card) => textOf(objectOf(objectOf(card)?.name)?.formatted_name) ?? "").join(", ");
}

/** A template filled in: its texts with the values of this send in place of the variables. */
export function renderTemplate(template: SandboxTemplate, call: JsonObject): JsonObject {
  const given = (Array.isArray(call.components) ? call.components : []).map((item) => objectOf(item) ?? {});
  const valuesOf = (type: string) => {
    const component = given.find((part) => String(part.type).toLowerCase() === type);
    return (Array.isArray(component?.parameters) ? component.parameters : []).map((item) => objectOf(item) ?? {});
  };
  const filled = (type: string, text: unknown) => fill(textOf(text) ?? "", valuesOf(type));
  const rendered: JsonObject = {};
  for (const part of template.components) {
    const type = String(part.type).toLowerCase();
    if (type === "header")
      rendered.header = textOf(part.text) === undefined ? valuesOf("header")[0] : filled("header", part.text);
    else if (type === "body") rendered.body = filled("body", part.text);
    else if (type === "footer") rendered.footer = part.text;
    else if (type === "buttons") rendered.buttons = part.buttons;
  }
  return rendered;
}

function fill(text: string, values: readonly JsonObject[]): string {
  return text.replace(/\{\{\s*([^{}\s]+)\s*\}\}/g, (whole, name: string) => {
    const value = values.find((candidate) => candidate.parameter_name === name) ?? values[Number(name) - 1];
    if (!value) return whole;
    return (
      textOf(value.text) ??
      textOf(objectOf(value.currency)?.fallback_value) ??
      textOf(objectOf(value.date_time)?.fallback_value) ??
      whole
    );
  });
}
