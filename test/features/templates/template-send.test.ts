/** Templates of every make, from the proposal to the customer's phone: headers, buttons, offers, codes, cards; and values that do not fit. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ChannelView, MediaView, MessageView, TemplateView } from "../../../src/events/view";
import { until } from "../../helpers/until";
import { createSandboxApp, pngOf, type SandboxApp } from "../channels/sandbox-app";

setDefaultTimeout(60_000);

const link = "https://example.com/a.png";
/** Stands for a file of this kind, until one is uploaded. */
const example = (format: string) => ({ example: { mediaId: `<${format}>` } });
const body = (text: string, examples?: string[]) => ({
  type: "BODY",
  text,
  ...(examples ? { example: { body_text: [examples] } } : {}),
});
const card = (format: string, buttons: object[]) => ({
  components: [
    { type: "HEADER", format, ...(format === "PRODUCT" ? {} : example(format)) },
    ...(format === "PRODUCT" ? [] : [body("Manta {{1}}, tejida a mano.", ["roja"])]),
    { type: "BUTTONS", buttons },
  ],
});

const definitions: Record<string, { category?: string; parameterFormat?: string; components: object[] }> = {
  picture: {
    components: [
      { type: "HEADER", format: "IMAGE", ...example("IMAGE") },
      body("Hola {{1}}, mire.", ["Rosa"]),
      {
        type: "BUTTONS",
        buttons: [
          { type: "QUICK_REPLY", text: "Sí" },
          { type: "URL", text: "Ver", url: "https://example.com/{{1}}", example: ["https://example.com/1"] },
          { type: "PHONE_NUMBER", text: "Llamar", phone_number: "+51987000000" },
        ],
      },
    ],
  },
  place: { components: [{ type: "HEADER", format: "LOCATION" }, body("Estamos aquí.")] },
  document: { components: [{ type: "HEADER", format: "DOCUMENT", ...example("DOCUMENT") }, body("Su factura.")] },
  named: {
    parameterFormat: "NAMED",
    components: [
      {
        type: "HEADER",
        format: "TEXT",
        text: "Pedido {{order}}",
        example: { header_text_named_params: [{ param_name: "order", example: "A-1" }] },
      },
      {
        type: "BODY",
        text: "Hola {{name}}, sale hoy.",
        example: { body_text_named_params: [{ param_name: "name", example: "Ana" }] },
      },
    ],
  },
  offer: {
    category: "MARKETING",
    components: [
      { type: "LIMITED_TIME_OFFER", limited_time_offer: { text: "Termina pronto", has_expiration: true } },
      body("Rebajas para {{1}}.", ["Rosa"]),
      {
        type: "BUTTONS",
        buttons: [
          { type: "COPY_CODE", example: "INVIERNO" },
          { type: "URL", text: "Ver", url: "https://example.com/{{1}}", example: ["https://example.com/1"] },
        ],
      },
    ],
  },
  code: {
    category: "AUTHENTICATION",
    components: [
      { type: "BODY", add_security_recommendation: true },
      { type: "BUTTONS", buttons: [{ type: "OTP", otp_type: "COPY_CODE", text: "Copiar" }] },
    ],
  },
  goods: {
    category: "MARKETING",
    components: [body("Lo nuevo de la semana."), { type: "BUTTONS", buttons: [{ type: "MPM", text: "Ver todo" }] }],
  },
  shop: {
    category: "MARKETING",
    components: [body("Todo el catálogo."), { type: "BUTTONS", buttons: [{ type: "CATALOG", text: "Ver catálogo" }] }],
  },
  form: {
    components: [
      body("Pida su cita."),
      { type: "BUTTONS", buttons: [{ type: "FLOW", text: "Pedir", flow_id: "123", flow_action: "navigate" }] },
    ],
  },
  cards: {
    category: "MARKETING",
    components: [
      body("Elija {{1}}.", ["una"]),
      {
        type: "CAROUSEL",
        cards: [card("IMAGE", [{ type: "QUICK_REPLY", text: "Esta" }]), card("IMAGE", [{ type: "QUICK_REPLY", text: "Esta" }])],
      },
    ],
  },
  products: {
    category: "MARKETING",
    components: [
      body("Lo más vendido."),
      { type: "CAROUSEL", cards: [1, 2].map(() => card("PRODUCT", [{ type: "URL", text: "Ver", url: "https://example.com" }])) },
    ],
  },
};

let app: SandboxApp;
let files: Record<string, string> = {};

/** A definition with the ids of real files in it. */
const filled = <T extends object>(definition: T): T =>
  JSON.parse(JSON.stringify(definition).replace(/<(\w+)>/g, (_, kind: string) => files[kind] ?? "")) as T;

