/** Everything a fake phone can send arrives as what it is, through a signed webhook and our own door. */
import { expect, test } from "bun:test";
import { composeText } from "../../../src/channels/whatsapp/compose";
import type { InboundEvent } from "../../../src/channels/whatsapp/inbound";
import type { PhoneMessage } from "../../../src/channels/whatsapp/sandbox/sandbox-graph";
import { openWorld, until, type World } from "./sandbox-world";

async function send(world: World, message: PhoneMessage, which = 0): Promise<InboundEvent> {
  const before = world.door.events.length;
  const sent = await world.sandbox.phones.send(world.sandbox.phones.list()[which]!.id, message);
  expect(sent.httpStatus).toBe(200);
  return world.door.events[before]!;
}

const referral = { sourceUrl: "https://fb.example/ad", headline: "Oferta" };

const kinds: [string, PhoneMessage, object][] = [
  ["forwarded text", { type: "text", text: "mira", forwarded: "often" }, { context: { frequentlyForwarded: true } }],
  [
    "text from an ad",
    { type: "text", text: "hola", referral },
    { referral: { sourceUrl: "https://fb.example/ad", sourceType: "ad" } },
  ],
  [
    "product enquiry",
    { type: "text", text: "¿precio?", product: { catalogId: "7", productId: "Z" } },
    { context: { referredProduct: { catalogId: "7", productRetailerId: "Z" } } },
  ],
  [
    "image",
    { type: "image", caption: "así" },
    { content: { type: "image", text: "así", attachments: [{ type: "image", mimeType: "image/png" }] } },
  ],
  ["video", { type: "video" }, { content: { type: "video", attachments: [{ mimeType: "video/mp4" }] } }],
  ["voice note", { type: "audio", voice: true }, { content: { type: "audio", payload: { voice: true } } }],
  [
    "document of one's own",
    { type: "document", data: Buffer.from("a,b").toString("base64"), mimeType: "text/csv", filename: "a.csv" },
    { content: { type: "document", attachments: [{ mimeType: "text/csv", filename: "a.csv" }] } },
  ],
  ["sticker", { type: "sticker", animated: true }, { content: { type: "sticker", payload: { animated: true } } }],
  [
    "location",
    { type: "location", latitude: -12, longitude: -77, name: "Casa" },
    { content: { type: "location", text: "Casa" } },
  ],
  [
    "contact",
    { type: "contacts", contacts: [{ name: "Ana Paz", phone: "+51 944 555 666" }] },
    { content: { type: "contacts", payload: { contacts: [{ formattedName: "Ana Paz", origin: "other" }] } } },
  ],
  [
    "button reply",
    { type: "button_reply", id: "si", title: "Sí" },
    { content: { type: "interactive", payload: { kind: "button_reply", id: "si" } } },
  ],
  [
    "list reply",
    { type: "list_reply", id: "r1", title: "Fila" },
    { content: { type: "interactive", payload: { kind: "list_reply", id: "r1" } } },
  ],
  [
    "flow answer",
    { type: "flow_reply", response: { talla: "42" } },
    { content: { type: "interactive", payload: { kind: "nfm_reply", response: { talla: "42" } } } },
  ],
  [
    "address",
    { type: "address_reply", values: { city: "Cusco" } },
    {
      content: {
        type: "interactive",
        payload: { kind: "nfm_reply", name: "address_message", response: { values: { city: "Cusco" } } },
      },
    },
  ],
  [
    "permission to call",
    { type: "call_permission_reply", accepts: true },
    { content: { type: "interactive", payload: { kind: "call_permission_reply", response: "accept", permanent: false } } },
  ],
  [
    "no permission to call",
    { type: "call_permission_reply", accepts: false },
    { content: { type: "interactive", payload: { kind: "call_permission_reply", response: "reject" } } },
  ],
  [
    "payment method",
    { type: "payment_method", method: "card", referenceId: "R-1", lastFourDigits: "4242" },
    { content: { type: "interactive", payload: { kind: "payment_method", method: "card", lastFourDigits: "4242" } } },
  ],
  [
    "text in a group",
    { type: "text", text: "hola a todos", groupId: "Y2FwaV9ncm91cDox" },
    { groupId: "Y2FwaV9ncm91cDox", answerable: false },
  ],
  [
    "template button",
    { type: "button", payload: "p", text: "Confirmar" },
    { content: { type: "button", payload: { payload: "p" } } },
  ],
  [
    "order",
    { type: "order", catalogId: "7", items: [{ productId: "Z", quantity: 2, price: 10.5, currency: "PEN" }] },
    { content: { type: "order", payload: { total: 21 } } },
  ],
  [
    "unsupported",
    { type: "unsupported", subject: "poll_creation" },
    { content: { type: "unsupported", payload: { subject: "poll_creation", unavailable: false } }, errors: [{ code: 131051 }] },
  ],
  ["welcome request", { type: "request_welcome" }, { content: { type: "request_welcome" }, answerable: false }],
  [
    "an item written by hand",
    { type: "raw", item: { type: "hologram", hologram: { a: 1 } } },
    { content: { type: "unknown", payload: { name: "hologram" } } },
  ],
  ["echo of the phone app", { type: "echo", text: "ya voy" }, { kind: "echo", content: { text: "ya voy" } }],
  [
    "stop preference",
    { type: "preference", value: "stop" },
    { kind: "notice", name: "user:preference", payload: { value: "stop" } },
  ],
  [
    "call",
    { type: "call", seconds: 30 },
    { kind: "notice", name: "call", payload: { direction: "USER_INITIATED", durationSeconds: 30 } },
  ],
];

