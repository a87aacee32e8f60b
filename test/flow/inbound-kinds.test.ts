/**
 * Every kind of message and every variant of it, through the door and out of the API: kind, text, typed content, quotes and files as
 * WhatsApp's shapes mean them. All of them come in one delivery, between neighbours that make no sense.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { MessageView } from "../../src/events/view";
import { until } from "../helpers/until";
import { createInboundWorld, type InboundWorld, said, text } from "./inbound-world";

setDefaultTimeout(60_000);

interface Case {
  message: Record<string, unknown>;
  type: string;
  content: string;
  payload?: Record<string, unknown>;
  more?: Partial<MessageView>;
}

const unavailable = { code: 131060, title: "Message unavailable", error_data: { details: "Not available right now." } };
const file = { mime_type: "application/octet-stream", sha256: "c2hh", id: "5550001" };
const interactive = (answer: Record<string, unknown>) => ({ type: "interactive", interactive: answer });

const cases: Record<string, Case> = {
  text: { message: text("¿Abren hoy?"), type: "text", content: "¿Abren hoy?", payload: {} },
  "text given as a number": { message: { type: "text", text: { body: 4096 } }, type: "text", content: "4096" },
  "text given bare": { message: { type: "text", text: "sin objeto" }, type: "text", content: "sin objeto" },
  "text of null": { message: { type: "text", text: null }, type: "text", content: "" },
  "text before its type": { message: { text: { body: "al revés" }, type: "text" }, type: "text", content: "al revés" },
  "text of 64 kB": { message: text("ñ😀".repeat(16_000)), type: "text", content: "ñ😀".repeat(16_000) },
  "text with NUL, half a pair and a mirrored name": {
    message: text("a\u0000b \ud83d \u202egnp.exe\u202c"),
    type: "text",
    content: "a\uFFFDb \uFFFD \u202egnp.exe\u202c",
  },
  "quoted reply": {
    message: { ...text("eso"), context: { from: "5115550177", id: "wamid.quoted.1" } },
    type: "text",
    content: "eso",
    more: { context: { wamid: "wamid.quoted.1", forwarded: false } },
  },
  forwarded: {
    message: { ...text("cadena"), context: { forwarded: true } },
    type: "text",
    content: "cadena",
    more: { context: { wamid: null, forwarded: true } },
  },
  "forwarded often": {
    message: { ...text("cadena larga"), context: { frequently_forwarded: true } },
    type: "text",
    content: "cadena larga",
    more: { context: { wamid: null, forwarded: true, frequentlyForwarded: true } },
  },
  "question about a product": {
    message: {
      ...text("¿queda?"),
      context: { from: "5115550177", id: "wamid.q.2", referred_product: { catalog_id: "71", product_retailer_id: "zapato-9" } },
    },
    type: "text",
    content: "¿queda?",
    payload: { referredProduct: { catalogId: "71", productRetailerId: "zapato-9" } },
  },
  "from an ad, with a picture": {
    message: {
      type: "image",
      image: { ...file, mime_type: "image/jpeg" },
      referral: {
        source_url: "https://fb.me/a1",
        source_id: 120,
        source_type: "ad",
        headline: "Botas",
        body: "Oferta",
        media_type: "video",
        video_url: "https://cdn.example/v.mp4",
        thumbnail_url: "https://cdn.example/t.jpg",
        ctwa_clid: "Aff1",
        ref: "campaña",
        welcome_message: { text: "¿En qué le ayudo?" },
      },
    },
    type: "image",
    content: "",
    payload: {
      referral: {
        sourceUrl: "https://fb.me/a1",
        sourceId: "120",
        sourceType: "ad",
        headline: "Botas",
        body: "Oferta",
        mediaType: "video",
        videoUrl: "https://cdn.example/v.mp4",
        thumbnailUrl: "https://cdn.example/t.jpg",
        ctwaClid: "Aff1",
        welcomeText: "¿En qué le ayudo?",
        ref: "campaña",
      },
    },
  },
  "image with a caption": {
    message: { type: "image", image: { ...file, caption: "la caja", url: "https://lookaside.fbsbx.com/x" } },
    type: "image",
    content: "la caja",
    payload: { caption: "la caja" },
  },
  "image too large to be handed over": {
    message: {
      type: "image",
      errors: [{ code: "131052", title: "Media download error", error_data: { details: "Over 100 MB." } }],
    },
    type: "image",
    content: "",
    payload: { errors: [{ code: 131052, title: "Media download error", details: "Over 100 MB." }] },
    more: {
      attachments: [{ type: "image", url: null, fileDescription: null, mimeType: null, filename: null, error: "Over 100 MB." }],
    },
  },
  video: { message: { type: "video", video: { ...file, caption: "mire" } }, type: "video", content: "mire" },
  "voice note": {
    message: { type: "audio", audio: { ...file, voice: true } },
    type: "audio",
    content: "",
    payload: { voice: true },
  },
  "audio file": {
    message: { type: "audio", audio: { ...file, voice: false } },
    type: "audio",
    content: "",
    payload: { voice: false },
  },
  "voice, the older name": { message: { type: "voice", voice: file }, type: "audio", content: "", payload: { voice: true } },
  document: {
    message: { type: "document", document: { ...file, filename: "factura.pdf" } },
    type: "document",
    content: "factura.pdf",
    payload: { filename: "factura.pdf" },
  },
  "animated sticker": {
    message: { type: "sticker", sticker: { ...file, animated: true } },
    type: "sticker",
    content: "",
    payload: { animated: true },
  },
  location: {
    message: { type: "location", location: { latitude: "-12.05", longitude: -77.04, name: "Plaza", address: "Jr. Unión 1" } },
    type: "location",
    content: "Plaza, Jr. Unión 1",
    payload: { latitude: -12.05, longitude: -77.04, name: "Plaza", address: "Jr. Unión 1" },
  },
  "bare location": {
    message: { type: "location", location: { latitude: 0, longitude: 0 } },
    type: "location",
    content: "0, 0",
    payload: { latitude: 0, longitude: 0 },
  },
  "location that is no object": {
    message: { type: "location", location: "-12.05,-77.04" },
    type: "location",
    content: "",
    payload: { raw: expect.objectContaining({ location: "-12.05,-77.04" }) },
  },
  "shared card": {
    message: {
      type: "contacts",
      contacts: [
        {
          name: { formatted_name: "Ana Ríos" },
          phones: [{ phone: "+51 911 000 111", wa_id: "51911000111" }],
          origin: "other",
          vcard: "BEGIN:VCARD",
        },
        { name: { first_name: "Beto" }, phones: null, emails: [null, { email: "beto@example.com" }] },
      ],
    },
    type: "contacts",
    content: "Ana Ríos, +51 911 000 111\nBeto, beto@example.com",
    payload: {
      contacts: [
        {
          formattedName: "Ana Ríos",
          phones: [{ phone: "+51 911 000 111", waId: "51911000111" }],
          emails: [],
          addresses: [],
          urls: [],
          origin: "other",
          vcard: "BEGIN:VCARD",
        },
        { firstName: "Beto", phones: [], emails: [{ email: "beto@example.com" }], addresses: [], urls: [] },
      ],
    },
  },
  "button answer without its question": {
    message: interactive({ type: "button_reply", button_reply: { id: "si", title: "Sí" } }),
    type: "interactive",
    content: "Sí",
    payload: { kind: "button_reply", id: "si", title: "Sí" },
    more: { context: null },
  },
  "button answer inside its type": {
    message: interactive({ type: { button_reply: { id: "no", title: "No" } } }),
    type: "interactive",
    content: "No",
    payload: { kind: "button_reply", id: "no", title: "No" },
  },
  "list answer without a description": {
    message: interactive({ type: "list_reply", list_reply: { id: 7, title: "Martes" } }),
    type: "interactive",
    content: "Martes",
    payload: { kind: "list_reply", id: "7", title: "Martes" },
  },
  "flow answer without token and body": {
    message: interactive({ type: "nfm_reply", nfm_reply: { name: "flow", response_json: '{"talla":"42","colores":["rojo"]}' } }),
    type: "interactive",
    content: 'talla: 42\ncolores: ["rojo"]',
    payload: {
      kind: "nfm_reply",
      name: "flow",
      responseJson: '{"talla":"42","colores":["rojo"]}',
      response: { talla: "42", colores: ["rojo"] },
    },
  },
  "flow answer as an object": {
    message: interactive({ type: "nfm_reply", nfm_reply: { name: "flow", body: "Sent", response_json: { dni: "40" } } }),
    type: "interactive",
    content: "dni: 40",
    payload: { kind: "nfm_reply", name: "flow", body: "Sent", responseJson: '{"dni":"40"}', response: { dni: "40" } },
  },
  "flow answer with hostile keys": {
    message: interactive({
      type: "nfm_reply",
      nfm_reply: { name: "flow", body: "Sent", response_json: '{"__proto__":{"a":1},"constructor":2,"$set":{"x.y":3},"":4}' },
    }),
    type: "interactive",
    content: expect.stringContaining("constructor: 2") as unknown as string,
    payload: expect.objectContaining({
      response: JSON.parse('{"__proto__":{"a":1},"constructor":2,"$set":{"x.y":3},"":4}'),
    }) as unknown as Record<string, unknown>,
  },
  "address answer": {
    message: interactive({
      type: "nfm_reply",
      nfm_reply: { name: "address_message", response_json: '{"saved_address_id":"a1","values":{"city":"Pune"}}', body: "x" },
    }),
    type: "interactive",
    content: "city: Pune",
  },
  "permission to call": {
    message: interactive({
      type: "call_permission_reply",
      call_permission_reply: {
        response: "accept",
        is_permanent: false,
        expiration_timestamp: "1790000000",
        response_source: "user_action",
      },
    }),
    type: "interactive",
    content: "accept",
    payload: {
      kind: "call_permission_reply",
      response: "accept",
      permanent: false,
      expiresAt: 1_790_000_000_000,
      source: "user_action",
    },
  },
  "answer of a kind to come": {
    message: interactive({ type: "hologram_reply", hologram_reply: { depth: 3 } }),
    type: "interactive",
    content: "",
    payload: { kind: "other", name: "hologram_reply", data: { type: "hologram_reply", hologram_reply: { depth: 3 } } },
  },
  "interactive without its object": {
    message: { type: "interactive" },
    type: "interactive",
    content: "",
    payload: { kind: "other", data: {} },
  },
  "template button": {
    message: {
      type: "button",
      button: { payload: "BAJA", text: "No quiero más" },
      context: { from: "5115550177", id: "wamid.t.1" },
    },
    type: "button",
    content: "No quiero más",
    payload: { payload: "BAJA", text: "No quiero más" },
  },
  "reaction to something older than us": {
    message: { type: "reaction", reaction: { message_id: "wamid.before.us", emoji: "👩🏽‍🚀" } },
    type: "reaction",
    content: "👩🏽‍🚀",
    payload: { messageId: "wamid.before.us", emoji: "👩🏽‍🚀" },
  },
  "reaction taken from something older than us": {
    message: { type: "reaction", reaction: { message_id: "wamid.before.us.2", emoji: "" } },
    type: "reaction",
    content: "",
    payload: { messageId: "wamid.before.us.2", emoji: null },
  },
  "order with numbers as text": {
    message: {
      type: "order",
      order: {
        catalog_id: 99,
        text: "",
        product_items: [{ product_retailer_id: "a", quantity: "2", item_price: "10.50", currency: "PEN" }, null],
      },
    },
    type: "order",
    content: "2 x a (10.5 PEN)",
    payload: { catalogId: "99", items: [{ productRetailerId: "a", quantity: 2, price: 10.5, currency: "PEN" }], total: 21 },
  },
  "poll, which cannot be shown": {
    message: {
      type: "unsupported",
      errors: [{ code: 131051, title: "Unsupported" }],
      unsupported: { type: "poll_creation", raw_type: "poll" },
    },
    type: "unsupported",
    content: "",
    payload: { subject: "poll_creation", rawType: "poll", unavailable: false, errors: [{ code: 131051, title: "Unsupported" }] },
  },
  "message that is unavailable": {
    message: { type: "unsupported", errors: [unavailable] },
    type: "unsupported",
    content: "",
    payload: {
      unavailable: true,
      errors: [{ code: 131060, title: "Message unavailable", details: "Not available right now." }],
    },
  },
  "unknown, the older name": {
    message: { type: "unknown", errors: [{ code: 501, details: "not supported", title: "Unknown" }] },
    type: "unsupported",
    content: "",
  },
  "disappearing message of older times": {
    message: { type: "ephemeral", errors: [{ code: 501, title: "Unsupported message type" }] },
    type: "unsupported",
    content: "",
    payload: { subject: "ephemeral", unavailable: false, errors: [{ code: 501, title: "Unsupported message type" }] },
  },
  "edit of something older than us": {
    message: { type: "edit", edit: { original_message_id: "wamid.before.us.3", message: text("corregido") } },
    type: "edit",
    content: "corregido",
  },
  "withdrawal of something older than us": {
    message: { type: "revoke", revoke: { original_message_id: "wamid.before.us.4" } },
    type: "revoke",
    content: "",
    payload: { originalMessageId: "wamid.before.us.4" },
  },
  "opened the chat": { message: { type: "request_welcome" }, type: "request_welcome", content: "", payload: {} },
  "kind to come": {
    message: { type: "hologram", hologram: { depth: 3 } },
    type: "unknown",
    content: "",
    payload: { name: "hologram", data: { depth: 3 }, raw: expect.objectContaining({ hologram: { depth: 3 } }) },
  },
  "kind named like a property": {
    message: { type: "constructor" },
    type: "unknown",
    content: "",
    payload: { name: "constructor", raw: expect.objectContaining({ type: "constructor" }) },
  },
  "no kind at all": {
    message: { type: null },
    type: "unknown",
    content: "",
    payload: { raw: expect.objectContaining({ type: null }) },
  },
  "written in a group": {
    message: { ...text("hola grupo"), group_id: "Y2FwaV9ncm91cDox" },
    type: "text",
    content: "hola grupo",
    payload: { groupId: "Y2FwaV9ncm91cDox" },
  },
};

/** Stands between the real ones; each must cost nobody else anything. */
const poison: unknown[] = [
  null,
  [],
  "text",
  42,
  {},
  { id: null, from: null, type: null, text: null, timestamp: null, context: null, errors: null },
  { id: 1.5e22, from: 51.5, type: 7, timestamp: 1e308 },
  JSON.parse(
    `{"id":"wamid.deep","from":"51911999999","type":"text","text":{"body":"hondo"},"x":${'{"a":['.repeat(4_000)}${"]}".repeat(4_000)}}`,
  ),
  JSON.parse(
    '{"id":"wamid.proto","__proto__":{"type":"text"},"constructor":{"prototype":{}},"from":"51911999998","type":"text","text":{"body":"p"}}',
  ),
];

