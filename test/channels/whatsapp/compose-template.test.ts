/** What the builder of templates writes, against Meta's shapes. */
import { expect, test } from "bun:test";
import { composeTemplate } from "../../../src/channels/whatsapp/compose";
import { frame, parsed, to } from "./compose-case";

const link = "https://tienda.example/a.jpg";
const product = (id: string) => ({ product_retailer_id: id });

const table: [string, () => string, object][] = [
  [
    "template with positional values, media header and buttons",
    () =>
      composeTemplate({
        ...to,
        template: {
          name: "oferta_1",
          language: "es",
          header: { type: "image", link },
          body: ["Rosa", { type: "currency", code: "PEN", amount1000: 99_900, fallback: "S/ 99.90" }],
          buttons: [
            { type: "quick_reply", index: 0, payload: "si" },
            { type: "url", index: 1, suffix: "1042" },
            { type: "copy_code", index: 2, code: "INVIERNO" },
          ],
        },
      }),
    {
      ...frame,
      type: "template",
      template: {
        name: "oferta_1",
        language: { code: "es" },
        components: [
          { type: "header", parameters: [{ type: "image", image: { link } }] },
          {
            type: "body",
            parameters: [
              { type: "text", text: "Rosa" },
              { type: "currency", currency: { fallback_value: "S/ 99.90", code: "PEN", amount_1000: 99_900 } },
            ],
          },
          { type: "button", sub_type: "quick_reply", index: "0", parameters: [{ type: "payload", payload: "si" }] },
          { type: "button", sub_type: "url", index: "1", parameters: [{ type: "text", text: "1042" }] },
          { type: "button", sub_type: "copy_code", index: "2", parameters: [{ type: "coupon_code", coupon_code: "INVIERNO" }] },
        ],
      },
    },
  ],
  [
    "template with named values",
    () => composeTemplate({ ...to, template: { name: "t", language: "es", body: { first_name: "Ana", order: "7" } } }),
    {
      ...frame,
      type: "template",
      template: {
        name: "t",
        language: { code: "es" },
        components: [
          {
            type: "body",
            parameters: [
              { type: "text", parameter_name: "first_name", text: "Ana" },
              { type: "text", parameter_name: "order", text: "7" },
            ],
          },
        ],
      },
    },
  ],
  [
    "template with an offer that ends and several products",
    () =>
      composeTemplate({
        ...to,
        template: {
          name: "t",
          language: "es",
          limitedTimeOffer: { expiresAt: "2026-12-01T00:00:00Z" },
          buttons: [{ type: "mpm", index: 0, thumbnailProductId: "Z", sections: [{ title: "Todo", productIds: ["Z"] }] }],
        },
      }),
    {
      ...frame,
      type: "template",
      template: {
        name: "t",
        language: { code: "es" },
        components: [
          {
            type: "button",
            sub_type: "mpm",
            index: "0",
            parameters: [
              {
                type: "action",
                action: {
                  thumbnail_product_retailer_id: "Z",
                  sections: [{ title: "Todo", product_items: [product("Z")] }],
                },
              },
            ],
          },
          {
            type: "limited_time_offer",
            parameters: [{ type: "limited_time_offer", limited_time_offer: { expiration_time_ms: 1_796_083_200_000 } }],
          },
        ],
      },
    },
  ],
  [
    "template carousel of products",
    () =>
      composeTemplate({
        ...to,
        template: { name: "t", language: "es", cards: [{ header: { type: "product", productId: "Z", catalogId: "7" } }] },
      }),
    {
      ...frame,
      type: "template",
      template: {
        name: "t",
        language: { code: "es" },
        components: [
          {
            type: "carousel",
            cards: [
              {
                card_index: 0,
                components: [
                  {
                    type: "header",
                    parameters: [{ type: "product", product: { product_retailer_id: "Z", catalog_id: "7" } }],
                  },
                ],
              },
            ],
          },
        ],
      },
    },
  ],
  [
    "template without values",
    () => composeTemplate({ ...to, template: { name: "t", language: "pt_BR" } }),
    { ...frame, type: "template", template: { name: "t", language: { code: "pt_BR" } } },
  ],
  [
    "template carousel",
    () =>
      composeTemplate({
        ...to,
        template: { name: "t", language: "es", body: ["a"], cards: [{ header: { type: "image", id: "5" } }] },
      }),
    {
      ...frame,
      type: "template",
      template: {
        name: "t",
        language: { code: "es" },
        components: [
          { type: "body", parameters: [{ type: "text", text: "a" }] },
          {
            type: "carousel",
            cards: [{ card_index: 0, components: [{ type: "header", parameters: [{ type: "image", image: { id: "5" } }] }] }],
          },
        ],
      },
    },
  ],
];

test.each(table)("%s", (_, build, expected) => {
  expect(parsed(build())).toEqual(expected);
});
