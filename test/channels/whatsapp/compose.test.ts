/** What the builders write, against Meta's shapes, and what they refuse, against Meta's limits. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type ComposeOptions,
  composeAddressRequest,
  composeButtons,
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
  composeRead,
  composeTemplate,
  composeText,
  splitText,
} from "../../../src/channels/whatsapp/compose";
import { AppError } from "../../../src/core/errors";

const to: ComposeOptions = { to: { waId: "51911222333" } };
const frame = { messaging_product: "whatsapp", recipient_type: "individual", to: "+51911222333" };
const x = (length: number) => "x".repeat(length);
const parsed = (json: string): unknown => JSON.parse(json);

function refusal(build: () => string): string {
  try {
    build();
  } catch (error) {
    if (error instanceof AppError)
      return error.code === "compose.limit" ? (error.details?.[0]?.path ?? error.message) : error.code;
    throw error;
  }
  return "accepted";
}

describe("address", () => {
  const addressOf = (json: string) => {
    const { to: number, recipient } = parsed(json) as { to?: string; recipient?: string };
    return { to: number, recipient };
  };
  test.each([
    ["5215512345678", "+525512345678"],
    ["525512345678", "+525512345678"],
    ["5491123456789", "+541123456789"],
    ["551187654321", "+551187654321"],
    ["+51 911 222-333", "+51911222333"],
  ])("the number %s is written to as %s", (waId, number) => {
    expect(addressOf(composeText({ to: { waId }, text: "hola" }))).toEqual({ to: number, recipient: undefined });
  });

  test("a customer without a number is written to by user id, never by both", () => {
    expect(addressOf(composeText({ to: { userId: "PE.1" }, text: "hola" }))).toEqual({ to: undefined, recipient: "PE.1" });
    expect(addressOf(composeText({ to: { waId: "51911222333", userId: "PE.1" }, text: "hola" }))).toEqual({
      to: "+51911222333",
      recipient: undefined,
    });
    expect(refusal(() => composeText({ to: {}, text: "hola" }))).toContain("neither");
    expect(refusal(() => composeText({ to: { waId: "abc" }, text: "hola" }))).toContain("no digits");
  });
});

describe("text", () => {
  test("plain, quoting, with our id", () => {
    expect(parsed(composeText({ ...to, text: "hola" }))).toEqual({ ...frame, type: "text", text: { body: "hola" } });
    expect(parsed(composeText({ ...to, text: "hola", replyTo: "wamid.A", callbackData: "id-1" }))).toEqual({
      ...frame,
      type: "text",
      text: { body: "hola" },
      context: { message_id: "wamid.A" },
      biz_opaque_callback_data: "id-1",
    });
  });

  test("a preview is asked for only with a link", () => {
    const preview = (text: string) =>
      (parsed(composeText({ ...to, text })) as { text: { preview_url?: boolean } }).text.preview_url;
    expect(preview("mira https://tienda.example/42")).toBe(true);
    expect(preview("mira tienda.example")).toBeUndefined();
  });

  test("limits", () => {
    expect(refusal(() => composeText({ ...to, text: x(4096) }))).toBe("accepted");
    expect(refusal(() => composeText({ ...to, text: x(4097) }))).toBe("message.too-long");
    expect(refusal(() => composeText({ ...to, text: " \n" }))).toBe("message.empty");
    expect(refusal(() => composeText({ ...to, text: "a", callbackData: x(513) }))).toBe("callbackData");
  });
});

describe("splitText", () => {
  test("cuts after paragraphs, lines, sentences, words, in this order of liking", () => {
    expect(splitText("uno dos.\n\ntres cuatro", 14)).toEqual(["uno dos.", "tres cuatro"]);
    expect(splitText("uno dos\ntres cuatro", 14)).toEqual(["uno dos", "tres cuatro"]);
    expect(splitText("Uno dos. Tres cuatro", 14)).toEqual(["Uno dos.", "Tres cuatro"]);
    expect(splitText("uno dos tres cuatro", 14)).toEqual(["uno dos tres", "cuatro"]);
    expect(splitText("corto", 14)).toEqual(["corto"]);
    expect(splitText("  \n ", 14)).toEqual([]);
  });

  test("an early boundary is passed over for a fuller part", () => {
    expect(splitText(`a.\n\n${"palabra ".repeat(10)}`, 40)[0]?.length).toBeGreaterThan(20);
  });

  test("joined emoji are not torn apart", () => {
    const family = "👨‍👩‍👧‍👦";
    const parts = splitText(family.repeat(30), 100);
    for (const part of parts) expect(part.replaceAll(family, "")).toBe("");
    expect(parts.join("")).toBe(family.repeat(30));
  });

  test("for any text: parts fit, none is empty, nothing but blanks at the cuts is lost, no surrogate pair is split", () => {
    const any = fc.oneof(fc.string({ maxLength: 400, unit: "grapheme" }), fc.string({ maxLength: 400, unit: "binary" }));
    const words = fc.array(fc.constantFrom("hola", "qué", "tal.", "\n", "\n\n", "👨‍👩‍👧‍👦", "e\u0301\u0301\u0301", "1,000.5"), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          any,
          words.map((list) => list.join(" ")),
        ),
        fc.integer({ min: 4, max: 80 }),
        (text, limit) => {
          const parts = splitText(text, limit);
          for (const part of parts) {
            expect(part.length).toBeLessThanOrEqual(limit);
            expect(part.trim()).not.toBe("");
            if (text.isWellFormed()) expect(part.isWellFormed()).toBe(true);
          }
          expect(parts.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

test("read receipt, with and without typing", () => {
  expect(parsed(composeRead("wamid.A", { typing: false }))).toEqual({
    messaging_product: "whatsapp",
    status: "read",
    message_id: "wamid.A",
  });
  expect(parsed(composeRead("wamid.A", { typing: true }))).toMatchObject({ typing_indicator: { type: "text" } });
});

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
});

describe("limits", () => {
  const body = "¿?";
  const button = (n: number, title = `t${n}`) => ({ id: `b${n}`, title });
  const many = <T>(length: number, make: (index: number) => T): T[] => Array.from({ length }, (_, index) => make(index));
  const rows = (n: number, from = 0) => many(n, (index) => ({ id: `r${from + index}`, title: `r${index}` }));
  const list = (sections: Parameters<typeof composeList>[0]["sections"], extra: object = {}) =>
    composeList({ ...to, body, button: "Ver", sections, ...extra });
  const link = "https://a.example";
  const card = { header: { type: "image" as const, link }, button: { title: "Ver", url: link } };
  const template = (extra: object) => composeTemplate({ ...to, template: { name: "t", language: "es", ...extra } });

  const table: [string, () => string, string][] = [
    ["caption 1024", () => composeMedia({ ...to, media: { type: "image", id: "1", caption: x(1024) } }), "accepted"],
    ["caption 1025", () => composeMedia({ ...to, media: { type: "image", id: "1", caption: x(1025) } }), "image.caption"],
    ["media without source", () => composeMedia({ ...to, media: { type: "image" } }), "image"],
    ["media with both sources", () => composeMedia({ ...to, media: { type: "image", id: "1", link } }), "image"],
    [
      "media link of another scheme",
      () => composeMedia({ ...to, media: { type: "image", link: "file:///etc/passwd" } }),
      "image.link",
    ],
    ["latitude", () => composeLocation({ ...to, place: { latitude: 91, longitude: 0 } }), "location.latitude"],
    ["longitude", () => composeLocation({ ...to, place: { latitude: 0, longitude: Number.NaN } }), "location.longitude"],
    ["no contacts", () => composeContacts({ ...to, contacts: [] }), "contacts"],
    ["258 contacts", () => composeContacts({ ...to, contacts: many(258, () => ({ formattedName: "A" })) }), "contacts"],
    [
      "contact without name",
      () => composeContacts({ ...to, contacts: [{ formattedName: " " }] }),
      "contacts.0.name.formatted_name",
    ],
    ["two emoji", () => composeReaction({ ...to, messageId: "w", emoji: "👍👍" }), "reaction.emoji"],
    ["3 buttons", () => composeButtons({ ...to, body, buttons: many(3, button) }), "accepted"],
    ["4 buttons", () => composeButtons({ ...to, body, buttons: many(4, button) }), "buttons"],
    ["no button", () => composeButtons({ ...to, body, buttons: [] }), "buttons"],
    ["button title 20", () => composeButtons({ ...to, body, buttons: [button(1, x(20))] }), "accepted"],
    ["button title 21", () => composeButtons({ ...to, body, buttons: [button(1, x(21))] }), "buttons.0.title"],
    ["button id 257", () => composeButtons({ ...to, body, buttons: [{ id: x(257), title: "a" }] }), "buttons.0.id"],
    ["same button id", () => composeButtons({ ...to, body, buttons: [button(1), { ...button(2), id: "b1" }] }), "buttons.id"],
    ["same button title", () => composeButtons({ ...to, body, buttons: [button(1, "a"), button(2, "a")] }), "buttons.title"],
    ["button body 1025", () => composeButtons({ ...to, body: x(1025), buttons: [button(1)] }), "body"],
    ["empty body", () => composeButtons({ ...to, body: "", buttons: [button(1)] }), "body"],
    ["footer 61", () => composeButtons({ ...to, body, footer: x(61), buttons: [button(1)] }), "footer"],
    [
      "header 61",
      () => composeButtons({ ...to, body, header: { type: "text", text: x(61) }, buttons: [button(1)] }),
      "header.text",
    ],
    ["10 rows", () => list([{ rows: rows(10) }]), "accepted"],
    [
      "11 rows over two sections",
      () =>
        list([
          { title: "a", rows: rows(6) },
          { title: "b", rows: rows(5, 6) },
        ]),
      "sections",
    ],
    ["list body 4096", () => list([{ rows: rows(1) }], { body: x(4096) }), "accepted"],
    ["list with image header", () => list([{ rows: rows(1) }], { header: { type: "image", id: "1" } }), "header"],
    ["two sections without titles", () => list([{ rows: rows(1) }, { rows: rows(1, 1) }]), "sections.0.title"],
    ["section title 25", () => list([{ title: x(25), rows: rows(1) }]), "sections.0.title"],
    ["row title 25", () => list([{ rows: [{ id: "a", title: x(25) }] }]), "sections.0.rows.0.title"],
    ["row id 201", () => list([{ rows: [{ id: x(201), title: "a" }] }]), "sections.0.rows.0.id"],
    [
      "row description 73",
      () => list([{ rows: [{ id: "a", title: "a", description: x(73) }] }]),
      "sections.0.rows.0.description",
    ],
    ["same row id", () => list([{ rows: [...rows(1), ...rows(1)] }]), "rows.id"],
    ["list button 21", () => list([{ rows: rows(1) }], { button: x(21) }), "button"],
    ["empty section", () => list([{ rows: [] }]), "sections.0.rows"],
    ["link button title 21", () => composeLinkButton({ ...to, body, title: x(21), url: link }), "title"],
    ["link button without scheme", () => composeLinkButton({ ...to, body, title: "a", url: "a.example" }), "url"],
    ["flow without id and name", () => composeFlow({ ...to, body, flow: { title: "a" } }), "flow"],
    [
      "flow with empty data",
      () => composeFlow({ ...to, body, flow: { flowId: "1", title: "a", screen: "S", data: {} } }),
      "flow.data",
    ],
    ["address elsewhere", () => composeAddressRequest({ ...to, body, form: { country: "PE" as "SG" } }), "form.country"],
    [
      "31 products",
      () => composeProductList({ ...to, header: "a", body, catalogId: "1", sections: [{ productIds: many(31, String) }] }),
      "sections",
    ],
    ["one card", () => composeCarousel({ ...to, body, cards: [card] }), "cards"],
    ["11 cards", () => composeCarousel({ ...to, body, cards: many(11, () => card) }), "cards"],
    ["card body 161", () => composeCarousel({ ...to, body, cards: [card, { ...card, body: x(161) }] }), "cards.1.body"],
    [
      "card with three breaks",
      () => composeCarousel({ ...to, body, cards: [card, { ...card, body: "a\nb\nc\nd" }] }),
      "cards.1.body",
    ],
    ["cards of two kinds", () => composeCarousel({ ...to, body, cards: [card, { productId: "Z", catalogId: "1" }] }), "cards"],
    ["template name", () => template({ name: "Oferta 1" }), "template.name"],
    ["line break in a value", () => template({ body: ["a\nb"] }), "template.body.0"],
    ["five blanks in a value", () => template({ body: ["a     b"] }), "template.body.0"],
    ["four blanks in a value", () => template({ body: ["a    b"] }), "accepted"],
    ["empty value", () => template({ body: [""] }), "template.body.0"],
    [
      "payload 129",
      () => template({ buttons: [{ type: "quick_reply", index: 0, payload: x(129) }] }),
      "template.buttons.0.payload",
    ],
    ["code 21", () => template({ buttons: [{ type: "copy_code", index: 0, code: x(21) }] }), "template.buttons.0.code"],
    [
      "button index 10",
      () => template({ buttons: [{ type: "quick_reply", index: 10, payload: "a" }] }),
      "template.buttons.0.index",
    ],
  ];
  test.each(table)("%s", (_, build, expected) => {
    expect(refusal(build)).toBe(expected);
  });
});
