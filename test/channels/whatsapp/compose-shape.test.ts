/** What the builders write, against Meta's shapes. */
import { describe, expect, test } from "bun:test";
import {
  composeAddressRequest,
  composeButtons,
  composeCallPermissionRequest,
  composeCarousel,
  composeCatalog,
  composeContactInfoRequest,
  composeContacts,
  composeFlow,
  composeLinkButton,
  composeList,
  composeLocation,
  composeLocationRequest,
  composeMedia,
  composeProduct,
  composeProductList,
  composeReaction,
  composeVoiceCall,
} from "../../../src/channels/whatsapp/compose";
import { frame, parsed, to } from "./compose-case";

describe("shapes", () => {
  const link = "https://tienda.example/a.jpg";
  const product = (id: string) => ({ product_retailer_id: id });
  const interactive = (content: object) => ({ ...frame, type: "interactive", interactive: content });
  const body = "¿Cuál?";

  const table: [string, () => string, object][] = [
    [
      "image by link",
      () => composeMedia({ ...to, media: { type: "image", link, caption: "así" } }),
      { ...frame, type: "image", image: { link, caption: "así" } },
    ],
    [
      "document by id",
      () => composeMedia({ ...to, media: { type: "document", id: "77", filename: "a.pdf" } }),
      { ...frame, type: "document", document: { id: "77", filename: "a.pdf" } },
    ],
    [
      "voice note",
      () => composeMedia({ ...to, media: { type: "audio", id: "77", voice: true } }),
      { ...frame, type: "audio", audio: { id: "77", voice: true } },
    ],
    [
      "sticker",
      () => composeMedia({ ...to, media: { type: "sticker", id: "77" } }),
      { ...frame, type: "sticker", sticker: { id: "77" } },
    ],
    [
      "location",
      () => composeLocation({ ...to, place: { latitude: -12, longitude: -77, name: "Tienda" } }),
      { ...frame, type: "location", location: { latitude: -12, longitude: -77, name: "Tienda" } },
    ],
    [
      "contacts",
      () =>
        composeContacts({
          ...to,
          contacts: [{ formattedName: "Ventas", phones: [{ phone: "+511234", waId: "511234", type: "WORK" }] }],
        }),
      {
        ...frame,
        type: "contacts",
        contacts: [
          {
            name: { formatted_name: "Ventas", first_name: "Ventas" },
            phones: [{ phone: "+511234", wa_id: "511234", type: "WORK" }],
          },
        ],
      },
    ],
    [
      "reaction",
      () => composeReaction({ ...to, messageId: "wamid.A", emoji: "👍🏽" }),
      { ...frame, type: "reaction", reaction: { message_id: "wamid.A", emoji: "👍🏽" } },
    ],
    [
      "reaction taken back",
      () => composeReaction({ ...to, messageId: "wamid.A", emoji: "" }),
      { ...frame, type: "reaction", reaction: { message_id: "wamid.A", emoji: "" } },
    ],
    [
      "buttons",
      () => composeButtons({ ...to, body, footer: "pie", header: { type: "image", link }, buttons: [{ id: "a", title: "A" }] }),
      interactive({
        type: "button",
        header: { type: "image", image: { link } },
        body: { text: body },
        footer: { text: "pie" },
        action: { buttons: [{ type: "reply", reply: { id: "a", title: "A" } }] },
      }),
    ],
    [
      "list",
      () =>
        composeList({
          ...to,
          body,
          button: "Ver",
          header: { type: "text", text: "Menú" },
          sections: [
            { title: "Uno", rows: [{ id: "1", title: "Primero", description: "d" }] },
            { title: "Dos", rows: [{ id: "2", title: "Segundo" }] },
          ],
        }),
      interactive({
        type: "list",
        header: { type: "text", text: "Menú" },
        body: { text: body },
        action: {
          button: "Ver",
          sections: [
            { title: "Uno", rows: [{ id: "1", title: "Primero", description: "d" }] },
            { title: "Dos", rows: [{ id: "2", title: "Segundo" }] },
          ],
        },
      }),
    ],
    [
      "link button",
      () => composeLinkButton({ ...to, body, title: "Abrir", url: link }),
      interactive({
        type: "cta_url",
        body: { text: body },
        action: { name: "cta_url", parameters: { display_text: "Abrir", url: link } },
      }),
    ],
    [
      "flow",
      () =>
        composeFlow({ ...to, body, flow: { flowId: "9", title: "Reservar", flowToken: "t", screen: "INICIO", data: { a: 1 } } }),
      interactive({
        type: "flow",
        body: { text: body },
        action: {
          name: "flow",
          parameters: {
            flow_message_version: "3",
            flow_id: "9",
            flow_cta: "Reservar",
            flow_token: "t",
            flow_action: "navigate",
            flow_action_payload: { screen: "INICIO", data: { a: 1 } },
          },
        },
      }),
    ],
    [
      "location request",
      () => composeLocationRequest({ ...to, body }),
      interactive({ type: "location_request_message", body: { text: body }, action: { name: "send_location" } }),
    ],
    [
      "phone number request",
      () => composeContactInfoRequest({ ...to, body }),
      interactive({ type: "request_contact_info", body: { text: body }, action: { name: "request_contact_info" } }),
    ],
    [
      "address",
      () => composeAddressRequest({ ...to, body, form: { country: "SG", values: { name: "A" } } }),
      interactive({
        type: "address_message",
        body: { text: body },
        action: { name: "address_message", parameters: { country: "SG", values: { name: "A" } } },
      }),
    ],
    [
      "product",
      () => composeProduct({ ...to, body, catalogId: "7", productId: "Z" }),
      interactive({ type: "product", body: { text: body }, action: { catalog_id: "7", product_retailer_id: "Z" } }),
    ],
    [
      "product list",
      () => composeProductList({ ...to, header: "Todo", body, catalogId: "7", sections: [{ productIds: ["Z", "Y"] }] }),
      interactive({
        type: "product_list",
        header: { type: "text", text: "Todo" },
        body: { text: body },
        action: { catalog_id: "7", sections: [{ product_items: [product("Z"), product("Y")] }] },
      }),
    ],
    [
      "catalogue",
      () => composeCatalog({ ...to, body, thumbnailProductId: "Z" }),
      interactive({
        type: "catalog_message",
        body: { text: body },
        action: { name: "catalog_message", parameters: { thumbnail_product_retailer_id: "Z" } },
      }),
    ],
    [
      "carousel",
      () =>
        composeCarousel({
          ...to,
          body,
          cards: [
            { header: { type: "image", link }, body: "uno", button: { title: "Ver", url: link } },
            { header: { type: "image", id: "5" }, button: { title: "Ver", url: link } },
          ],
        }),
      interactive({
        type: "carousel",
        body: { text: body },
        action: {
          cards: [
            {
              card_index: 0,
              type: "cta_url",
              header: { type: "image", image: { link } },
              body: { text: "uno" },
              action: { name: "cta_url", parameters: { display_text: "Ver", url: link } },
            },
            {
              card_index: 1,
              type: "cta_url",
              header: { type: "image", image: { id: "5" } },
              action: { name: "cta_url", parameters: { display_text: "Ver", url: link } },
            },
          ],
        },
      }),
    ],
    [
      "permission to call",
      () => composeCallPermissionRequest({ ...to, body }),
      interactive({ type: "call_permission_request", body: { text: body }, action: { name: "call_permission_request" } }),
    ],
    [
      "call button",
      () => composeVoiceCall({ ...to, body, title: "Llamar", ttlMinutes: 60, payload: "p1" }),
      interactive({
        type: "voice_call",
        body: { text: body },
        action: { name: "voice_call", parameters: { display_text: "Llamar", ttl_minutes: 60, payload: "p1" } },
      }),
    ],
    [
      "call button as WhatsApp has it",
      () => composeVoiceCall({ ...to, body }),
      interactive({ type: "voice_call", body: { text: body }, action: { name: "voice_call" } }),
    ],
  ];
  test.each(table)("%s", (_, build, expected) => {
    expect(parsed(build())).toEqual(expected);
  });
});
