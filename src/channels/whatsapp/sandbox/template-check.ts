/** Template sends: their shape, and whether their parameters fit the template (facts §3.1, §3.4). */
import { type JsonObject, objectOf } from "../json-value";
import { GraphRefusal, parameterInvalid, parameterMissing } from "./graph-refusal";
import type { SandboxTemplate } from "./template-store";
import { checkMediaSource, needList, needText } from "./value-check";

const SUB_TYPES = [
  "quick_reply",
  "url",
  "copy_code",
  "flow",
  "catalog",
  "mpm",
  "voice_call",
  "order_details",
  "request_contact_info",
];

/** Name, language and the form of each component, before the template is known. */
export function checkTemplateShape(template: JsonObject): void {
  needText("template.name", template.name, 512);
  needText("template.language.code", objectOf(template.language)?.code, 15);
  if (template.components !== undefined) checkComponents("template.components", template.components);
}

function checkComponents(path: string, value: unknown): void {
  for (const [at, item] of needList(path, value, 0, 20).entries()) {
    const component = objectOf(item);
    const type = typeof component?.type === "string" ? component.type.toLowerCase() : "";
    if (type === "carousel") {
      for (const [index, card] of needList(`${path}.${at}.cards`, component?.cards, 1, 10).entries()) {
        if (objectOf(card)?.card_index !== index)
          throw parameterInvalid(`${path}.${at}.cards.${index}.card_index must be ${index}.`);
        checkComponents(`${path}.${at}.cards.${index}.components`, objectOf(card)?.components);
      }
      continue;
    }
    if (!["header", "body", "button", "footer", "limited_time_offer"].includes(type))
      throw parameterInvalid(`${path}.${at}.type is not valid.`);
    if (type === "button") {
      if (!SUB_TYPES.includes(String(component?.sub_type).toLowerCase()))
        throw parameterInvalid(`${path}.${at}.sub_type is not valid.`);
      if (!/^[0-9]$/.test(String(component?.index))) throw parameterInvalid(`${path}.${at}.index must be 0 to 9.`);
    }
    for (const [index, parameter] of needList(`${path}.${at}.parameters`, component?.parameters ?? [], 0, 100).entries()) {
      checkParameter(`${path}.${at}.parameters.${index}`, objectOf(parameter));
    }
  }
}

function checkParameter(path: string, parameter: JsonObject | undefined): void {
  const type = parameter?.type;
  switch (type) {
    case "text":
      if (/[\n\t]| {5,}/.test(needText(`${path}.text`, parameter?.text, 1024))) {
        throw new GraphRefusal(400, 132018, "Template parameters are invalid", {
          details: `${path}: param text cannot have new-line/tab characters or more than 4 consecutive spaces`,
        });
      }
      return;
    case "image":
    case "video":
    case "document":
      checkMediaSource(`${path}.${type}`, objectOf(parameter?.[type]));
      return;
    case "payload":
      needText(`${path}.payload`, parameter?.payload, 128);
      return;
    case "coupon_code":
      needText(`${path}.coupon_code`, parameter?.coupon_code, 20);
      return;
    case "currency":
    case "date_time":
      needText(`${path}.${type}.fallback_value`, objectOf(parameter?.[type])?.fallback_value, 1024);
      return;
    case "limited_time_offer":
      if (!Number.isInteger(objectOf(parameter?.limited_time_offer)?.expiration_time_ms))
        throw parameterInvalid(`${path}.limited_time_offer.expiration_time_ms must be a time in milliseconds.`);
      return;
    case "product":
      needText(`${path}.product.product_retailer_id`, objectOf(parameter?.product)?.product_retailer_id, 200);
      needText(`${path}.product.catalog_id`, objectOf(parameter?.product)?.catalog_id, 100);
      return;
    case "location":
    case "action":
      if (!objectOf(parameter?.[type])) throw parameterMissing(`${path}.${type} is required.`);
      return;
    default:
      throw parameterInvalid(`${path}.type is not valid.`);
  }
}

/** Refuses parameters that do not fit: another count is 132000, another kind or name 132012. */
export function checkTemplateFit(call: JsonObject, template: SandboxTemplate): void {
  if (template.status === "PAUSED")
    throw new GraphRefusal(400, 132015, "Template is Paused", { details: "The template is paused because of low quality." });
  if (template.status === "DISABLED")
    throw new GraphRefusal(400, 132016, "Template is Disabled", { details: "The template is disabled." });
  if (template.status !== "APPROVED") throw missingTemplate(template.name, template.language);
  checkPartsFit("", template.components, objectsIn(call.components));
}