const names = Object.keys(cases);
const numberOf = (name: string) => `5192${String(names.indexOf(name)).padStart(7, "0")}`;

let world: InboundWorld;
beforeAll(async () => {
  world = await createInboundWorld();
  const body = said(
    ...names.map(
      (name) => [{ wa_id: numberOf(name) }, (cases[name] as Case).message] as [{ wa_id: string }, Record<string, unknown>],
    ),
  );
  const value = body.entry[0]?.changes[0]?.value as unknown as { messages: unknown[]; contacts: unknown[] };
  value.messages = value.messages.flatMap((message, index) => [poison[index % poison.length], message]);
  value.contacts = [null, ...value.contacts, { profile: null, wa_id: null }, 5];
  expect(await world.post(body)).toBe(200);
  // The same once more, without its object name: nobody's thread may have it twice.
  expect(await world.post({ entry: body.entry })).toBe(200);
  await until(async () => (await world.threadOf(numberOf(names.at(-1) ?? ""))).length > 0);
});
afterAll(() => world[Symbol.asyncDispose]());

test.each(names)("%s", async (name) => {
  const { type, content, payload, more } = cases[name] as Case;
  const thread = await world.threadOf(numberOf(name));
  expect(thread).toHaveLength(1);
  const [message] = thread as [MessageView];
  expect(message).toMatchObject({ role: "user", direction: "inbound", type, content, ...more });
  if (payload) expect(message.payload).toEqual(payload);
});

