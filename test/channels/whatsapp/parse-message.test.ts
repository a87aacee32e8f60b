/** Message kinds: every fixture of a message against what WhatsApp's shape means, written from the reference. */
import { describe, expect, test } from "bun:test";
import type { Identity, InboundEvent, MessageEvent } from "../../../src/channels/whatsapp/inbound";
import { parseWebhook } from "../../../src/channels/whatsapp/parse";
import { fixture } from "./fixture-file";

const RECEIVED = 1_795_000_000_000;
const parse = (name: string): InboundEvent[] => parseWebhook(fixture(name), RECEIVED);

function only(name: string): MessageEvent {
  const events = parse(name);
  expect(events).toHaveLength(1);
  const [event] = events;
  if (event?.kind !== "message") throw new Error(`${name} is ${event?.kind}`);
  return event;
}

const rosa: Identity = { waId: "51911222333", userId: "PE.40010000000000000001", profileName: "Rosa Quispe" };
const file = { mediaId: "880011", sha256: "q0JD1Ow2bS0P5e8o1v7rN0m6R5vYk1u0g5d0Tn0p3iA=" };
const url = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=880011";

test("a text: key, channel, time, sender and content", () => {
  const { raw, ...event } = only("text");
  expect(event).toEqual({
    kind: "message",
    key: "m:330044005500:wamid.IN001",
    channel: "330044005500",
    wabaId: "220033004400",
    displayNumber: "5117001234",
    at: 1_790_000_001_000,
    wamid: "wamid.IN001",
    sender: rosa,
    content: { type: "text", text: "¿Tienen la talla 42?", payload: { body: "¿Tienen la talla 42?" }, attachments: [] },
    answerable: true,
  });
  expect(raw).toMatchObject({ id: "wamid.IN001", text: { body: "¿Tienen la talla 42?" } });
});

