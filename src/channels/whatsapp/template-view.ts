/** What a template asks for and how it reads once filled in: for the picker, the preview and the campaign. Pure. */
import type { JsonObject } from "./json-value";
import { listOf, objectOf, textOf } from "./json-value";
import type { TemplateButtonDefinition } from "./templates";

export interface TemplateVariable {
  part: "header" | "body" | "button";
  /** `1`, `2` ... or the parameter's name. */
  name: string;
  /** Only for buttons: which one. */
  index?: number;
  example?: string;
}

export interface TemplateView {
  /** TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION; absent without a header. */
  headerFormat?: string;
  header?: string;
  body: string;
  footer?: string;
  buttons: TemplateButtonDefinition[];
  variables: TemplateVariable[];
  /** The cards of a carousel, each with its own parts. */
  cards?: TemplateView[];
  limitedTimeOffer?: { text: string; hasExpiration: boolean };
}

const VARIABLE = /\{\{\s*([^{}\s]+)\s*\}\}/g;

/** The names of the variables in a text, each once, in order. */
export const variablesIn = (text: string): string[] => [
  ...new Set(Array.from(text.matchAll(VARIABLE), (match) => match[1] ?? "")),
];

/** The text with values in place of its variables; a variable without a value stays visible. */
export const fillVariables = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(VARIABLE, (whole, name: string) => values[name] ?? whole);

/** A template's components as parts a person understands. */
export function viewTemplate(components: readonly JsonObject[]): TemplateView {
  const view: TemplateView = { body: "", buttons: [], variables: [] };
  for (const part of components) {
    const text = textOf(part.text);
    switch (textOf(part.type)?.toUpperCase()) {
      case "HEADER":
        view.headerFormat = textOf(part.format)?.toUpperCase() ?? "TEXT";
        if (text !== undefined) view.header = text;
        view.variables.push(...textVariables("header", text, part));
        break;
      case "BODY":
        view.body = text ?? "";
        view.variables.push(...textVariables("body", text, part));
        break;
      case "FOOTER":
        if (text !== undefined) view.footer = text;
        break;
      case "BUTTONS":
        for (const [index, item] of listOf(part.buttons).entries()) addButton(view, objectOf(item) ?? {}, index);
        break;
      case "CAROUSEL":
        view.cards = listOf(part.cards).map((card) => viewTemplate(partsOf(objectOf(card)?.components)));
        break;
      case "LIMITED_TIME_OFFER": {
        const offer = objectOf(part.limited_time_offer);
        view.limitedTimeOffer = { text: textOf(offer?.text) ?? "", hasExpiration: offer?.has_expiration !== false };
        break;
      }
    }
  }
  return view;
}

const partsOf = (value: unknown): JsonObject[] =>
  listOf(value)
    .map(objectOf)
    .filter((part) => part !== undefined);

function textVariables(part: "header" | "body", text: string | undefined, component: JsonObject): TemplateVariable[] {
  const example = objectOf(component.example);
  const positional = listOf(example?.[`${part}_text`]);
  const values = Array.isArray(positional[0]) ? positional[0] : positional;
  const named = listOf(example?.[`${part}_text_named_params`]).map(objectOf);
  return variablesIn(text ?? "").map((name, index) => {
    const value = textOf(named.find((item) => item?.param_name === name)?.example) ?? textOf(values[index]);
    return value === undefined ? { part, name } : { part, name, example: value };
  });
}

function addButton(view: TemplateView, button: JsonObject, index: number): void {
  const url = textOf(button.url);
  const text = textOf(button.text);
  const phoneNumber = textOf(button.phone_number);
  view.buttons.push({
    type: textOf(button.type)?.toUpperCase() ?? "UNKNOWN",
    ...(text === undefined ? {} : { text }),
    ...(url === undefined ? {} : { url }),
    ...(phoneNumber === undefined ? {} : { phoneNumber }),
  });
  for (const name of variablesIn(url ?? "")) {
    const example = textOf(listOf(button.example)[0]) ?? textOf(button.example);
    view.variables.push({ part: "button", name, index, ...(example === undefined ? {} : { example }) });
  }
}
