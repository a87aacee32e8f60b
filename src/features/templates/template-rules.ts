/** What WhatsApp demands of a new template, told before it is asked (facts §3.4), and how a template reads once filled in. Pure. */
import type { TemplateView as Parts } from "../../channels/whatsapp/template-view";
import { type ErrorDetail, fail } from "../../core/errors";
import type { Preview, PreviewValues, TemplateComponent } from "./template.schema";

/** Reading and filling of components. Given by the composition root, because features know no channel. */
export interface TemplateReader {
  viewTemplate: (components: readonly Record<string, unknown>[]) => Parts;
  fillVariables: (text: string, values: Readonly<Record<string, string>>) => string;
}

/** Throws template.invalid with the path of everything that is wrong. */
export function checkDefinition(
  components: readonly TemplateComponent[],
  { category, parameterFormat }: { category: string; parameterFormat: "POSITIONAL" | "NAMED" },
  { viewTemplate }: TemplateReader,
): void {
  const details: ErrorDetail[] = [];
  const refuse = (path: string, message: string) => details.push({ path: `body.components.${path}`, message });
  const types = components.map(({ type }) => type);
  for (const [index, type] of types.entries())
    if (types.indexOf(type) !== index) refuse(`${index}.type`, `${type} appears twice`);
  if (!types.includes("BODY")) details.push({ path: "body.components", message: "a BODY is needed" });
  for (const [index, part] of components.entries()) {
    if (part.type === "CAROUSEL") checkCards(part.cards, index, refuse);
    if (part.type === "BODY" && part.text === undefined && category !== "AUTHENTICATION")
      refuse(`${index}.text`, "must not be empty");
    if (part.type === "HEADER" && part.format === "TEXT" && part.text === undefined) refuse(`${index}.text`, "must not be empty");
    if (part.type === "HEADER" && ["IMAGE", "VIDEO", "DOCUMENT"].includes(part.format))
      checkExample(part.example, `${index}.example`, refuse);
    if (part.type === "BUTTONS") checkButtons(part.buttons, index, refuse);
    const place = part.type === "HEADER" || part.type === "BODY" ? part.type.toLowerCase() : "button";
    if (part.type === "FOOTER" && /\{\{/.test(part.text ?? "")) refuse(`${index}.text`, "takes no variables");
    const variables = viewTemplate([part as Record<string, unknown>]).variables;
    if (part.type === "HEADER" && variables.length > 1) refuse(`${index}.text`, "takes one variable at most");
    for (const [at, { name, example }] of variables.entries()) {
      const isPosition = /^\d+$/.test(name);
      if (example === undefined) refuse(`${index}.example`, `the variable {{${name}}} needs an example`);
      if (place === "button") continue;
      if (parameterFormat === "NAMED" && !/^[a-z_][a-z0-9_]*$/.test(name))
        refuse(`${index}.text`, `{{${name}}}: names are lower-case letters, digits and underscores`);
      if (parameterFormat === "POSITIONAL" && (!isPosition || Number(name) !== at + 1))
        refuse(`${index}.text`, `{{${name}}}: variables are numbered {{1}}, {{2}} ... in order`);
    }
    if (part.type === "BODY" && /^\s*\{\{[^}]*\}\}|\{\{[^}]*\}\}\s*$/.test(part.text ?? ""))
      refuse(`${index}.text`, "must neither begin nor end with a variable");
  }
  if (details.length > 0) throw fail("template.invalid", { details });
}

/** An example file by its id here, or by the handle of an upload. The address WhatsApp shows it by is neither. */
function checkExample(
  example: { header_handle?: string[]; mediaId?: string } | undefined,
  path: string,
  refuse: (path: string, message: string) => void,
): void {
  const handle = example?.header_handle?.[0];
  if (handle === undefined && example?.mediaId === undefined)
    refuse(`${path}.header_handle`, "an example file is needed: name a stored file as mediaId, or give a handle");
  if (handle !== undefined && /^https?:/.test(handle))
    refuse(`${path}.header_handle`, "an address is no handle: name a stored file as mediaId");
}

type Cards = Extract<TemplateComponent, { type: "CAROUSEL" }>["cards"];