/** Fixture, expected content, answerable. */
const contents: [string, MessageEvent["content"], boolean][] = [
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
  [
    "interactive-button",
    {
      type: "interactive",
      text: "Sí, confirmar",
      payload: { kind: "button_reply", id: "pedido-si", title: "Sí, confirmar" },
      attachments: [],
    },
    true,
  ],
  [
    "interactive-list",
    {
      type: "interactive",
      text: "Envío exprés",
      payload: { kind: "list_reply", id: "envio-express", title: "Envío exprés", description: "Mañana antes de las 12" },
      attachments: [],
    },
    true,
  ],
  [
    "interactive-flow",
    {
      type: "interactive",
      text: 'talla: 42\ncolores: ["rojo","azul"]',
      payload: {
        kind: "nfm_reply",
        name: "flow",
        body: "Sent",
        responseJson: '{"flow_token":"ft-1","talla":"42","colores":["rojo","azul"]}',
        response: { flow_token: "ft-1", talla: "42", colores: ["rojo", "azul"] },
        flowToken: "ft-1",
      },
      attachments: [],
    },
    true,
  ],
  [
    "interactive-address",
    {
      type: "interactive",
      text: "name: Rosa\ncity: Singapore",
      payload: {
        kind: "nfm_reply",
        name: "address_message",
        responseJson: '{"values":{"name":"Rosa","city":"Singapore"}}',
        response: { values: { name: "Rosa", city: "Singapore" } },
      },
      attachments: [],
    },
    true,
  ],
  [
    "interactive-flow-broken-json",
    {
      type: "interactive",
      text: "Sent",
      payload: { kind: "nfm_reply", name: "flow", body: "Sent", responseJson: "{not json", response: null },
      attachments: [],
    },
    true,
  ],
  [
    "interactive-call-permission",
    {
      type: "interactive",
      text: "accept",
      payload: {
        kind: "call_permission_reply",
        response: "accept",
        permanent: false,
        expiresAt: 1_790_600_000_000,
        source: "user_action",
      },
      attachments: [],
    },
    false,
  ],
  [
    "interactive-payment-method",
    {
      type: "interactive",
      text: "offsite_card_pay",
      payload: {
        kind: "payment_method",
        method: "offsite_card_pay",
        paidAt: 1_790_000_123_000,
        referenceId: "pago-9",
        lastFourDigits: "4242",
        credentialId: "31337",
      },
      attachments: [],
    },
    true,
  ],
  [
    "interactive-product",
    {
      type: "interactive",
      text: "ZAP-42",
      payload: { kind: "product", data: { catalog_id: "77001", product_retailer_id: "ZAP-42" } },
      attachments: [],
    },
    true,
  ],
  [
    "template-button",
    { type: "button", text: "Confirmar", payload: { payload: "cita-confirmada", text: "Confirmar" }, attachments: [] },
    true,
  ],
  ["reaction", { type: "reaction", text: "👍🏽", payload: { messageId: "wamid.OUT905", emoji: "👍🏽" }, attachments: [] }, false],
  [
    "reaction-removed",
    { type: "reaction", text: "", payload: { messageId: "wamid.OUT905", emoji: null }, attachments: [] },
    false,
  ],
  [
    "reaction-removed-older-form",
    { type: "reaction", text: "", payload: { messageId: "wamid.OUT905", emoji: null }, attachments: [] },
    false,
  ],
  [
    "order",
    {
      type: "order",
      text: "para el sábado\n2 x ZAP-42 (149.9 PEN)\n3 x MED-01 (9.95 PEN)",
      payload: {
        catalogId: "77001",
        text: "para el sábado",
        items: [
          { productRetailerId: "ZAP-42", quantity: 2, price: 149.9, currency: "PEN" },
          { productRetailerId: "MED-01", quantity: 3, price: 9.95, currency: "PEN" },
        ],
        total: 329.65,
      },
      attachments: [],
    },
    true,
  ],
  [
    "order-numbers-as-text",
    {
      type: "order",
      text: "2 x ZAP-42 (149.9 PEN)",
      payload: {
        catalogId: "77001",
        items: [{ productRetailerId: "ZAP-42", quantity: 2, price: 149.9, currency: "PEN" }],
        total: 299.8,
      },
      attachments: [],
    },
    true,
  ],
  [
    "unsupported-poll",
    { type: "unsupported", text: "", payload: { subject: "poll_creation", unavailable: false }, attachments: [] },
    false,
  ],
  ["unsupported-bare", { type: "unsupported", text: "", payload: { unavailable: false }, attachments: [] }, false],
  ["unsupported-older-name", { type: "unsupported", text: "", payload: { unavailable: false }, attachments: [] }, false],
  [
    "unsupported-unavailable",
    { type: "unsupported", text: "", payload: { subject: "unknown", unavailable: true }, attachments: [] },
    false,
  ],
  [
    "edit-text",
    {
      type: "edit",
      text: "talla 43, perdón",
      payload: {
        originalMessageId: "wamid.IN001",
        content: { type: "text", text: "talla 43, perdón", payload: { body: "talla 43, perdón" }, attachments: [] },
      },
      attachments: [],
    },
    false,
  ],
  ["revoke", { type: "revoke", text: "", payload: { originalMessageId: "wamid.IN001" }, attachments: [] }, false],
  ["request-welcome", { type: "request_welcome", text: "", payload: {}, attachments: [] }, false],
  [
    "kind-of-the-future",
    { type: "unknown", text: "", payload: { name: "hologram", data: { file: "cube", depth: 3 } }, attachments: [] },
    false,
  ],
];

test.each(contents)("%s", (name, content, answerable) => {
  const event = only(name);
  expect(event.content).toEqual(content);
  expect(event.answerable).toBe(answerable);
  expect(event.sender).toEqual(rosa);
});

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

test("an edit with media carries the new file", () => {
  const event = only("edit-image");
  expect(event.content.attachments).toMatchObject([{ type: "image", mediaId: "880011", caption: "mejor foto" }]);
  expect(event.content.text).toBe("mejor foto");
});

test("an interactive message without its object stays a message beside the error of the value", () => {
  const events = parse("interactive-missing");
  expect(events.map((event) => event.kind)).toEqual(["message", "notice"]);
  expect(events[0]).toMatchObject({ content: { type: "interactive", payload: { kind: "other" } }, answerable: false });
  expect(events[1]).toMatchObject({ name: "error", payload: { code: 131000, details: "The interactive object is missing." } });
});