test.each(kinds)("%s", async (_, message, expected) => {
  await using world = await openWorld();
  const rosa = world.sandbox.phones.list()[0]!;
  const event = await send(world, message);
  expect(event).toMatchObject(expected);
  const person =
    "sender" in event
      ? event.sender
      : "recipient" in event
        ? event.recipient
        : (event as { payload: { customer: object } }).payload.customer;
  expect(person).toMatchObject({ userId: rosa.userId });
});

test("every kind parses without loss from a customer who shows no number", async () => {
  await using world = await openWorld();
  const luna = world.sandbox.phones.list()[2]!;
  for (const [, message] of kinds) {
    const event = await send(world, message, 2);
    expect(event.kind).not.toBe("ignored");
    expect(JSON.stringify(event)).toContain(luna.userId);
  }
});

test("reactions, edits and revocations change what the phone shows", async () => {
  await using world = await openWorld();
  const { phones } = world.sandbox;
  const rosa = phones.list()[0]!;
  const { wamid } = await phones.send(rosa.id, { type: "text", text: "talla 42" });
  const answer = await world.graph.send(composeText({ to: { waId: rosa.waId! }, text: "Sí hay" }));
  const ours = answer.kind === "accepted" ? answer.wamid : "";
  expect(await send(world, { type: "reaction", messageId: ours, emoji: "👍" })).toMatchObject({
    content: { type: "reaction", payload: { messageId: ours, emoji: "👍" } },
  });
  expect(phones.thread(rosa.id)[1]?.reactions).toEqual({ customer: "👍" });
  await send(world, { type: "reaction", messageId: ours, emoji: null });
  expect(phones.thread(rosa.id)[1]?.reactions).toEqual({});
  expect(await send(world, { type: "edit", messageId: wamid, text: "talla 43" })).toMatchObject({
    content: { type: "edit", text: "talla 43" },
  });
  expect(phones.thread(rosa.id)[0]?.content.text).toBe("talla 43");
  expect(await send(world, { type: "revoke", messageId: wamid })).toMatchObject({
    content: { payload: { originalMessageId: wamid } },
  });
  expect(phones.thread(rosa.id)[0]?.content.type).toBe("revoked");
});

test("the first message of an ad arrives twice under one id: unavailable, then real", async () => {
  await using world = await openWorld();
  const rosa = world.sandbox.phones.list()[0]!;
  const { wamid } = await world.sandbox.phones.send(rosa.id, { type: "ad_first", text: "vi el anuncio", referral });
  expect(world.door.events).toMatchObject([
    { wamid, content: { type: "unsupported", payload: { unavailable: true } } },
    { wamid, content: { type: "text", text: "vi el anuncio" }, referral: { headline: "Oferta" } },
  ]);
  expect(world.door.events[0]?.key).toBe(world.door.events[1]!.key);
});

test("a changed number and a changed user id tell who it was and who it is", async () => {
  await using world = await openWorld();
  const { phones } = world.sandbox;
  const before = phones.list()[0]!;
  const number = await send(world, { type: "change_number", waId: "51900111222" });
  const after = phones.get(before.id);
  expect(number).toMatchObject({
    sender: { waId: before.waId!, userId: before.userId },
    content: { type: "system", payload: { current: { waId: "51900111222", userId: after.userId } } },
  });
  expect(after.waId).toBe("51900111222");
  const userId = await send(world, { type: "change_user_id" });
  expect(userId).toMatchObject({ content: { payload: { change: "user_changed_user_id", previous: { userId: after.userId } } } });
  expect(phones.get(before.id).userId).not.toBe(after.userId);
  expect(await send(world, { type: "text", text: "sigo yo" })).toMatchObject({ sender: { waId: "51900111222" } });
});

test("a call opens the window", async () => {
  await using world = await openWorld();
  const rosa = world.sandbox.phones.list()[0]!;
  const text = composeText({ to: { waId: rosa.waId! }, text: "¿nos llamaste?" });
  expect(await world.graph.send(text)).toMatchObject({ kind: "rejected" });
  await send(world, { type: "call", seconds: 0 });
  expect(await world.graph.send(text)).toMatchObject({ kind: "accepted" });
});

test("a new number is never the number of another phone", async () => {
  await using world = await openWorld();
  const { phones } = world.sandbox;
  const [rosa, thiago] = phones.list();
  expect(() => phones.create({ name: "Otra", waId: rosa!.waId! })).toThrow("Another sandbox phone");
  await expect(phones.send(thiago!.id, { type: "change_number", waId: rosa!.waId! })).rejects.toThrow("Another sandbox phone");
  expect(() => phones.get("0".repeat(24))).toThrow("does not exist");
  const many = Array.from({ length: 300 }, (_, index) => phones.create({ name: `P${index}` }).waId);
  expect(new Set(many).size).toBe(300);
});

test("without a subscription nothing arrives, and the phone waits in vain", async () => {
  await using world = await openWorld();
  const rosa = world.sandbox.phones.list()[0]!;
  const headers = { authorization: "Bearer sandbox-access-token" };
  await fetch(`${world.sandbox.url}/v26.0/800100200300400/subscribed_apps`, { method: "DELETE", headers });
  void world.sandbox.phones.send(rosa.id, { type: "text", text: "¿hola?" });
  await until(() => world.sandbox.phones.thread(rosa.id)[0]);
  await Bun.sleep(60);
  expect(world.door.requests).toBe(0);
  expect(world.sandbox.phones.thread(rosa.id)[0]?.ticks).toBe("sent");
});
