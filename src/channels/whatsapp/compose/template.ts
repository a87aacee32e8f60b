/** Template messages: the only kind outside the 24-hour window. Parameters positional or named, media headers, buttons, carousels. */
import { compact } from "../json-value";
import { type ComposeOptions, envelope } from "./envelope";
import { type ProductSection, productSections } from "./interactive-shop";
import { atMost, count, refuse, required } from "./limit";
import { type MediaSource, mediaSource } from "./media";

/** A value for a placeholder. */
export type TemplateValue =
  | string
  | { type: "currency"; code: string; amount1000: number; fallback: string }
  | { type: "date_time"; fallback: string };

export type TemplateHeader =
  | { type: "text"; value: TemplateValue; name?: string }
  | ({ type: "image" | "video" } & MediaSource)
  | ({ type: "document"; filename?: string } & MediaSource)
  | { type: "location"; latitude: number; longitude: number; name?: string; address?: string }
  /** On the cards of a carousel with products. */
  | { type: "product"; productId: string; catalogId: string };

export type TemplateButton =
  | { type: "quick_reply"; index: number; payload: string }
  /** What takes the place of the placeholder at the end of the button's address. */
  | { type: "url"; index: number; suffix: string }
  | { type: "copy_code"; index: number; code: string }
  | { type: "flow"; index: number; flowToken?: string; data?: Record<string, unknown> }
  | { type: "catalog"; index: number; thumbnailProductId?: string }
  /** Several products behind one button. */
  | { type: "mpm"; index: number; thumbnailProductId?: string; sections: readonly ProductSection[] };

interface TemplateParts {
  header?: TemplateHeader;
  /** In the order of `{{1}}`, `{{2}}` ... or by name. */
  body?: readonly TemplateValue[] | Readonly<Record<string, TemplateValue>>;
  buttons?: readonly TemplateButton[];
}

export interface TemplateCall extends TemplateParts {
  name: string;
  /** Such as es or pt_BR. */
  language: string;
  limitedTimeOffer?: { expiresAt: string };
  /** The parts of each card of a carousel template. */
  cards?: readonly TemplateParts[];
}

const NAME = /^[a-z0-9_]{1,512}$/;

export function composeTemplate({ template, ...options }: ComposeOptions & { template: TemplateCall }): string {
  const { name, language, cards, limitedTimeOffer, ...parts } = template;
  if (!NAME.test(name)) throw refuse("template.name", "must be lower-case letters, digits and underscores");
  required("template.language", language, 15);
  const list = components(parts, "template");
  if (limitedTimeOffer) {
    const expiration_time_ms = Date.parse(limitedTimeOffer.expiresAt);
    if (Number.isNaN(expiration_time_ms)) throw refuse("template.limitedTimeOffer.expiresAt", "must be a time");
    const parameters = [{ type: "limited_time_offer", limited_time_offer: { expiration_time_ms } }];
    list.push({ type: "limited_time_offer", parameters });
  }
  if (cards) {
    count("template.cards", cards, 1, 10);
    list.push({
      type: "carousel",
      cards: cards.map((part, index) => ({ card_index: index, components: components(part, `template.cards.${index}`) })),
    });
  }
  const content = { name, language: { code: language }, components: list.length > 0 ? list : undefined };
  return envelope("template", compact(content), options);
}

function components({ header, body, buttons = [] }: TemplateParts, path: string): object[] {
  const list: object[] = [];
  if (header) list.push({ type: "header", parameters: [headerParameter(header, `${path}.header`)] });
  const values = bodyParameters(body, `${path}.body`);
  if (values.length > 0) list.push({ type: "body", parameters: values });
  count(`${path}.buttons`, buttons, 0, 10);
  for (const [at, button] of buttons.entries()) list.push(buttonComponent(button, `${path}.buttons.${at}`));
  return list;
}

function headerParameter(header: TemplateHeader, path: string): object {
  switch (header.type) {
    case "text":
      return parameter(header.value, path, header.name);
    case "location": {
      const { type, ...location } = header;
      return { type, location: compact(location) };
    }
    case "product":
      return {
        type: header.type,
        product: {
          product_retailer_id: required(`${path}.productId`, header.productId, 200),
          catalog_id: required(`${path}.catalogId`, header.catalogId, 100),
        },
      };
    case "document":
      return { type: header.type, document: compact({ ...mediaSource(path, header), filename: header.filename }) };
    default:
      return { type: header.type, [header.type]: mediaSource(path, header) };
  }
}

function bodyParameters(body: TemplateParts["body"], path: string): object[] {
  if (body === undefined) return [];
  if (isList(body)) return body.map((value, at) => parameter(value, `${path}.${at}`));
  return Object.entries(body).map(([name, value]) => parameter(value, `${path}.${name}`, name));
}

const isList = (body: NonNullable<TemplateParts["body"]>): body is readonly TemplateValue[] => Array.isArray(body);

/** Meta refuses breaks, tabs and long runs of blanks inside a value (132018). */
const FORBIDDEN = /[\n\r\t]| {5,}/;

function parameter(value: TemplateValue, path: string, name?: string): object {
  const named = name === undefined ? {} : { parameter_name: name };
  if (typeof value === "string") {
    required(path, value, 1024);
    if (FORBIDDEN.test(value)) throw refuse(path, "must not contain line breaks, tabs or more than four blanks in a row");
    return { type: "text", ...named, text: value };
  }
  const fallback_value = required(path, value.fallback, 1024);
  if (value.type === "date_time") return { type: "date_time", ...named, date_time: { fallback_value } };
  return { type: "currency", ...named, currency: { fallback_value, code: value.code, amount_1000: value.amount1000 } };
}

function buttonComponent(button: TemplateButton, path: string): object {
  const { type, index } = button;
  if (!Number.isInteger(index) || index < 0 || index > 9) throw refuse(`${path}.index`, "must be between 0 and 9");
  const parameters = [buttonParameter(button, path)];
  return { type: "button", sub_type: type, index: String(index), parameters };
}

function buttonParameter(button: TemplateButton, path: string): object {
  switch (button.type) {
    case "quick_reply":
      return { type: "payload", payload: required(`${path}.payload`, button.payload, 128) };
    case "url":
      return { type: "text", text: required(`${path}.suffix`, button.suffix, 2000) };
    case "copy_code":
      return { type: "coupon_code", coupon_code: required(`${path}.code`, button.code, 20) };
    case "flow":
      return { type: "action", action: compact({ flow_token: button.flowToken, flow_action_data: button.data }) };
    case "catalog": {
      const id = button.thumbnailProductId;
      if (id !== undefined) atMost(`${path}.thumbnailProductId`, id, 200);
      return { type: "action", action: compact({ thumbnail_product_retailer_id: id }) };
    }
    case "mpm": {
      const { thumbnailProductId: id, sections } = button;
      if (id !== undefined) atMost(`${path}.thumbnailProductId`, id, 200);
      const action = { thumbnail_product_retailer_id: id, sections: productSections(`${path}.sections`, sections) };
      return { type: "action", action: compact(action) };
    }
  }
}
