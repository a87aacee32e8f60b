/** @kapso/whatsapp-cloud-api, unchanged against the sandbox: its builders, and everything else it offers for what the sandbox has. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { WhatsAppClient } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";
import { sampleFile } from "../../../src/channels/whatsapp/sandbox/sample-media";
import { catchWebhooks, credentials, openWorld, until, type World } from "./sandbox-world";

const { phoneNumberId, wabaId, accessToken, appSecret } = credentials;
const picture = () => new File([new Uint8Array(sampleFile("image").bytes)], "a.png", { type: "image/png" });
const link = "https://a.example/x.jpg";
const row = { id: "a", title: "A" };

let world: World;
let client: WhatsAppClient;
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
  client = new WhatsAppClient({ baseUrl: world.sandbox.url, graphVersion: "v26.0", accessToken });
});
afterAll(() => world[Symbol.asyncDispose]());
const base = () => ({ phoneNumberId, to });
const lastShown = () => world.sandbox.phones.thread(world.sandbox.phones.list()[0]!.id).at(-1)!;

describe("every message it builds", () => {
  const table: [string, () => Promise<{ messages: { id: string }[] }>][] = [
    ["text", () => client.messages.sendText({ ...base(), body: "kapso" })],
    ["image", () => client.messages.sendImage({ ...base(), image: { link, caption: "a" } })],
    ["audio", () => client.messages.sendAudio({ ...base(), audio: { link } })],
    ["document", () => client.messages.sendDocument({ ...base(), document: { link, filename: "a.pdf" } })],
    ["video", () => client.messages.sendVideo({ ...base(), video: { link } })],
    ["sticker", () => client.messages.sendSticker({ ...base(), sticker: { link } })],
    [
      "location",
      () => client.messages.sendLocation({ ...base(), location: { latitude: 1, longitude: 2, name: "a", address: "b" } }),
    ],
    [
      "contacts",
      () => client.messages.sendContacts({ ...base(), contacts: [{ name: { formattedName: "A B", firstName: "A" } }] }),
    ],
    ["interactive", () => client.messages.sendInteractiveButtons({ ...base(), bodyText: "x", buttons: [row] })],
    [
      "interactive",
      () =>
        client.messages.sendInteractiveList({
          ...base(),
          bodyText: "x",
          buttonText: "v",
          sections: [{ title: "s", rows: [row] }],
        }),
    ],
    [
      "interactive",
      () => client.messages.sendInteractiveProduct({ ...base(), bodyText: "x", catalogId: "c", productRetailerId: "p" }),
    ],
    [
      "interactive",
      () =>
        client.messages.sendInteractiveProductList({
          ...base(),
          bodyText: "x",
          header: { type: "text", text: "Oferta" },
          catalogId: "c",
          sections: [{ title: "s", productItems: [{ productRetailerId: "p" }] }],
        }),
    ],
    [
      "interactive",
      () =>
        client.messages.sendInteractiveFlow({
          ...base(),
          bodyText: "x",
          parameters: {
            flowId: "1",
            flowCta: "Pedir",
            flowToken: "t",
            flowAction: "navigate",
            flowActionPayload: { screen: "A" },
          },
        }),
    ],
    ["interactive", () => client.messages.sendInteractiveAddress({ ...base(), bodyText: "x", parameters: { country: "IN" } })],
    [
      "interactive",
      () =>
        client.messages.sendInteractiveCtaUrl({
          ...base(),
          bodyText: "x",
          parameters: { displayText: "v", url: "https://a.example" },
        }),
    ],
    [
      "interactive",
      () =>
        client.messages.sendInteractiveCarousel({
          ...base(),
          bodyText: "x",
          cards: [0, 1].map((cardIndex) => ({
            cardIndex,
            header: { type: "image", image: { link } },
            action: { buttons: [{ id: `b${cardIndex}`, title: "A" }] },
          })),
        }),
    ],
    [
      "interactive",
      () =>
        client.messages.sendInteractiveCatalogMessage({
          ...base(),
          bodyText: "x",
          parameters: { thumbnailProductRetailerId: "p" },
        }),
    ],
    [
      "interactive",
      () =>
        client.messages.sendInteractiveLocationRequest({
          ...base(),
          bodyText: "x",
          parameters: { requestMessage: "¿Dónde?" },
        }),
    ],
    [
      "interactive",
      () =>
        client.messages.sendInteractiveCallPermission({
          ...base(),
          bodyText: "x",
          parameters: { phoneNumber: "+51911222333" },
        }),
    ],
    [
      "interactive",
      () =>
        client.messages.sendInteractiveRaw({
          ...base(),
          interactive: { type: "location_request_message", body: { text: "¿Dónde?" }, action: { name: "send_location" } },
        } as never),
    ],
    [
      "template",
      () =>
        client.messages.sendTemplate({
          ...base(),
          template: {
            name: "saludo_inicial",
            language: { code: "es" },
            components: [{ type: "body", parameters: ["Rosa", "tu pedido"].map((text) => ({ type: "text" as const, text })) }],
          },
        }),
    ],
  ];
  test.each(table)("%s", async (type, send) => {
    expect((await send()).messages[0]?.id).toStartWith("wamid.");
    expect(lastShown().content.type).toBe(type);
  });

  test("a reaction, a read receipt with typing, a customer without a number", async () => {
    await client.messages.sendReaction({ ...base(), reaction: { messageId: inbound, emoji: "😀" } });
    const shown = world.sandbox.phones.thread(world.sandbox.phones.list()[0]!.id).find(({ id }) => id === inbound);
    expect(shown?.reactions.business).toBe("😀");
    expect(await client.messages.markRead({ phoneNumberId, messageId: inbound, typingIndicator: { type: "text" } })).toEqual({
      success: true,
    });
    const sent = await client.messages.sendText({ phoneNumberId, recipient: userId, body: "kapso" });
    expect(sent.messages[0]?.id).toStartWith("wamid.");
  });
});

test("media", async () => {
  const { media } = client;
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
});

test("templates: create, list, get, delete", async () => {
  const { templates } = client;
  const components = [{ type: "BODY", text: "Hola, gracias." }];
  const made = await templates.create({
    businessAccountId: wabaId,
    name: "kapso_uno",
    language: "es",
    category: "UTILITY",
    components,
  });
  await until(async () => {
    const { data } = await templates.list({ businessAccountId: wabaId, status: "APPROVED", name: "kapso_uno" });
    return data.length === 1;
  });
  expect(await templates.get({ businessAccountId: wabaId, templateId: made.id })).toMatchObject({ name: "kapso_uno" });
  expect(await templates.delete({ businessAccountId: wabaId, name: "kapso_uno" })).toMatchObject({ success: true });
  expect((await templates.list({ businessAccountId: wabaId })).data.map(({ name }) => name)).not.toContain("kapso_uno");
});

test("the number: codes, registration, settings, profile", async () => {
  const { phoneNumbers } = client;
  expect(await phoneNumbers.requestCode({ phoneNumberId, codeMethod: "SMS", language: "es" })).toMatchObject({ success: true });
  expect(await phoneNumbers.verifyCode({ phoneNumberId, code: "123456" })).toMatchObject({ success: true });
  expect(await phoneNumbers.deregister({ phoneNumberId })).toMatchObject({ success: true });
  await expect(client.messages.sendText({ ...base(), body: "a" })).rejects.toMatchObject({ code: 133010 });
  expect(await phoneNumbers.register({ phoneNumberId, pin: "123456" })).toMatchObject({ success: true });
  expect(await phoneNumbers.settings.update({ phoneNumberId, calling: { status: "ENABLED" } })).toMatchObject({ success: true });
  expect(await phoneNumbers.settings.get({ phoneNumberId })).toMatchObject({ calling: { status: "ENABLED" } });
  expect(await phoneNumbers.businessProfile.update({ phoneNumberId, about: "Mantas" })).toMatchObject({ success: true });
  expect(await phoneNumbers.businessProfile.get({ phoneNumberId })).toMatchObject({ data: [{ about: "Mantas" }] });
});

test("refusals arrive as its own error with the code", async () => {
  await expect(client.messages.sendText({ phoneNumberId, to: "+51900000000", body: "a" })).rejects.toMatchObject({
    code: 131047,
  });
});

test("the sandbox's webhooks verify and are normalised", async () => {
  await using caught = await catchWebhooks();
  const rosa = caught.sandbox.phones.list()[0]!;
  await caught.sandbox.phones.send(rosa.id, { type: "text", text: "¿Añaden envío? 🚚 a/b" });
  const { raw, headers } = await until(() => caught.bodies[0]);
  const signatureHeader = headers["x-hub-signature-256"] ?? "";
  expect(verifySignature({ appSecret, rawBody: raw, signatureHeader })).toBe(true);
  expect(verifySignature({ appSecret, rawBody: `${raw} `, signatureHeader })).toBe(false);
  const normalized = normalizeWebhook(JSON.parse(raw));
  expect(normalized.phoneNumberId).toBe(phoneNumberId);
  expect(normalized.messages).toMatchObject([{ type: "text", from: rosa.waId, text: { body: "¿Añaden envío? 🚚 a/b" } }]);
});
