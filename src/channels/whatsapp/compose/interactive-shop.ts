/** Interactive messages that show goods: one product, several, the catalogue, a carousel of cards. */
import { compact } from "../json-value";
import type { ComposeOptions } from "./envelope";
import { headerObject, interactive, type ReplyButton, sectionTitle } from "./interactive";
import { count, refuse, required, unique, webAddress } from "./limit";
import type { MediaSource } from "./media";

export function composeProduct({
  catalogId,
  productId,
  body,
  footer,
  ...options
}: ComposeOptions & { catalogId: string; productId: string; body: string; footer?: string }): string {
  const action = {
    catalog_id: required("catalogId", catalogId, 100),
    product_retailer_id: required("productId", productId, 200),
  };
  return interactive("product", { body, footer }, action, options);
}

export interface ProductSection {
  title?: string;
  productIds: readonly string[];
}

const MAX_PRODUCTS = 30;

/** Up to ten sections with 30 products in all. */
export function productSections(path: string, sections: readonly ProductSection[]): object[] {
  count(path, sections, 1, 10);
  const products = sections.flatMap((section) => section.productIds);
  if (products.length > MAX_PRODUCTS) throw refuse(path, `at most ${MAX_PRODUCTS} products in all, this has ${products.length}`);
  return sections.map(({ title, productIds }, index) => {
    count(`${path}.${index}.productIds`, productIds, 1, MAX_PRODUCTS);
    return compact({
      title: sectionTitle(`${path}.${index}.title`, title, sections.length),
      product_items: productIds.map((id, at) => ({
        product_retailer_id: required(`${path}.${index}.productIds.${at}`, id, 200),
      })),
    });
  });
}

export function composeProductList({
  catalogId,
  sections,
  header,
  body,
  footer,
  ...options
}: ComposeOptions & {
  catalogId: string;
  sections: readonly ProductSection[];
  header: string;
  body: string;
  footer?: string;
}): string {
  const action = {
    catalog_id: required("catalogId", catalogId, 100),
    sections: productSections("sections", sections),
  };
  const frame = { header: { type: "text" as const, text: header }, body, footer };
  return interactive("product_list", frame, action, options, { headers: ["text"] });
}

/** The whole catalogue; `thumbnailProductId` chooses the picture. */
export function composeCatalog({
  thumbnailProductId,
  body,
  footer,
  ...options
}: ComposeOptions & { thumbnailProductId?: string; body: string; footer?: string }): string {
  const parameters = thumbnailProductId === undefined ? undefined : { thumbnail_product_retailer_id: thumbnailProductId };
  return interactive("catalog_message", { body, footer }, compact({ name: "catalog_message", parameters }), options);
}

export type CarouselCard =
  | {
      header: { type: "image" | "video" } & MediaSource;
      body?: string;
      /** A web page, or one or two replies. */
      button: { title: string; url: string } | readonly ReplyButton[];
    }
  | { productId: string; catalogId: string };

const MAX_CARD_BODY = 160;
const MAX_CARD_BREAKS = 2;

/** Two to ten cards side by side, all of one kind. */
export function composeCarousel({
  cards,
  body,
  ...options
}: ComposeOptions & { cards: readonly CarouselCard[]; body: string }): string {
  count("cards", cards, 2, 10);
  const kindOf = (item: CarouselCard) =>
    "productId" in item ? "product" : "url" in item.button ? "link" : `${item.button.length} replies`;
  if (cards.some((item) => kindOf(item) !== kindOf(cards[0]!))) throw refuse("cards", "must all be of one kind");
  const ids = cards.flatMap((item) => ("productId" in item || "url" in item.button ? [] : item.button.map(({ id }) => id)));
  unique("cards.button.id", ids, (id) => id);
  // Meta calls cards with media "cta_url" whatever their buttons are.
  const typeOf = (item: CarouselCard) => ("productId" in item ? "product" : "cta_url");
  const action = {
    cards: cards.map((item, index) => ({ card_index: index, type: typeOf(item), ...card(item, `cards.${index}`) })),
  };
  return interactive("carousel", { body }, action, options, { footer: false });
}

function card(item: CarouselCard, path: string): object {
  if ("productId" in item) {
    return {
      action: {
        catalog_id: required(`${path}.catalogId`, item.catalogId, 100),
        product_retailer_id: required(`${path}.productId`, item.productId, 200),
      },
    };
  }
  const { header, body, button } = item;
  if (body !== undefined) {
    required(`${path}.body`, body, MAX_CARD_BODY);
    if (body.split("\n").length - 1 > MAX_CARD_BREAKS) throw refuse(`${path}.body`, `at most ${MAX_CARD_BREAKS} line breaks`);
  }
  return compact({
    header: headerObject(header),
    body: body === undefined ? undefined : { text: body },
    action: cardAction(button, `${path}.button`),
  });
}

function cardAction(button: { title: string; url: string } | readonly ReplyButton[], path: string): object {
  if ("url" in button) {
    const parameters = { display_text: required(`${path}.title`, button.title, 20), url: webAddress(`${path}.url`, button.url) };
    return { name: "cta_url", parameters };
  }
  count(path, button, 1, 2);
  return {
    buttons: button.map(({ id, title }, at) => ({
      type: "quick_reply",
      quick_reply: { id: required(`${path}.${at}.id`, id, 256), title: required(`${path}.${at}.title`, title, 20) },
    })),
  };
}
