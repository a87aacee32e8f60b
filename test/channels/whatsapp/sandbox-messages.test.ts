import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { composeText } from "../../../src/channels/whatsapp/compose";
import type { MessageEvent, StatusEvent } from "../../../src/channels/whatsapp/inbound";
import { credentials, openWorld, until } from "./sandbox-world";

const messageEvents = (events: readonly unknown[]) => events as MessageEvent[];

test("three phones exist from the start: Peru, Brazil without the ninth digit, and one without a number", async () => {
  await using world = await openWorld();
  const phones = world.sandbox.phones.list();
  expect(phones.map((phone) => [phone.waId?.slice(0, 2) ?? null, phone.waId?.length ?? 0])).toEqual([
    ["51", 11],
    ["55", 12],
    [null, 0],
  ]);
  expect(phones[2]).toMatchObject({ username: "luna.tejidos", userId: expect.stringMatching(/^MX\.\d+$/) });
});

test("a text from the phone arrives signed and parsed; the business's answer shows and gets its ticks", async () => {
  await using world = await openWorld();
  const { sandbox, door, graph } = world;
  const rosa = sandbox.phones.list()[0]!;
  const sent = await sandbox.phones.send(rosa.id, { type: "text", text: "¿Tienen stock? 👟 a/b @" });
  expect(sent).toMatchObject({ httpStatus: 200, attempts: 1 });
  expect(messageEvents(door.events)[0]).toMatchObject({
    kind: "message",
    wamid: sent.wamid,
    channel: credentials.phoneNumberId,
    sender: { waId: rosa.waId, userId: rosa.userId, profileName: rosa.name },
    content: { type: "text", text: "¿Tienen stock? 👟 a/b @" },
    answerable: true,
  });
  expect(sandbox.phones.thread(rosa.id)).toMatchObject([{ id: sent.wamid, from: "customer", ticks: "delivered" }]);

  await graph.markRead(sent.wamid, { typing: true });
  expect(sandbox.phones.thread(rosa.id)[0]?.ticks).toBe("read");
  expect(sandbox.phones.isTyping(rosa.id)).toBe(true);

  const outcome = await graph.send(
    composeText({ to: { waId: rosa.waId! }, text: "Sí", replyTo: sent.wamid, callbackData: "our-1" }),
  );
  expect(outcome).toMatchObject({ kind: "accepted", waId: rosa.waId! });
  const wamid = outcome.kind === "accepted" ? outcome.wamid : "";
  expect(sandbox.phones.isTyping(rosa.id)).toBe(false);
  await until(() => world.statuses(wamid).length === 3, "three statuses");
  expect(world.statuses(wamid)).toEqual(["sent", "delivered", "read"]);
  const statuses = door.events.filter((event): event is StatusEvent => event.kind === "status");
  for (const status of statuses) {
    expect(status).toMatchObject({ callbackData: "our-1", recipient: { waId: rosa.waId!, userId: rosa.userId } });
  }
  expect(statuses[1]?.pricing).toEqual({ billable: false, model: "PMP", type: "free_customer_service", category: "service" });
  expect(sandbox.phones.thread(rosa.id)[1]).toMatchObject({ id: wamid, from: "business", ticks: "read", replyTo: sent.wamid });
});

test("a customer without a number is written to by user id and appears without one", async () => {
  await using world = await openWorld();
  const luna = world.sandbox.phones.list()[2]!;
  await world.sandbox.phones.send(luna.id, { type: "text", text: "hola" });
  const [event] = messageEvents(world.door.events);
  expect(event?.sender).toEqual({ userId: luna.userId, username: "luna.tejidos", profileName: "Luna" });
  const outcome = await world.graph.send(composeText({ to: event!.sender, text: "Hola Luna" }));
  expect(outcome).toMatchObject({ kind: "accepted", userId: luna.userId });
  expect(world.sandbox.phones.thread(luna.id).at(-1)?.content.text).toBe("Hola Luna");
});

test("Brazil: a number sent with the ninth digit reaches the account without it, and the answer says so", async () => {
  await using world = await openWorld();
  const thiago = world.sandbox.phones.list()[1]!;
  await world.sandbox.phones.send(thiago.id, { type: "text", text: "oi" });
  const longer = thiago.waId!.replace(/^(55\d\d)/, "$19");
  expect(longer).toHaveLength(13);
  expect(await world.graph.send(composeText({ to: { waId: longer }, text: "Oi!" }))).toMatchObject({
    kind: "accepted",
    waId: thiago.waId!,
  });
});

