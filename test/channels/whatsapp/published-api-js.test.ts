/** whatsapp-api-js, unchanged against the sandbox: every message it builds, and everything else it offers for what the sandbox has. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { WhatsAppAPI } from "whatsapp-api-js";
import * as m from "whatsapp-api-js/messages";
import { sampleFile } from "../../../src/channels/whatsapp/sandbox/sample-media";
import { catchWebhooks, credentials, openWorld, until, type World } from "./sandbox-world";

const { phoneNumberId, accessToken, appSecret, verifyToken } = credentials;
const link = "https://a.example/x.png";

let world: World;
let api: WhatsAppAPI;
let to: string;
let userId: string;
let inbound: string;
beforeAll(async () => {
  world = await openWorld();
  const [rosa, , luna] = world.sandbox.phones.list();
  to = `+${rosa!.waId}`;
  userId = luna!.userId;
  inbound = (await world.sandbox.phones.send(rosa!.id, { type: "text", text: "hola" })).wamid;
  await world.sandbox.phones.send(luna!.id, { type: "text", text: "hola" });
  api = new WhatsAppAPI({
    token: accessToken,
    appSecret,
    webhookVerifyToken: verifyToken,
    v: "v26.0",
    ponyfill: {
      fetch: Object.assign(
        (url: string | URL | Request, init?: RequestInit) =>
          fetch(String(url).replace("https://graph.facebook.com", world.sandbox.url), init),
        { preconnect: () => {} },
      ),
    },
  });
});
afterAll(() => world[Symbol.asyncDispose]());
const thread = () => world.sandbox.phones.thread(world.sandbox.phones.list()[0]!.id);

describe("every message it builds", () => {
  const body = new m.Body("¿Cuál?");
  const section = new m.ProductSection("Mantas", new m.Product("p1"));
  const table: [string, () => Parameters<WhatsAppAPI["sendMessage"]>[2]][] = [
    ["text", () => new m.Text("hola", true)],
    ["image", () => new m.Image(link, false, "foto")],
    ["video", () => new m.Video(link, false)],
    ["audio", () => new m.Audio(link, false)],
    ["document", () => new m.Document(link, false, "a", "a.pdf")],
    ["sticker", () => new m.Sticker(link, false)],
    ["location", () => new m.Location(-77, -12, "Tienda", "Calle 1")],
    ["contacts", () => new m.Contacts([new m.Name("A B", "A"), new m.Phone("+51911222333", "CELL")])],
    ["interactive", () => new m.Interactive(new m.ActionButtons(new m.Button("a", "Sí"), new m.Button("b", "No")), body)],
    [
      "interactive",
      () =>
        new m.Interactive(
          new m.ActionList("Ver", new m.ListSection("Uno", new m.Row("1", "A", "a"))),
          body,
          new m.Header("Menú"),
          new m.Footer("Gracias"),
        ),
    ],
    ["interactive", () => new m.Interactive(new m.ActionCatalog(new m.Product("p1")), body)],
    ["interactive", () => new m.Interactive(new m.ActionProduct(new m.CatalogProduct("p1", "c1")), body)],
    ["interactive", () => new m.Interactive(new m.ActionProductList("c1", section), body, new m.Header("Oferta"))],
    ["interactive", () => new m.Interactive(new m.ActionCTA("Abrir", "https://a.example"), body)],
    ["interactive", () => new m.Interactive(new m.ActionNavigateFlow("t", "1", "Pedir", "A", { a: 1 }), body)],
    ["interactive", () => new m.Interactive(new m.ActionDataExchangeFlow("t", "1", "Pedir"), body)],
    ["interactive", () => new m.Interactive(new m.ActionLocation(), body)],
    ["interactive", () => new m.Interactive(new m.ActionCallPermission(), body)],
    ["interactive", () => new m.Interactive(new m.ActionContactRequest(), body)],
    [
      "template",
      () =>
        new m.Template(
          "saludo_inicial",
          "es",
          new m.BodyComponent(new m.BodyParameter("Rosa"), new m.BodyParameter("tu pedido")),
        ),
    ],
    [
      "template",
      () =>
        new m.Template(
          "order_shipped",
          "en_US",
          new m.BodyComponent(new m.BodyParameter("Ana", "first_name"), new m.BodyParameter("A-1", "order_number")),
          new m.URLComponent("1042"),
        ),
    ],
  ];
  test.each(table)("%s", async (type, build) => {
    const before = thread().length;
    const answer = await api.sendMessage(phoneNumberId, to, build());
    expect(answer).toMatchObject({ contacts: [{ wa_id: to.slice(1) }], messages: [{}] });
    expect(thread()).toHaveLength(before + 1);
    expect(thread().at(-1)?.content.type).toBe(type);
  });

  test("a reaction and its removal, quoting, a customer without a number, many at once", async () => {
    const reaction = () => thread().find(({ id }) => id === inbound)?.reactions.business;
    await api.sendMessage(phoneNumberId, to, new m.Reaction(inbound, "👍"));
    expect(reaction()).toBe("👍");
    await api.sendMessage(phoneNumberId, to, new m.Reaction(inbound));
    expect(reaction()).toBeUndefined();
    await api.sendMessage(phoneNumberId, to, new m.Text("eso"), inbound, "our-1");
    expect(thread().at(-1)).toMatchObject({ replyTo: inbound, callbackData: "our-1" });
    expect(await api.sendMessage(phoneNumberId, { bsuid: userId }, new m.Text("hola"))).toMatchObject({
      contacts: [{ user_id: userId }],
    });
    const answers = await Promise.all(api.broadcastMessage(phoneNumberId, [to, to], new m.Text("a todos"), 2, 0));
    expect(answers).toMatchObject([{ messages: [{}] }, { messages: [{}] }]);
  });
});

test("read with typing, QR codes, media, blocking, verification", async () => {
  expect(await api.markAsRead(phoneNumberId, inbound, "text")).toEqual({ success: true });
  expect(world.sandbox.phones.isTyping(world.sandbox.phones.list()[0]!.id)).toBe(true);
  const form = new FormData();
  form.set("file", new File([new Uint8Array(sampleFile("image").bytes)], "a.png", { type: "image/png" }));
  const upload = (await api.uploadMedia(phoneNumberId, form)) as { id: string };
  expect(await api.sendMessage(phoneNumberId, to, new m.Image(upload.id, true, "foto"))).toMatchObject({ messages: [{}] });
  const { url } = (await api.retrieveMedia(upload.id, phoneNumberId)) as { url: string };
  expect((await api.fetchMedia(url)).status).toBe(200);
  expect(await api.deleteMedia(upload.id)).toEqual({ success: true });
  expect(await api.retrieveMedia(upload.id)).toMatchObject({ error: { code: 100, error_subcode: 33 } });
  const { code } = (await api.createQR(phoneNumberId, "hola")) as { code: string };
  expect(await api.retrieveQR(phoneNumberId, code)).toMatchObject({ data: [{ prefilled_message: "hola" }] });
  expect(await api.updateQR(phoneNumberId, code, "adiós")).toMatchObject({ code, prefilled_message: "adiós" });
  expect(await api.deleteQR(phoneNumberId, code)).toEqual({ success: true });
  expect(await api.retrieveQR(phoneNumberId)).toEqual({ data: [] } as never);
  expect(await api.blockUser(phoneNumberId, to.slice(1))).toMatchObject({ block_users: { added_users: [{}] } });
  expect(await api.sendMessage(phoneNumberId, to, new m.Text("¿?"))).toMatchObject({ error: { code: 130403 } });
  expect(await api.unblockUser(phoneNumberId, to.slice(1))).toMatchObject({ block_users: { removed_users: [{}] } });
  expect(api.get({ "hub.mode": "subscribe", "hub.verify_token": verifyToken, "hub.challenge": "42" })).toBe("42");
});

test("the sandbox's webhooks verify, and its messages and statuses are heard", async () => {
  await using caught = await catchWebhooks();
  const { phones } = caught.sandbox;
  const rosa = phones.list()[0]!;
  await phones.send(rosa.id, { type: "text", text: "¿Añaden envío? 🚚 a/b" });
  await phones.send(rosa.id, { type: "location", latitude: -12, longitude: -77 });
  const body = { messaging_product: "whatsapp", to: `+${rosa.waId}`, type: "text", text: { body: "sí" } };
  await fetch(`${caught.sandbox.url}/v26.0/${phoneNumberId}/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  await until(() => caught.bodies.some(({ raw }) => raw.includes('"status":"read"')));
  const heard: string[] = [];
  const listener = new WhatsAppAPI({ token: accessToken, appSecret, v: "v26.0" });
  listener.on.message = ({ message }) => void heard.push(message.type);
  listener.on.status = ({ status }) => void heard.push(status);
  for (const { raw, headers } of caught.bodies) {
    const signature = headers["x-hub-signature-256"] ?? "";
    expect(await listener.verifyRequestSignature(raw, signature)).toBe(true);
    expect(await listener.verifyRequestSignature(`${raw} `, signature)).toBe(false);
    await listener.post(JSON.parse(raw), raw, signature);
  }
  expect(heard).toEqual(["text", "location", "sent", "delivered", "read"]);
});
