/** What Meta checks when a template is made: name, category, limits of each component, examples for every variable. */
import { type JsonObject, objectOf } from "../json-value";
import { GraphRefusal, invalidRequest, parameterInvalid, parameterMissing } from "./graph-refusal";
import { placeholders } from "./template-check";
import { checkHeaderExample } from "./template-media";
import type { SandboxTemplate } from "./template-store";
import type { UploadStore } from "./upload-store";
import { needList, needText } from "./value-check";

type Definition = Pick<SandboxTemplate, "name" | "language" | "category" | "parameterFormat" | "components">;

const CATEGORIES = ["MARKETING", "UTILITY", "AUTHENTICATION"];
const HEADER_FORMATS = ["TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION"];
/** How many buttons of a type a template may have. */
const BUTTON_LIMITS: Record<string, number> = {
  QUICK_REPLY: 10,
  URL: 2,
  PHONE_NUMBER: 1,
  COPY_CODE: 1,
  FLOW: 1,
  OTP: 1,
  CATALOG: 1,
  MPM: 1,
  REQUEST_CONTACT_INFO: 1,
  VOICE_CALL: 1,
};

export function checkDefinition(body: JsonObject, uploads: UploadStore): Definition {
  const name = needText("name", body.name, 512);
  if (!/^[a-z0-9_]+$/.test(name)) throw invalidRequest("name may have lower-case letters, digits and underscores only.");
  const language = needText("language", body.language, 15);
  const category = String(body.category ?? "").toUpperCase();
  if (!CATEGORIES.includes(category)) throw invalidRequest(`category must be one of ${CATEGORIES.join(", ")}.`);
  const format = String(body.parameter_format ?? "POSITIONAL").toUpperCase();
  if (format !== "POSITIONAL" && format !== "NAMED") throw invalidRequest("parameter_format must be POSITIONAL or NAMED.");
  const components = needList("components", body.components, 1, 10).map((item) => objectOf(item) ?? {});
  const types = components.map((part) => String(part.type).toUpperCase());
  if (new Set(types).size !== types.length) throw invalidRequest("Each component may appear once.");
  if (!types.includes("BODY")) throw parameterMissing("A component of type BODY is required.");
  const rules = { format, category, uploads };
  for (const [index, part] of components.entries()) checkComponent(types[index]!, part, rules);
  return { name, language, category, parameterFormat: format, components: components.map(asKept) };
}

/** Meta keeps one-time-password buttons as buttons with an address that ends in the code. */
function asKept(part: JsonObject): JsonObject {
  if (String(part.type).toUpperCase() === "BODY" && part.text === undefined)
    return { ...part, text: "*{{1}}* is your verification code.", example: { body_text: [["123456"]] } };
  if (String(part.type).toUpperCase() !== "BUTTONS" || !Array.isArray(part.buttons)) return part;
  const buttons = part.buttons.map((item) => {
    const button = objectOf(item) ?? {};
    if (String(button.type).toUpperCase() !== "OTP") return button;
    const url = `https://www.whatsapp.com/otp/code/?otp_type=${String(button.otp_type)}&code=otp{{1}}`;
    return { type: "URL", text: button.text ?? "Copy code", url, example: [url.replace("{{1}}", "123456")] };
  });
  return { ...part, buttons };
}

interface Rules {
  format: string;
  category: string;
  uploads: UploadStore;
}

function checkComponent(type: string, part: JsonObject, rules: Rules): void {
  const { format, category } = rules;
  switch (type) {
    case "HEADER":
      checkHeader(part, rules);
      return;
    case "BODY":
      // Meta writes the body of authentication templates itself.
      if (category !== "AUTHENTICATION") checkText("body", needText("body.text", part.text, 1024), part, format);
      return;
    case "FOOTER":
      if (category !== "AUTHENTICATION") needText("footer.text", part.text, 60);
      return;
    case "BUTTONS":
      checkButtons(part);
      return;
    case "CAROUSEL":
      checkCards(needList("carousel.cards", part.cards, 2, 10), rules);
      return;
    case "LIMITED_TIME_OFFER":
      needText("limited_time_offer.text", objectOf(part.limited_time_offer)?.text, 16);
      return;
    default:
      throw invalidRequest(`${type} is not a component.`);
  }
}