test("keys that other programs stumble over come out of the API as they came in", async () => {
  const [conversation] = await world.conversationsOf(numberOf("flow answer with hostile keys"));
  const answer = await fetch(`${world.app.url}/api/v2/conversations/${conversation?.id}/messages`, {
    headers: { authorization: `Bearer ${world.app.api.token}` },
  });
  expect(await answer.text()).toContain('{"__proto__":{"a":1},"constructor":2,"$set":{"x.y":3},"":4}');
});

// The last test of this file: it stops the product to look at what is stored.
test("what made no sense is kept too: with its text where it has one, otherwise under nobody's name", async () => {
  expect((await world.threadOf("51911999999")).map(({ content }) => content)).toEqual(["hondo"]);
  expect((await world.threadOf("51911999998")).map(({ content }) => content)).toEqual(["p"]);
  await using rooms = await world.app.openStored();
  const rows = await rooms.models.inboundEvents.find({}).lean();
  expect(rows.filter(({ state }) => state === "dead" || state === "ready")).toEqual([]);
  const ignored = rows.filter(({ state }) => state === "ignored").map(({ reason }) => reason);
  expect(new Set(ignored)).toEqual(new Set(["an item of messages is not an object"]));
  expect(await rooms.models.messages.countDocuments({})).toBeGreaterThanOrEqual(names.length + 5);
});
