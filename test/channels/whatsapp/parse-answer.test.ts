/** Answers, orders, reactions, changes, and what cannot be shown: every fixture of those kinds against what WhatsApp's shape means. */
import { expect, test } from "bun:test";
import { type ContentCase, expectContent, only, parse } from "./message-fixture";

const contents: ContentCase[] = [
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
  [
    "interactive-inside-type",
    {
      type: "interactive",
      text: "Ver más",
      payload: { kind: "button_reply", id: "mas", title: "Ver más" },
      attachments: [],
    },
    true,
  ],
  ["interactive-null-answer", { type: "interactive", text: "", payload: { kind: "list_reply" }, attachments: [] }, true],
  [
    "interactive-flow-object",
    {
      type: "interactive",
      text: "talla: 42",
      payload: {
        kind: "nfm_reply",
        name: "flow",
        responseJson: '{"flow_token":"t-9","talla":42}',
        response: { flow_token: "t-9", talla: 42 },
        flowToken: "t-9",
      },
      attachments: [],
    },
    true,
  ],
  [
    "unsupported-ephemeral",
    { type: "unsupported", text: "", payload: { subject: "ephemeral", unavailable: false }, attachments: [] },
    false,
  ],
  [
    "unsupported-single-error",
    { type: "unsupported", text: "", payload: { subject: "unknown", unavailable: true }, attachments: [] },
    false,
  ],
  [
    "edit-older-key",
    { type: "edit", text: "", payload: { originalMessageId: "wamid.IN001", content: null }, attachments: [] },
    false,
  ],
  ["kind-named-like-a-property", { type: "unknown", text: "", payload: { name: "constructor" }, attachments: [] }, false],
];

test.each(contents)("%s", (name, content, answerable) => expectContent([name, content, answerable]));

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
