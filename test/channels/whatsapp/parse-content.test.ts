/** What customers write, show and share: every fixture of those kinds against what WhatsApp's shape means, written from the reference. */
import { expect, test } from "bun:test";
import { type ContentCase, expectContent, file, only, url } from "./message-fixture";

const contents: ContentCase[] = [
  ["text-type-missing", { type: "text", text: "sin tipo", payload: { body: "sin tipo" }, attachments: [] }, true],
  ["text-null", { type: "text", text: "", payload: { body: "" }, attachments: [] }, false],
  [
    "text-control-characters",
    {
      type: "text",
      text: "a\uFFFDb \u202emirror\u202c 😀 \uFFFD",
      payload: { body: "a\uFFFDb \u202emirror\u202c 😀 \uFFFD" },
      attachments: [],
    },
    true,
  ],
  [
    "image-with-caption",
    {
      type: "image",
      text: "así llegó",
      payload: { caption: "así llegó" },
      attachments: [{ type: "image", ...file, url, mimeType: "image/jpeg", caption: "así llegó" }],
    },
    true,
  ],
  [
    "image-without-url",
    { type: "image", text: "", payload: {}, attachments: [{ type: "image", ...file, mimeType: "image/png" }] },
    true,
  ],
  ["image-too-large", { type: "image", text: "", payload: {}, attachments: [{ type: "image", mimeType: "image/jpeg" }] }, true],
  [
    "video",
    {
      type: "video",
      text: "mira el ruido",
      payload: { caption: "mira el ruido" },
      attachments: [{ type: "video", ...file, url, mimeType: "video/mp4", caption: "mira el ruido" }],
    },
    true,
  ],
  [
    "audio-voice-note",
    {
      type: "audio",
      text: "",
      payload: { voice: true },
      attachments: [{ type: "audio", ...file, url, mimeType: "audio/ogg; codecs=opus", voice: true }],
    },
    true,
  ],
  [
    "audio-file",
    {
      type: "audio",
      text: "",
      payload: { voice: false },
      attachments: [{ type: "audio", ...file, mimeType: "audio/mpeg", voice: false }],
    },
    true,
  ],
  [
    "document",
    {
      type: "document",
      text: "mi comprobante",
      payload: { caption: "mi comprobante", filename: "yape.pdf" },
      attachments: [
        { type: "document", ...file, url, mimeType: "application/pdf", filename: "yape.pdf", caption: "mi comprobante" },
      ],
    },
    true,
  ],
  [
    "document-without-caption",
    {
      type: "document",
      text: "planos.dwg",
      payload: { filename: "planos.dwg" },
      attachments: [{ type: "document", ...file, mimeType: "application/octet-stream", filename: "planos.dwg" }],
    },
    true,
  ],
  [
    "sticker-animated",
    {
      type: "sticker",
      text: "",
      payload: { animated: true },
      attachments: [{ type: "sticker", ...file, url, mimeType: "image/webp", animated: true }],
    },
    true,
  ],
  [
    "location-named",
    {
      type: "location",
      text: "Plaza Mayor, Jirón de la Unión, Lima",
      payload: {
        latitude: -12.0464,
        longitude: -77.0428,
        name: "Plaza Mayor",
        address: "Jirón de la Unión, Lima",
        url: "https://lima.example",
      },
      attachments: [],
    },
    true,
  ],
  [
    "location-bare-as-text",
    { type: "location", text: "-12.05, -77.04", payload: { latitude: -12.05, longitude: -77.04 }, attachments: [] },
    true,
  ],
  [
    "contacts-answer-to-request",
    {
      type: "contacts",
      text: "Luna T., +52 55 1234 5678",
      payload: {
        contacts: [
          {
            formattedName: "Luna T.",
            phones: [{ phone: "+52 55 1234 5678", waId: "5215512345678", type: "MOBILE" }],
            emails: [],
            addresses: [],
            urls: [],
            origin: "contact_request",
          },
        ],
      },
      attachments: [],
    },
    true,
  ],
  [
    "contacts-with-nulls",
    {
      type: "contacts",
      text: "+51 1 2345678",
      payload: {
        contacts: [
          { phones: [], emails: [], addresses: [], urls: [] },
          { phones: [{ phone: "+51 1 2345678" }], emails: [], addresses: [], urls: [] },
        ],
      },
      attachments: [],
    },
    true,
  ],
  ["text-bare", { type: "text", text: "sin objeto", payload: { body: "sin objeto" }, attachments: [] }, true],
  [
    "audio-older-name",
    {
      type: "audio",
      text: "",
      payload: { voice: true },
      attachments: [{ type: "audio", ...file, mimeType: "audio/ogg; codecs=opus" }],
    },
    true,
  ],
  ["location-as-text", { type: "location", text: "", payload: {}, attachments: [] }, true],
  [
    "contacts-origin-of-message",
    {
      type: "contacts",
      text: "+51 911 222 333",
      payload: {
        contacts: [
          {
            phones: [{ phone: "+51 911 222 333" }],
            emails: [],
            addresses: [],
            urls: [],
            origin: "contact_request",
            vcard: "BEGIN:VCARD",
          },
        ],
      },
      attachments: [],
    },
    true,
  ],
];

test.each(contents)("%s", (name, content, answerable) => expectContent([name, content, answerable]));

test("a shared contact card keeps all of its parts", () => {
  expect(only("contacts-shared").content).toEqual({
    type: "contacts",
    text: "Ferretería Ñandú, +51 944 555 666, ventas@nandu.example",
    payload: {
      contacts: [
        {
          formattedName: "Ferretería Ñandú",
          firstName: "Ferretería",
          phones: [{ phone: "+51 944 555 666", waId: "51944555666", type: "CELL" }],
          emails: [{ email: "ventas@nandu.example", type: "WORK" }],
          addresses: [{ street: "Av. Grau 10", city: "Piura", country: "Perú", countryCode: "pe", type: "WORK" }],
          urls: [{ url: "https://nandu.example", type: "WORK" }],
          org: { company: "Ñandú SAC", title: "Ventas" },
          birthday: "1990-04-01",
          origin: "other",
          vcard: "BEGIN:VCARD\nEND:VCARD",
        },
      ],
    },
    attachments: [],
  });
});