/** All cards have the same parts, and each begins with a picture, a film or a product. */
function checkCards(cards: readonly unknown[], rules: Rules): void {
  const lists = cards.map((card, at) =>
    needList(`carousel.cards.${at}.components`, objectOf(card)?.components, 1, 3).map((item) => objectOf(item) ?? {}),
  );
  const typesOf = (parts: readonly JsonObject[]) => parts.map((part) => String(part.type).toUpperCase());
  for (const parts of lists) {
    const types = typesOf(parts);
    if (types.join() !== typesOf(lists[0] ?? []).join())
      throw invalidRequest("carousel.cards must all have the same components.");
    const header = parts.find((part) => String(part.type).toUpperCase() === "HEADER");
    const kind = String(header?.format).toUpperCase();
    if (!["IMAGE", "VIDEO", "PRODUCT"].includes(kind))
      throw invalidRequest("carousel.cards need a header with a picture, video or product.");
    for (const [index, part] of parts.entries())
      if (part !== header || kind !== "PRODUCT") checkComponent(types[index]!, part, rules);
  }
}

function checkHeader(part: JsonObject, { format, uploads }: Rules): void {
  const kind = String(part.format).toUpperCase();
  if (!HEADER_FORMATS.includes(kind)) throw invalidRequest(`header.format must be one of ${HEADER_FORMATS.join(", ")}.`);
  const example = objectOf(part.example);
  if (kind === "TEXT") {
    const text = needText("header.text", part.text, 60);
    if (placeholders(text).length > 1) throw invalidRequest("A header may have one variable.");
    checkExample("header", text, example, format);
  } else if (kind !== "LOCATION") checkHeaderExample(kind, example, uploads);
}

function checkText(where: string, text: string, part: JsonObject, format: string): void {
  const names = placeholders(text);
  const isPositional = format === "POSITIONAL";
  if (isPositional && names.some((name, index) => name !== String(index + 1)))
    throw invalidRequest(`${where}: variables must be {{1}}, {{2}} ... in order.`);
  if (!isPositional && names.some((name) => !/^[a-z0-9_]+$/.test(name)))
    throw invalidRequest(`${where}: a variable's name has lower-case letters, digits and underscores only.`);
  if (/^\s*\{\{|\}\}\s*$/.test(text)) {
    throw new GraphRefusal(400, 100, "Invalid parameter", {
      subcode: 2388299,
      details: "Variables can't be at the start or end of the template.",
    });
  }
  checkExample(where, text, objectOf(part.example), format);
}

function checkExample(where: string, text: string, example: JsonObject | undefined, format: string): void {
  const names = placeholders(text);
  if (names.length === 0) return;
  const list = format === "NAMED" ? example?.[`${where}_text_named_params`] : example?.[`${where}_text`];
  const values = Array.isArray(list) && Array.isArray(list[0]) ? list[0] : list;
  if (!Array.isArray(values) || values.length !== names.length) throw missingExample(where);
}

const missingExample = (where: string): GraphRefusal =>
  new GraphRefusal(400, 100, "Invalid parameter", {
    subcode: 2388043,
    details: `${where}: an example for each variable or file is required.`,
  });

function checkButtons(part: JsonObject): void {
  const counts: Record<string, number> = {};
  for (const [index, item] of needList("buttons", part.buttons, 1, 10).entries()) {
    const button = objectOf(item);
    const type = String(button?.type).toUpperCase();
    const limit = BUTTON_LIMITS[type];
    if (limit === undefined) throw parameterInvalid(`buttons.${index}.type is not valid.`);
    counts[type] = (counts[type] ?? 0) + 1;
    if (counts[type] > limit) throw invalidRequest(`At most ${limit} buttons of type ${type}.`);
    if (type !== "COPY_CODE" && type !== "OTP") needText(`buttons.${index}.text`, button?.text, 25);
    if (type === "URL") {
      const url = needText(`buttons.${index}.url`, button?.url, 2000);
      if (placeholders(url).length > 0 && !button?.example) throw missingExample(`buttons.${index}`);
    }
    if (type === "PHONE_NUMBER") needText(`buttons.${index}.phone_number`, button?.phone_number, 20);
  }
}
