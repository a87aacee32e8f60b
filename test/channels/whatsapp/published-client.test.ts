/** Clients published by others work against the sandbox unchanged, and the sandbox's webhooks verify and parse in them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import GreatDetail, { MessageType } from "@great-detail/whatsapp";
import { WhatsAppClient } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";
import { WhatsAppAPI } from "whatsapp-api-js";
import { Image, Text } from "whatsapp-api-js/messages";
import { sampleFile } from "../../../src/channels/whatsapp/sandbox/sample-media";
import { startSandboxGraph } from "../../../src/channels/whatsapp/sandbox/sandbox-graph";
import { silentLog } from "../../../src/core/log";
import { credentials, openWorld, until, type World } from "./sandbox-world";

const { phoneNumberId, wabaId, accessToken, appSecret, verifyToken } = credentials;
const picture = () => new File([new Uint8Array(sampleFile("image").bytes)], "a.png", { type: "image/png" });

let world: World;
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
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});
const lastShown = () => world.sandbox.phones.thread(world.sandbox.phones.list()[0]!.id).at(-1)!;

test("@great-detail/whatsapp: send, read, media, templates, numbers, profile, subscription", async () => {
  const sdk = new GreatDetail({
    prefixUrl: world.sandbox.url,
    graphVersion: "v26.0",
    request: { headers: { Authorization: `Bearer ${accessToken}` } },
  });
  const sent = await sdk.message
    .createMessage({ phoneNumberID: phoneNumberId, to, type: MessageType.Text, text: { body: "desde el SDK" } })
    .json();
  expect(sent).toMatchObject({ messages: [{ id: expect.stringMatching(/^wamid\./) }] });
  expect(lastShown().content.text).toBe("desde el SDK");
  expect(await sdk.businessProfile.getBusinessProfile({ phoneNumberID: phoneNumberId }).json()).toMatchObject({
    data: [{ messaging_product: "whatsapp" }],
  });
  expect(await sdk.template.list(wabaId, {}).json()).toMatchObject({
    data: [{ name: "saludo_inicial", status: "APPROVED" }, {}],
  });
  expect(await sdk.phoneNumbers.listPhoneNumbers({ businessAccountID: wabaId }).json()).toMatchObject({
    data: [{ id: phoneNumberId }],
  });
  expect(await sdk.subscribedApps.listSubscriptions({ businessAccountID: wabaId }).json()).toMatchObject({
    data: [{ whatsapp_business_api_data: { name: "Sandbox app" } }],
  });
});

describe("@kapso/whatsapp-cloud-api", () => {
  const client = () => new WhatsAppClient({ baseUrl: world.sandbox.url, graphVersion: "v26.0", accessToken });
  const base = () => ({ phoneNumberId, to });

  test("its builders pass the checks of the sandbox", async () => {
    const { messages } = client();
    const row = { id: "a", title: "A" };
    const answers = [
      await messages.sendText({ ...base(), body: "kapso" }),
      await messages.sendText({ phoneNumberId, recipient: userId, body: "kapso" }),
      await messages.sendImage({ ...base(), image: { link: "https://a.example/x.jpg", caption: "a" } }),
      await messages.sendLocation({ ...base(), location: { latitude: 1, longitude: 2, name: "a", address: "b" } }),
      await messages.sendContacts({ ...base(), contacts: [{ name: { formattedName: "A B", firstName: "A" } }] }),
      await messages.sendReaction({ ...base(), reaction: { messageId: inbound, emoji: "😀" } }),
      await messages.sendInteractiveButtons({ ...base(), bodyText: "x", buttons: [row] }),
      await messages.sendInteractiveList({ ...base(), bodyText: "x", buttonText: "v", sections: [{ title: "s", rows: [row] }] }),
      await messages.sendInteractiveCtaUrl({
        ...base(),
        bodyText: "x",
        parameters: { displayText: "v", url: "https://a.example" },
      }),
      await messages.sendInteractiveCarousel({
        ...base(),
        bodyText: "x",
        cards: [0, 1].map((cardIndex) => ({
          cardIndex,
          header: { type: "image", image: { link: "https://a.example/x.jpg" } },
          action: { buttons: [{ id: `b${cardIndex}`, title: "A" }] },
        })),
      }),
      await messages.sendTemplate({
        ...base(),
        template: {
          name: "saludo_inicial",
          language: { code: "es" },
          components: [
            {
              type: "body",
              parameters: [
                { type: "text", text: "Rosa" },
                { type: "text", text: "tu pedido" },
              ],
            },
          ],
        },
      }),
    ];
    for (const answer of answers) expect(answer.messages[0]?.id).toStartWith("wamid.");
    expect(lastShown().content.text).toBe("Hola Rosa, seguimos con tu consulta sobre tu pedido. ¿Te viene bien ahora?");
    expect(await messages.markRead({ phoneNumberId, messageId: inbound, typingIndicator: { type: "text" } })).toEqual({
      success: true,
    });
  });

  test("media and templates", async () => {
    const { media, templates } = client();
    const { id } = await media.upload({ phoneNumberId, type: "image", file: picture(), fileName: "a.png" });
    expect(await media.get({ mediaId: id, phoneNumberId })).toMatchObject({
      id,
      mimeType: "image/png",
      fileSize: String(picture().size),
    });
    const bytes = await media.download({ mediaId: id, phoneNumberId, auth: "always" });
    expect(new Uint8Array(bytes as ArrayBuffer)).toEqual(new Uint8Array(sampleFile("image").bytes));
    expect(await media.delete({ mediaId: id, phoneNumberId })).toEqual({ success: true });
    await expect(media.get({ mediaId: id, phoneNumberId })).rejects.toThrow("does not exist");
    const { data } = await templates.list({ businessAccountId: wabaId });
    expect(data.map((template) => template.name)).toContain("order_shipped");
  });

  test("refusals arrive as its own error with the code", async () => {
    await expect(client().messages.sendText({ phoneNumberId, to: "+51900000000", body: "a" })).rejects.toMatchObject({
      code: 131047,
    });
  });
});

test("whatsapp-api-js: send, by user id, read with typing, QR codes, media, blocking, verification", async () => {
  const api = new WhatsAppAPI({
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
  expect(await api.sendMessage(phoneNumberId, to, new Text("hola"))).toMatchObject({ contacts: [{ wa_id: to.slice(1) }] });
  expect(await api.sendMessage(phoneNumberId, { bsuid: userId }, new Text("hola"))).toMatchObject({
    contacts: [{ user_id: userId }],
  });
  expect(await api.markAsRead(phoneNumberId, inbound, "text")).toEqual({ success: true });
  const form = new FormData();
  form.set("file", picture());
  const upload = (await api.uploadMedia(phoneNumberId, form)) as { id: string };
  expect(await api.sendMessage(phoneNumberId, to, new Image(upload.id, true, "foto"))).toMatchObject({ messages: [{}] });
  const { url } = (await api.retrieveMedia(upload.id)) as { url: string };
  expect((await api.fetchMedia(url)).status).toBe(200);
  const code = ((await api.createQR(phoneNumberId, "hola")) as { code: string }).code;
  expect(await api.updateQR(phoneNumberId, code, "adiós")).toMatchObject({ code, prefilled_message: "adiós" });
  expect(await api.deleteQR(phoneNumberId, code)).toEqual({ success: true });
  expect(await api.blockUser(phoneNumberId, to.slice(1))).toMatchObject({ block_users: { added_users: [{}] } });
  expect(await api.sendMessage(phoneNumberId, to, new Text("¿?"))).toMatchObject({ error: { code: 130403 } });
  await api.unblockUser(phoneNumberId, to.slice(1));
  expect(api.get({ "hub.mode": "subscribe", "hub.verify_token": verifyToken, "hub.challenge": "42" })).toBe("42");
});

test("the sandbox's webhooks verify and parse in the clients", async () => {
  const bodies: { raw: string; signature: string }[] = [];
  const catcher = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      bodies.push({ raw: await request.text(), signature: request.headers.get("x-hub-signature-256") ?? "" });
      return new Response("OK");
    },
  });
  const sandbox = await startSandboxGraph({
    channel: credentials,
    webhookUrl: () => `http://127.0.0.1:${catcher.port}/`,
    statePath: ":memory:",
    log: silentLog,
  });
  const rosa = sandbox.phones.list()[0]!;
  await sandbox.phones.send(rosa.id, { type: "text", text: "¿Añaden envío? 🚚 a/b" });
  await sandbox.phones.send(rosa.id, { type: "location", latitude: -12, longitude: -77 });
  await until(() => bodies.length >= 2);
  const heard: string[] = [];
  const api = new WhatsAppAPI({ token: accessToken, appSecret, v: "v26.0" });
  api.on.message = ({ message }) => {
    heard.push(message.type);
  };
  for (const { raw, signature } of bodies) {
    expect(verifySignature({ appSecret, rawBody: raw, signatureHeader: signature })).toBe(true);
    expect(verifySignature({ appSecret, rawBody: `${raw} `, signatureHeader: signature })).toBe(false);
    expect(await api.verifyRequestSignature(raw, signature)).toBe(true);
    await api.post(JSON.parse(raw), raw, signature);
  }
  expect(heard).toEqual(["text", "location"]);
  const normalized = normalizeWebhook(JSON.parse(bodies[0]!.raw));
  expect(normalized.phoneNumberId).toBe(phoneNumberId);
  expect(normalized.messages).toMatchObject([{ type: "text", from: rosa.waId, text: { body: "¿Añaden envío? 🚚 a/b" } }]);
  await sandbox.stop();
  await catcher.stop(true);
});