const objectsIn = (list: unknown): JsonObject[] => (Array.isArray(list) ? list : []).map((item) => objectOf(item) ?? {});
const typeOf = (part: JsonObject): string => String(part.type).toLowerCase();

function checkPartsFit(where: string, parts: readonly JsonObject[], given: readonly JsonObject[]): void {
  for (const part of parts) {
    switch (typeOf(part)) {
      case "header":
        checkHeaderFit(part, parametersOf(given, "header"));
        break;
      case "body":
        checkTextFit(`${where}body`, String(part.text ?? ""), parametersOf(given, "body"));
        break;
      case "buttons":
        for (const [index, button] of objectsIn(part.buttons).entries()) checkButtonFit(where, button, index, given);
        break;
      case "limited_time_offer":
        if (objectOf(part.limited_time_offer)?.has_expiration !== false && parametersOf(given, "limited_time_offer").length !== 1)
          throw wrongCount("limited_time_offer: expiration_time_ms is required");
        break;
      case "carousel":
        checkCarouselFit(objectsIn(part.cards), given);
        break;
    }
  }
}

function checkCarouselFit(cards: readonly JsonObject[], given: readonly JsonObject[]): void {
  const sent = objectsIn(given.find((part) => typeOf(part) === "carousel")?.cards);
  if (sent.length !== cards.length)
    throw wrongCount(`carousel: number of cards (${sent.length}) does not match the expected number (${cards.length})`);
  for (const [index, card] of cards.entries())
    checkPartsFit(`card ${index}: `, objectsIn(card.components), objectsIn(sent[index]?.components));
}

/** Kinds of buttons that want a parameter at every send. */
const NEEDY_BUTTONS: Readonly<Record<string, string>> = { COPY_CODE: "CopyCode", MPM: "Mpm" };

function checkButtonFit(where: string, button: JsonObject, index: number, given: readonly JsonObject[]): void {
  const type = String(button.type).toUpperCase();
  const needs = NEEDY_BUTTONS[type] ?? (type === "URL" && String(button.url).includes("{{") ? "Url" : undefined);
  const sent = given.find((part) => typeOf(part) === "button" && Number(part.index) === index);
  const hasParameter = objectsIn(sent?.parameters).length > 0;
  if (needs && !hasParameter) throw wrongCount(`${where}buttons: Button at index ${index} of type ${needs} requires a parameter`);
  if (sent && String(sent.sub_type).toUpperCase() !== type)
    throw wrongFormat(`${where}buttons: Button at index ${index} is not of type ${String(sent.sub_type)}`);
}

export const missingTemplate = (name: string, language: string): GraphRefusal =>
  new GraphRefusal(404, 132001, "Template name does not exist in the translation", {
    details: `template name (${name}) does not exist in ${language}`,
  });

const wrongCount = (details: string): GraphRefusal =>
  new GraphRefusal(400, 132000, "Number of parameters does not match the expected number of params", { details });

const wrongFormat = (details: string): GraphRefusal =>
  new GraphRefusal(400, 132012, "Parameter format does not match format in the created template", { details });

function parametersOf(components: readonly JsonObject[], type: string): JsonObject[] {
  const component = components.find((part) => String(part.type).toLowerCase() === type);
  return (Array.isArray(component?.parameters) ? component.parameters : []).map((item) => objectOf(item) ?? {});
}

function checkHeaderFit(part: JsonObject, given: readonly JsonObject[]): void {
  const format = String(part.format ?? "TEXT").toLowerCase();
  if (format === "text") {
    checkTextFit("header", String(part.text ?? ""), given);
    return;
  }
  if (given.length !== 1)
    throw wrongCount(`header: number of localizable_params (${given.length}) does not match the expected number of params (1)`);
  if (given[0]?.type !== format)
    throw wrongFormat(
      `header: Format mismatch, expected ${format.toUpperCase()}, received ${String(given[0]?.type).toUpperCase()}`,
    );
}

function checkTextFit(where: string, text: string, given: readonly JsonObject[]): void {
  const names = placeholders(text);
  if (given.length !== names.length) {
    throw wrongCount(
      `${where}: number of localizable_params (${given.length}) does not match the expected number of params (${names.length})`,
    );
  }
  const isNamed = names.some((name) => !/^\d+$/.test(name));
  for (const name of isNamed ? names : []) {
    if (!given.some((parameter) => parameter.parameter_name === name))
      throw wrongFormat(`${where}: Parameter name ${name} is missing`);
  }
}

/** The distinct placeholders of a template text. */
export const placeholders = (text: string): string[] => [
  ...new Set([...text.matchAll(/\{\{\s*([^{}\s]+)\s*\}\}/g)].map((match) => match[1]!)),
];