async function upload(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<string> {
  const headers = { authorization: `Bearer ${app.api.token}`, "content-type": type };
  const answer = await fetch(`${app.url}/api/v2/media`, { method: "POST", body: bytes, headers });
  return ((await answer.json()) as { data: MediaView }).data.id;
}

beforeAll(async () => {
  app = await createSandboxApp();
  await app.chaos({ pairRate: false });
  await app.plays({ type: "text", text: "hola" });
  const [channel] = await app.api.data<ChannelView[]>("/channels");
  files = {
    IMAGE: await upload(await pngOf(16), "image/png"),
    VIDEO: await upload(new Uint8Array(Buffer.from("\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "latin1")), "video/mp4"),
    DOCUMENT: await upload(new Uint8Array(Buffer.from("%PDF-1.4\n%%EOF\n")), "application/pdf"),
  };
  for (const [name, { category = "UTILITY", ...definition }] of Object.entries(definitions)) {
    const created = await app.api.post<TemplateView>("/templates", {
      channel: channel?.id,
      name,
      language: "es",
      category,
      ...filled(definition),
    });
    expect([name, created.status, created.body.error]).toEqual([name, 200, undefined]);
  }
  const names = Object.keys(definitions);
  await until(async () => {
    const approved = await app.api.data<TemplateView[]>("/templates?status=APPROVED&limit=100");
    return names.every((name) => approved.some((one) => one.name === name));
  });
  // The code's button is kept by WhatsApp as a button with an address.
  await app.api.post("/templates/sync");
});
afterAll(() => app[Symbol.asyncDispose]());

const send = (name: string, values: object) => app.send({ type: "template", template: { name, language: "es", ...values } });
const ends = new Date(Date.now() + 86_400_000).toISOString();
const section = { title: "Mantas", productIds: ["p1", "p2"] };
const cardValues = (color: string) => ({
  header: { type: "image", link },
  body: [color],
  buttons: [{ type: "quick_reply", index: 0, payload: color }],
});

describe("arrives", () => {
  test.each([
    [
      "picture",
      {
        header: { type: "image", link },
        body: ["Rosa"],
        buttons: [
          { type: "quick_reply", index: 0, payload: "si" },
          { type: "url", index: 1, suffix: "42" },
        ],
      },
      "Hola Rosa, mire.",
    ],
    ["place", { header: { type: "location", latitude: -12, longitude: -77, name: "Tienda" } }, "Estamos aquí."],
    ["document", { header: { type: "document", link, filename: "factura.pdf" } }, "Su factura."],
    ["named", { header: { type: "text", value: "A-7", name: "order" }, body: { name: "Ana" } }, "Hola Ana, sale hoy."],
    [
      "offer",
      {
        body: ["Rosa"],
        limitedTimeOffer: { expiresAt: ends },
        buttons: [
          { type: "copy_code", index: 0, code: "INVIERNO" },
          { type: "url", index: 1, suffix: "x" },
        ],
      },
      "Rebajas para Rosa.",
    ],
    ["code", { body: ["482913"], buttons: [{ type: "url", index: 0, suffix: "482913" }] }, "*482913* is your verification code."],
    ["goods", { buttons: [{ type: "mpm", index: 0, thumbnailProductId: "p1", sections: [section] }] }, "Lo nuevo de la semana."],
    ["shop", { buttons: [{ type: "catalog", index: 0, thumbnailProductId: "p1" }] }, "Todo el catálogo."],
    ["form", { buttons: [{ type: "flow", index: 0, flowToken: "t1", data: { a: 1 } }] }, "Pida su cita."],
    ["cards", { body: ["una"], cards: [cardValues("roja"), cardValues("azul")] }, "Elija una."],
    [
      "products",
      { cards: ["p1", "p2"].map((productId) => ({ header: { type: "product", productId, catalogId: "c1" } })) },
      "Lo más vendido.",
    ],
  ])("%s", async (name, values, content) => {
    const sent = await send(name, values);
    expect([sent.status, sent.body.error]).toEqual([200, undefined]);
    const message = await until(async () => {
      const one = await app.api.data<MessageView>(`/messages/${(sent.body.data as MessageView).id}`);
      return ["delivered", "read", "failed"].includes(one.delivery?.state ?? "") ? one : null;
    });
    expect([message.content, message.delivery?.error]).toEqual([content, null]);
    const shown = (await app.thread()).find(({ id }) => id === message.wamid);
    expect([shown?.content.type, shown?.content.text]).toEqual(["template", content]);
  });

  test("the cards and the offer are kept with the message as the customer reads them", async () => {
    const kept = async (name: string) => (await app.messages()).find(({ payload }) => payload.name === name)?.payload;
    expect((await kept("cards"))?.cards).toMatchObject([
      { body: "Manta roja, tejida a mano.", buttons: [{ type: "QUICK_REPLY", text: "Esta" }] },
      { body: "Manta azul, tejida a mano." },
    ]);
    expect((await kept("offer"))?.limitedTimeOffer).toEqual({ text: "Termina pronto", expiresAt: ends });
  });
});

describe("is refused with its place, and nothing leaves", () => {
  test.each([
    ["a card too few", "cards", { body: ["una"], cards: [cardValues("roja")] }, "body.template.cards"],
    ["no cards", "cards", { body: ["una"] }, "body.template.cards"],
    [
      "a card without its picture",
      "cards",
      { body: ["una"], cards: [cardValues("roja"), { body: ["azul"] }] },
      "body.template.cards.1.header",
    ],
    [
      "a card without its value",
      "cards",
      { body: ["una"], cards: [{ ...cardValues("roja"), body: [] }, cardValues("azul")] },
      "body.template.cards.0.body",
    ],
    ["cards where there are none", "place", { cards: [{}] }, "body.template.cards"],
    ["an offer without its end", "offer", { body: ["Rosa"] }, "body.template.limitedTimeOffer"],
    ["an end without an offer", "place", { limitedTimeOffer: { expiresAt: ends } }, "body.template.limitedTimeOffer"],
    ["a code that is not given", "offer", { body: ["Rosa"], limitedTimeOffer: { expiresAt: ends } }, "body.template.buttons"],
    ["products that are not given", "goods", {}, "body.template.buttons"],
    ["a header of another kind", "picture", { header: { type: "video", link }, body: ["Rosa"] }, "body.template.header"],
  ])("%s", async (_, name, values, path) => {
    const before = (await app.messages()).length;
    const answer = await send(name, values);
    expect([answer.status, answer.body.code]).toEqual([422, "template.parameters"]);
    const details = (answer.body as unknown as { details: { path: string }[] }).details;
    expect(details.map((one) => one.path)).toContain(path);
    expect(await app.messages()).toHaveLength(before);
  });

  test.each([
    ["a value with a line break", "picture", { body: ["a\nb"] }, "body.template.body.0"],
    ["a payload that is too long", "picture", { body: ["a"], payload: "x".repeat(129) }, "body.template.buttons.0.payload"],
  ])("%s", async (_, name, { payload = "si", ...values }: { body: string[]; payload?: string }, path) => {
    const answer = await send(name, {
      header: { type: "image", link },
      ...values,
      buttons: [
        { type: "quick_reply", index: 0, payload },
        { type: "url", index: 1, suffix: "42" },
      ],
    });
    expect([answer.status, answer.body.code]).toEqual([422, "compose.limit"]);
    expect((answer.body as unknown as { details: { path: string }[] }).details[0]?.path).toBe(path);
  });
});

test("the picker sees the cards with their variables, and the preview fills them", async () => {
  const [template] = await app.api.data<TemplateView[]>("/templates?name=cards");
  expect(template?.cards).toMatchObject([
    { headerFormat: "IMAGE", body: "Manta {{1}}, tejida a mano.", variables: [{ part: "body", name: "1", example: "roja" }] },
    {},
  ]);
  const values = { body: { 1: "una" }, cards: [{ body: { 1: "roja" } }] };
  const preview = await app.api.post(`/templates/${template?.id}/preview`, values);
  expect(preview.body.data).toMatchObject({
    body: "Elija una.",
    cards: [{ body: "Manta roja, tejida a mano." }, { body: "Manta {{1}}, tejida a mano." }],
    missing: ["cards.1.body.1"],
  });
});

test("cards that differ are told before WhatsApp refuses them", async () => {
  const [channel] = await app.api.data<ChannelView[]>("/channels");
  const reply = [{ type: "QUICK_REPLY", text: "Esta" }];
  const answer = await app.api.post("/templates", {
    channel: channel?.id,
    name: "uneven",
    language: "es",
    category: "MARKETING",
    components: [body("Elija."), { type: "CAROUSEL", cards: [card("IMAGE", reply), card("VIDEO", reply)].map(filled) }],
  });
  expect([answer.status, answer.body.code]).toEqual([422, "template.invalid"]);
  expect((answer.body as unknown as { details: { path: string }[] }).details[0]?.path).toBe(
    "body.components.1.cards.1.components",
  );
});
