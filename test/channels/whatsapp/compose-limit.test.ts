/** What the builders refuse, against Meta's limits, by the field they name. */
import { describe, expect, test } from "bun:test";
import {
  composeAddressRequest,
  composeButtons,
  composeCallPermissionRequest,
  composeCarousel,
  composeContacts,
  composeFlow,
  composeLinkButton,
  composeList,
  composeLocation,
  composeMedia,
  composeProductList,
  composeReaction,
  composeTemplate,
  composeVoiceCall,
} from "../../../src/channels/whatsapp/compose";
import { refusal, to, x } from "./compose-case";

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
    ["call button title 21", () => composeVoiceCall({ ...to, body, title: x(21) }), "title"],
    ["call button for longer than 30 days", () => composeVoiceCall({ ...to, body, ttlMinutes: 43_201 }), "ttlMinutes"],
    ["call button payload 513", () => composeVoiceCall({ ...to, body, payload: x(513) }), "payload"],
    ["call permission without words", () => composeCallPermissionRequest({ ...to, body: "" }), "body"],
    [
      "an offer that ends at no time",
      () => template({ limitedTimeOffer: { expiresAt: "soon" } }),
      "template.limitedTimeOffer.expiresAt",
    ],
    [
      "31 products behind a button",
      () => template({ buttons: [{ type: "mpm", index: 0, sections: [{ productIds: many(31, String) }] }] }),
      "template.buttons.0.sections",
    ],
    [
      "card of a product without catalogue",
      () => template({ cards: [{ header: { type: "product", productId: "Z", catalogId: "" } }] }),
      "template.cards.0.header.catalogId",
    ],
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