describe("context", () => {
  test.each([
    ["text-quoted-reply", { messageId: "wamid.OUT900", from: "5117001234" }],
    ["text-forwarded", { forwarded: true }],
    ["text-forwarded-often", { frequentlyForwarded: true }],
    [
      "text-product-enquiry",
      {
        messageId: "wamid.OUT901",
        from: "5117001234",
        referredProduct: { catalogId: "77001", productRetailerId: "ZAP-42" },
      },
    ],
  ])("%s", (name, context) => {
    expect(only(name).context).toEqual(context);
  });

  test("the ad that led the customer here", () => {
    expect(only("text-from-ad").referral).toEqual({
      sourceUrl: "https://fb.example/ad1",
      sourceId: "12001",
      sourceType: "ad",
      headline: "Zapatillas",
      body: "Oferta de invierno",
      mediaType: "video",
      videoUrl: "https://cdn.example/v.mp4",
      thumbnailUrl: "https://cdn.example/t.jpg",
      ctwaClid: "ARclid",
      welcomeText: "¡Hola! ¿En qué ayudamos?",
      ref: "campaña-7",
    });
  });

  test("a group message is kept with its group and never answered", () => {
    expect(only("text-in-group")).toMatchObject({ groupId: "Y2FwaV9ncm91cDoxMjM0NQ==", answerable: false });
  });

  test("errors of a message are kept", () => {
    expect(only("image-too-large").errors).toEqual([
      {
        code: 131052,
        title: "Media download error",
        message: "Media download error",
        details: "The file is larger than 100 MB.",
      },
    ]);
  });
});

describe("identity", () => {
  test("a customer without a number: user id, username without @, parent id", () => {
    expect(only("text-username-only").sender).toEqual({
      userId: "MX.40010000000000000002",
      username: "luna.tejidos",
      profileName: "Luna",
      parentUserId: "MX.ENT.90000000000000000002",
    });
  });

  test("empty strings count as absent", () => {
    expect(only("text-empty-phone").sender).toEqual({ userId: "PE.40010000000000000001", profileName: "Rosa Quispe" });
  });

  test("contacts in another order than the messages do not mix people up", () => {
    const events = parse("two-people-contacts-in-other-order") as MessageEvent[];
    expect(events.map((event) => [event.content.text, event.sender.profileName])).toEqual([
      ["de Beto", "Beto"],
      ["de Rosa", "Rosa Quispe"],
    ]);
  });

  test("a contact in the other form of the number is the same person", () => {
    expect(only("contact-in-other-number-form").sender).toEqual({
      waId: "5511987650222",
      otherWaId: "551187650222",
      profileName: "João",
    });
  });

  test("the contact of somebody else gives no name", () => {
    expect(only("contact-of-somebody-else").sender).toEqual({ waId: "51900000009" });
  });

  test.each([
    [
      "system-number-changed",
      {
        change: "user_changed_number",
        body: "User Rosa changed from 51911222333 to 51977888999",
        previous: { waId: "51911222333", userId: "PE.40010000000000000001" },
        current: { waId: "51977888999", userId: "PE.40010000000000000009" },
      },
    ],
    [
      "system-user-id-changed",
      {
        change: "user_changed_user_id",
        body: "User changed",
        previous: { userId: "MX.40010000000000000002" },
        current: { userId: "MX.40010000000000000008" },
      },
    ],
    [
      "system-number-changed-without-previous-id",
      {
        change: "user_changed_number",
        body: "changed",
        previous: { waId: "51911222333", userId: "PE.40010000000000000001" },
        current: { waId: "51977888999", userId: "PE.40010000000000000009" },
      },
    ],
    [
      "system-identity-changed",
      {
        change: "customer_identity_changed",
        body: "identity",
        previous: { waId: "51911222333" },
        current: {},
        identity: { acknowledged: true, createdAt: 1_790_000_001_000, hash: "aGFzaA==" },
      },
    ],
  ])("%s: who it was and who it is now", (name, payload) => {
    const event = only(name);
    expect(event.content).toMatchObject({ type: "system", text: payload.body });
    expect(event.content.payload).toEqual(payload);
    expect(event.sender).toEqual(payload.previous);
    expect(event.answerable).toBe(false);
  });
});
