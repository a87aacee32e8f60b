/** @great-detail/whatsapp, unchanged against the sandbox: everything it offers for what the sandbox has. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import GreatDetail, { MessageType } from "@great-detail/whatsapp";
import { sampleFile } from "../../../src/channels/whatsapp/sandbox/sample-media";
import { catchWebhooks, credentials, openWorld, until, type World } from "./sandbox-world";

const { phoneNumberId: phoneNumberID, wabaId, accessToken, appSecret } = credentials;
const link = "https://a.example/x.png";

let world: World;
let sdk: GreatDetail;
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
  sdk = new GreatDetail({
    prefixUrl: world.sandbox.url,
    graphVersion: "v26.0",
    request: { headers: { Authorization: `Bearer ${accessToken}` }, retry: 0 },
  });
});
afterAll(() => world[Symbol.asyncDispose]());
const lastShown = () => world.sandbox.phones.thread(world.sandbox.phones.list()[0]!.id).at(-1)!;
const create = (message: object) => sdk.message.createMessage({ phoneNumberID, to, ...message } as never).json();

describe("messages", () => {
  test.each([
    ["text", { type: MessageType.Text, text: { body: "desde el SDK" } }],
    ["image", { type: MessageType.Image, image: { link, caption: "a" } }],
    ["video", { type: MessageType.Video, video: { link } }],
    ["audio", { type: MessageType.Audio, audio: { link } }],
    ["document", { type: MessageType.Document, document: { link, filename: "a.pdf" } }],
    ["sticker", { type: MessageType.Sticker, sticker: { link } }],
    ["location", { type: MessageType.Location, location: { latitude: "1", longitude: "2", name: "a", address: "b" } }],
    ["contacts", { type: MessageType.Contacts, contacts: [{ name: { formatted_name: "A B", first_name: "A" } }] }],
    [
      "interactive",
      {
        type: MessageType.Interactive,
        interactive: {
          type: "button",
          body: { text: "¿?" },
          action: { buttons: [{ type: "reply", reply: { id: "a", title: "Sí" } }] },
        },
      },
    ],
    [
      "template",
      {
        type: MessageType.Template,
        template: {
          name: "saludo_inicial",
          language: { code: "es" },
          components: [{ type: "body", parameters: ["Rosa", "tu pedido"].map((text) => ({ type: "text", text })) }],
        },
      },
    ],
  ])("%s", async (type, message) => {
    expect(await create(message)).toMatchObject({
      messaging_product: "whatsapp",
      contacts: [{ input: to, wa_id: to.slice(1) }],
      messages: [{ id: expect.stringMatching(/^wamid\./) }],
    });
    expect(lastShown().content.type).toBe(type);
  });

  test("a reaction, a read receipt, and a customer without a number", async () => {
    await create({ type: MessageType.Reaction, reaction: { message_id: inbound, emoji: "👍" } });
    const shown = world.sandbox.phones.thread(world.sandbox.phones.list()[0]!.id).find(({ id }) => id === inbound);
    expect(shown?.reactions.business).toBe("👍");
    const read = await sdk.message.createStatus({ phoneNumberID, status: "read", message_id: inbound } as never).json();
    expect(read.success).toBe(true);
    const sent = await sdk.message
      .createMessage({ phoneNumberID, recipient: userId, type: MessageType.Text, text: { body: "hola" } } as never)
      .json();
    expect(sent).toMatchObject({ contacts: [{ input: userId, user_id: userId }] });
  });
});

test("media: upload, address, download, delete", async () => {
  const bytes = new Uint8Array(sampleFile("image").bytes);
  const file = new Blob([bytes], { type: "image/png" });
  const { id } = await sdk.media.upload({ phoneNumberID, file, filename: "a.png", mimeType: "image/png" }).json();
  const found = await sdk.media.getURL({ mediaID: id, phoneNumberID }).json();
  expect(found).toMatchObject({ id, mime_type: "image/png", file_size: String(bytes.length), messaging_product: "whatsapp" });
  const loaded = await fetch(found.url, { headers: { authorization: `Bearer ${accessToken}` } });
  expect(await loaded.bytes()).toEqual(bytes);
  expect(await sdk.media.delete({ mediaID: id }).json()).toEqual({ success: true });
});

test("numbers, profile, automation, subscription, account", async () => {
  expect(await sdk.phoneNumbers.getPhoneNumber({ phoneNumberID } as never).json()).toMatchObject({ id: phoneNumberID });
  expect(await sdk.phoneNumbers.listPhoneNumbers({ businessAccountID: wabaId }).json()).toMatchObject({
    data: [{ id: phoneNumberID }],
  });
  expect(await sdk.phoneNumbers.updatePhoneNumber({ phoneNumberID, new_display_name: "Otra Tienda" }).json()).toEqual({
    success: true,
  });
  const change = { about: "Mantas", websites: ["https://a.example"] } as never;
  expect(await sdk.businessProfile.updateBusinessProfile(Object.assign({ phoneNumberID }, change)).json()).toEqual({
    success: true,
  });
  expect(await sdk.businessProfile.getBusinessProfile({ phoneNumberID }).json()).toMatchObject({
    data: [{ about: "Mantas", messaging_product: "whatsapp" }],
  });
  const automation = { prompts: ["¿Precio?"], commands: [{ command_name: "menu", command_description: "El menú" }] };
  expect(await sdk.conversationalAutomation.setConversationalAutomation({ phoneNumberID, ...automation }).json()).toEqual({
    success: true,
  });
  expect(await sdk.subscribedApps.createSubscription({ businessAccountID: wabaId }).json()).toEqual({ success: true });
  expect(await sdk.subscribedApps.listSubscriptions({ businessAccountID: wabaId }).json()).toMatchObject({
    data: [{ whatsapp_business_api_data: { name: "Sandbox app" } }],
  });
  expect(await sdk.whatsappBusinessAccount.get(wabaId).json()).toMatchObject({ id: wabaId });
});

test("templates: create, get, list, update, delete", async () => {
  const components = [{ type: "BODY", text: "Hola {{1}}, gracias.", example: { body_text: [["Rosa"]] } }];
  const made = await sdk.template
    .create(wabaId, {
      name: "sdk_uno",
      language: "es",
      category: "MARKETING",
      parameter_format: "POSITIONAL",
      components,
    } as never)
    .json();
  expect([made.id.replace(/\d/g, ""), made.status, made.category]).toEqual(["", "PENDING", "MARKETING"]);
  const found = await until(async () => {
    const one = await sdk.template.get(made.id, {}).json();
    return one.status === "APPROVED" ? one : null;
  });
  expect(found).toMatchObject({ name: "sdk_uno", components });
  expect(await sdk.template.list(wabaId, { name_or_content: "sdk_uno" }).json()).toMatchObject({ data: [{ id: made.id }] });
  expect(await sdk.template.update(made.id, { components: [{ type: "BODY", text: "Hola." }] } as never).json()).toMatchObject({
    success: true,
  });
  expect(await sdk.template.delete(wabaId, { name: "sdk_uno", hsm_id: made.id }).json()).toEqual({ success: true });
});

test("a refusal arrives as an error of HTTP with Meta's body", async () => {
  const refused = sdk.message.createMessage({
    phoneNumberID,
    to: "+51900000000",
    type: MessageType.Text,
    text: { body: "a" },
  } as never);
  await expect(refused.json()).rejects.toMatchObject({ response: { status: 400 } });
});

test("the sandbox's webhooks verify and parse", async () => {
  await using caught = await catchWebhooks();
  await caught.sandbox.phones.send(caught.sandbox.phones.list()[0]!.id, { type: "text", text: "¿Añaden envío? 🚚 a/b" });
  const { raw, headers } = await until(() => caught.bodies[0]);
  const event = await sdk.webhook.eventNotification({ method: "POST", query: {}, body: raw, headers });
  expect([await event.checkSignature(appSecret), await event.checkSignature("another")]).toEqual([true, false]);
  expect(event.eventNotification).toMatchObject({
    object: "whatsapp_business_account",
    entry: [{ id: wabaId, changes: [{ field: "messages", value: { messages: [{ type: "text" }] } }] }],
  });
});