/** WhatsApp wants all cards alike: the same parts, the same kind of header and the same buttons. */
function checkCards(cards: Cards, index: number, refuse: (path: string, message: string) => void): void {
  const shapeOf = (card: Cards[number] | undefined) =>
    JSON.stringify(
      (card?.components ?? []).map((part) => [
        part.type,
        part.type === "HEADER" ? part.format : null,
        part.type === "BUTTONS" ? part.buttons.map(({ type }) => type) : null,
      ]),
    );
  for (const [at, card] of cards.entries()) {
    const path = `${index}.cards.${at}`;
    const header = card.components.find(({ type }) => type === "HEADER");
    if (header?.type !== "HEADER" || !["IMAGE", "VIDEO", "PRODUCT"].includes(header.format))
      refuse(`${path}.components`, "a card needs a header of format IMAGE, VIDEO or PRODUCT");
    if (shapeOf(card) !== shapeOf(cards[0])) refuse(`${path}.components`, "all cards must have the same parts and buttons");
    for (const part of card.components) if (part.type === "BUTTONS") checkButtons(part.buttons, index, refuse);
  }
}

type Buttons = Extract<TemplateComponent, { type: "BUTTONS" }>["buttons"];

const MOST_OF_A_KIND: Readonly<Record<string, number>> = { URL: 2, PHONE_NUMBER: 1, COPY_CODE: 1 };

function checkButtons(buttons: Buttons, index: number, refuse: (path: string, message: string) => void): void {
  for (const [type, most] of Object.entries(MOST_OF_A_KIND))
    if (buttons.filter((button) => button.type === type).length > most)
      refuse(`${index}.buttons`, `at most ${most} of type ${type}`);
  for (const [at, { type, text, url, phone_number: phone }] of buttons.entries()) {
    const path = `${index}.buttons.${at}`;
    if (type === "URL" && !/^https?:\/\//.test(url ?? "")) refuse(`${path}.url`, "must be an http(s) address");
    if (type === "PHONE_NUMBER" && !phone) refuse(`${path}.phone_number`, "must not be empty");
    if (["QUICK_REPLY", "URL", "PHONE_NUMBER"].includes(type) && !text) refuse(`${path}.text`, "must not be empty");
  }
}

/** The template as the customer will read it; variables without a value stay visible and are named. */
export function preview(components: readonly Record<string, unknown>[], values: PreviewValues, reader: TemplateReader): Preview {
  const parts = reader.viewTemplate(components);
  const { missing, ...shown } = previewPart(parts, values, reader, "");
  const cards = parts.cards?.map((card, at) => previewPart(card, values.cards?.[at] ?? {}, reader, `cards.${at}.`));
  return {
    ...shown,
    ...(cards ? { cards: cards.map(({ missing: _, ...card }) => card) } : {}),
    ...(parts.limitedTimeOffer ? { limitedTimeOffer: parts.limitedTimeOffer.text } : {}),
    missing: [...missing, ...(cards ?? []).flatMap((card) => card.missing)],
  };
}

function previewPart(
  parts: Parts,
  values: Pick<PreviewValues, "header" | "body" | "buttons">,
  { fillVariables }: TemplateReader,
  where: string,
) {
  const missing = parts.variables.flatMap(({ part, name, index }) => {
    const given = part === "button" ? values.buttons?.[String(index)] : values[part]?.[name];
    return given === undefined ? [where + (part === "button" ? `buttons.${index}` : `${part}.${name}`)] : [];
  });
  const filled = (text: string | undefined, given: Record<string, string> | undefined) =>
    text === undefined ? null : fillVariables(text, given ?? {});
  return {
    headerFormat: parts.headerFormat ?? null,
    header: filled(parts.header, values.header),
    body: filled(parts.body, values.body) ?? "",
    footer: parts.footer ?? null,
    buttons: parts.buttons.map(({ type, text, url }, index) => ({
      type,
      ...(text === undefined ? {} : { text }),
      ...(url === undefined ? {} : { url: fillSuffix(url, values.buttons?.[String(index)]) }),
    })),
    missing,
  };
}

const fillSuffix = (url: string, suffix: string | undefined): string =>
  suffix === undefined ? url : url.replace(/\{\{[^}]*\}\}/, () => suffix);
