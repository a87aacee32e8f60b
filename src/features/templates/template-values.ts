/** Whether the values of a send fit a template, and how it then reads: told before WhatsApp would refuse it (132000, 132012). Pure. */
import type { TemplateButton, TemplateHeader, TemplateValue } from "../../channels/whatsapp/compose";
import type { TemplateView as Parts } from "../../channels/whatsapp/template-view";
import { type ErrorDetail, fail } from "../../core/errors";
import type { TemplateReader } from "./template-rules";

/** The values of one part of a send: of the message itself, or of a card. Files are not looked at, only their kind. */
interface PartValues {
  header?: { type: TemplateHeader["type"]; value?: TemplateValue; name?: string };
  body?: readonly TemplateValue[] | Readonly<Record<string, TemplateValue>>;
  buttons?: readonly Pick<TemplateButton, "type" | "index">[];
}

export interface TemplateValues extends PartValues {
  cards?: readonly PartValues[];
  limitedTimeOffer?: { expiresAt: string };
}

interface RenderedPart {
  header: string | null;
  body: string;
  footer: string | null;
  buttons: { type: string; text?: string; url?: string }[];
}

export interface RenderedTemplate extends RenderedPart {
  cards?: RenderedPart[];
  limitedTimeOffer?: { text: string; expiresAt?: string };
}

/** Throws template.parameters with the path of every value that is missing or too many. */
export function renderValues(
  components: readonly Record<string, unknown>[],
  values: TemplateValues,
  reader: TemplateReader,
): RenderedTemplate {
  const parts = reader.viewTemplate(components);
  const details: ErrorDetail[] = [];
  const refuseIn =
    (where: string): Refuse =>
    (path, message) =>
      void details.push({ path: `body.template.${where}${path}`, message });
  const refuse = refuseIn("");
  const rendered: RenderedTemplate = renderPart(parts, values, refuse, reader);
  const cards = parts.cards ?? [];
  const given = values.cards ?? [];
  if (given.length !== cards.length) refuse("cards", `the template has ${cards.length} card(s), this has ${given.length}`);
  else if (cards.length > 0)
    rendered.cards = cards.map((card, at) => renderPart(card, given[at] ?? {}, refuseIn(`cards.${at}.`), reader));
  const offer = parts.limitedTimeOffer;
  const expiresAt = values.limitedTimeOffer?.expiresAt;
  if (expiresAt !== undefined && !offer?.hasExpiration) refuse("limitedTimeOffer", "the template has no offer that ends");
  if (offer?.hasExpiration && expiresAt === undefined) refuse("limitedTimeOffer", "the template needs the end of its offer");
  if (offer) rendered.limitedTimeOffer = { text: offer.text, ...(expiresAt === undefined ? {} : { expiresAt }) };
  if (details.length > 0) throw fail("template.parameters", { details });
  return rendered;
}

/** Buttons WhatsApp wants something for at every send, and what it is. */
const NEEDED: Readonly<Record<string, string>> = { COPY_CODE: "its code", MPM: "its products" };

function renderPart(parts: Parts, values: PartValues, refuse: Refuse, { fillVariables }: TemplateReader): RenderedPart {
  const header = headerValues(parts, values, refuse);
  const body = bodyValues(parts, values, refuse);
  const isGiven = (index: number) => values.buttons?.some((button) => button.index === index) ?? false;
  for (const { part, index = 0 } of parts.variables)
    if (part === "button" && !isGiven(index)) refuse("buttons", `the button ${index} needs the end of its address`);
  for (const [index, { type }] of parts.buttons.entries())
    if (NEEDED[type] && !isGiven(index)) refuse("buttons", `the button ${index} needs ${NEEDED[type]}`);
  for (const [at, { type, index }] of (values.buttons ?? []).entries())
    if (parts.buttons[index]?.type !== type.toUpperCase())
      refuse(`buttons.${at}.index`, `the template has no ${type} button there`);
  const suffixes = new Map((values.buttons ?? []).map((button) => [button.index, (button as { suffix?: string }).suffix ?? ""]));
  return {
    header: parts.header === undefined ? null : fillVariables(parts.header, header),
    body: fillVariables(parts.body, body),
    footer: parts.footer ?? null,
    buttons: parts.buttons.map(({ type, text, url }, index) => ({
      type,
      ...(text === undefined ? {} : { text }),
      ...(url === undefined ? {} : { url: url.replace(/\{\{[^}]*\}\}/, () => suffixes.get(index) ?? "") }),
    })),
  };
}

type Refuse = (path: string, message: string) => void;

function headerValues(parts: Parts, { header }: PartValues, refuse: Refuse): Record<string, string> {
  const wanted = parts.variables.find(({ part }) => part === "header");
  const format = parts.headerFormat?.toLowerCase();
  if (format === undefined || (format === "text" && !wanted)) {
    if (header) refuse("header", "the template's header takes no value");
    return {};
  }
  if (header?.type !== format) {
    refuse("header", `the template needs a header of type ${format}`);
    return {};
  }
  return wanted && header.value !== undefined ? { [wanted.name]: readable(header.value) } : {};
}

function bodyValues(parts: Parts, { body }: PartValues, refuse: Refuse): Record<string, string> {
  const names = parts.variables.filter(({ part }) => part === "body").map(({ name }) => name);
  if (body !== undefined && !isList(body)) {
    for (const name of names) if (!Object.hasOwn(body, name)) refuse(`body.${name}`, "is missing");
    for (const name of Object.keys(body)) if (!names.includes(name)) refuse(`body.${name}`, "the template has no such variable");
    return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, readable(value)]));
  }
  const given = body ?? [];
  const ordered = [...names].sort((a, b) => Number(a) - Number(b));
  if (given.length !== names.length) refuse("body", `the template takes ${names.length} value(s), this has ${given.length}`);
  else if (names.some((name) => !/^\d+$/.test(name))) refuse("body", `the template takes values by name: ${names.join(", ")}`);
  return Object.fromEntries(ordered.map((name, at) => [name, given[at] === undefined ? "" : readable(given[at])]));
}

const isList = (body: NonNullable<PartValues["body"]>): body is readonly TemplateValue[] => Array.isArray(body);
const readable = (value: TemplateValue): string => (typeof value === "string" ? value : value.fallback);