test("free-form before the customer wrote is refused as outside the window; nothing shows on the phone", async () => {
  await using world = await openWorld();
  const rosa = world.sandbox.phones.list()[0]!;
  const outcome = await world.graph.send(composeText({ to: { waId: rosa.waId! }, text: "hola" }));
  expect(outcome).toMatchObject({ kind: "rejected", error: { code: 131047, retry: "never", status: 400 } });
  expect(world.sandbox.phones.thread(rosa.id)).toEqual([]);

  world.sandbox.chaos.set({ window: "fail-later" });
  const later = await world.graph.send(composeText({ to: { waId: rosa.waId! }, text: "hola", callbackData: "our-2" }));
  expect(later.kind).toBe("accepted");
  const failed = await until(() => world.door.events.find((event): event is StatusEvent => event.kind === "status"));
  expect(failed).toMatchObject({ status: "failed", callbackData: "our-2", errors: [{ code: 131047 }] });
});

test("a webhook that is not taken comes again until it is; the phone then shows it as delivered", async () => {
  await using world = await openWorld();
  const rosa = world.sandbox.phones.list()[0]!;
  world.door.broken = true;
  const sending = world.sandbox.phones.send(rosa.id, { type: "text", text: "¿hay alguien?" });
  await until(() => world.door.requests >= 2, "a second try");
  expect(world.sandbox.phones.thread(rosa.id)[0]?.ticks).toBe("sent");
  world.door.broken = false;
  const sent = await sending;
  expect(sent.httpStatus).toBe(200);
  expect(sent.attempts).toBeGreaterThanOrEqual(3);
  expect(world.sandbox.phones.thread(rosa.id)[0]?.ticks).toBe("delivered");
  expect(messageEvents(world.door.events).filter((event) => event.wamid === sent.wamid)).toHaveLength(1);
});

test("phones, threads and webhooks not yet taken survive a restart", async () => {
  const statePath = join(tmpdir(), `sandbox-${crypto.randomUUID()}.db`);
  let wamid = "";
  {
    await using world = await openWorld({ statePath });
    const phone = world.sandbox.phones.create({ name: "Beto", waId: "5215512345678" });
    await world.sandbox.phones.send(phone.id, { type: "text", text: "primero" });
    world.door.broken = true;
    void world.sandbox.phones.send(phone.id, { type: "text", text: "segundo" });
    await until(() => world.door.requests >= 2, "the failing try");
    wamid = world.sandbox.phones.thread(phone.id)[1]!.id;
  }
  await using world = await openWorld({ statePath });
  const beto = world.sandbox.phones.list().find((phone) => phone.name === "Beto")!;
  expect(beto.waId).toBe("5215512345678");
  await until(() => messageEvents(world.door.events).some((event) => event.wamid === wamid), "the message of the earlier run");
  expect(world.sandbox.phones.thread(beto.id).map((message) => message.content.text)).toEqual(["primero", "segundo"]);
  // Mexico: the product sends to the 12-digit form.
  expect(await world.graph.send(composeText({ to: { waId: beto.waId! }, text: "hola" }))).toMatchObject({
    kind: "accepted",
    waId: "5215512345678",
  });
  await Bun.file(statePath).delete();
});

test("an offline phone gets `sent` only; back online it gets the rest; a phone that does not read stays at delivered", async () => {
  await using world = await openWorld();
  const { phones } = world.sandbox;
  const rosa = phones.list()[0]!;
  await phones.send(rosa.id, { type: "text", text: "hola" });
  phones.setOnline(rosa.id, false);
  phones.setReads(rosa.id, false);
  const outcome = await world.graph.send(composeText({ to: { waId: rosa.waId! }, text: "¿sigues ahí?" }));
  const wamid = outcome.kind === "accepted" ? outcome.wamid : "";
  await until(() => world.statuses(wamid).includes("sent"));
  expect(phones.thread(rosa.id)[1]?.ticks).toBe("waiting");
  phones.setOnline(rosa.id, true);
  await until(() => world.statuses(wamid).includes("delivered"));
  expect(phones.thread(rosa.id)[1]?.ticks).toBe("shown");
  expect(world.statuses(wamid)).toEqual(["sent", "delivered"]);
  phones.setReads(rosa.id, true);
  await until(() => world.statuses(wamid).includes("read"));
  expect(world.statuses(wamid)).toEqual(["sent", "delivered", "read"]);
});

test("the live UI hears of messages, ticks and typing, and not after it left", async () => {
  await using world = await openWorld();
  const { phones } = world.sandbox;
  const rosa = phones.list()[0]!;
  const heard: string[] = [];
  const leave = phones.subscribe((change) => heard.push(change.kind));
  const { wamid } = await phones.send(rosa.id, { type: "text", text: "hola" });
  await world.graph.markRead(wamid, { typing: true });
  expect(heard).toEqual(["message", "update", "update", "typing"]);
  leave();
  await phones.send(rosa.id, { type: "text", text: "otra" });
  expect(heard).toHaveLength(4);
});
