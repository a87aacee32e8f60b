/** The knobs do what they say, and the controller turns them and plays the phones over REST. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Elysia } from "elysia";
import { composeText } from "../../../src/channels/whatsapp/compose";
import { sandboxController } from "../../../src/channels/whatsapp/sandbox/sandbox.controller";
import { openWorld, translateErrors, until } from "./sandbox-world";

test("duplicates: the same webhook twice at the same time", async () => {
  await using world = await openWorld({ random: () => 0.5 });
  world.sandbox.chaos.set({ duplicates: 1 });
  const rosa = world.sandbox.phones.list()[0]!;
  const { wamid } = await world.sandbox.phones.send(rosa.id, { type: "text", text: "hola" });
  await until(() => world.door.events.length === 2);
  expect(world.door.events.map((event) => "wamid" in event && event.wamid)).toEqual([wamid, wamid]);
  expect(world.door.events[0]?.key).toBe(world.door.events[1]!.key);
});

test("batches: several people in one body, contacts in another order, nobody mixed up", async () => {
  await using world = await openWorld();
  world.sandbox.chaos.set({ batchSize: 3 });
  const phones = world.sandbox.phones.list();
  await Promise.all(phones.map((phone) => world.sandbox.phones.send(phone.id, { type: "text", text: `soy ${phone.name}` })));
  expect(world.door.requests).toBe(1);
  const said = world.door.events.map((event) => (event.kind === "message" ? [event.content.text, event.sender.profileName] : []));
  expect(said.sort()).toEqual(phones.map((phone) => [`soy ${phone.name}`, phone.name]).sort());
});

test("reordering: what was held back is overtaken, and still arrives", async () => {
  let calls = 0;
  // The first update is held back for long, the others are not.
  await using world = await openWorld({ random: () => (calls++ === 0 ? 0 : 0.9) });
  world.sandbox.chaos.set({ reorder: 0.5 });
  const rosa = world.sandbox.phones.list()[0]!;
  const [first, second] = await Promise.all([
    world.sandbox.phones.send(rosa.id, { type: "text", text: "uno" }),
    world.sandbox.phones.send(rosa.id, { type: "text", text: "dos" }),
  ]);
  expect(world.door.events.map((event) => "wamid" in event && event.wamid)).toEqual([second.wamid, first.wamid]);
});

test("late statuses, skipped delivered, and a status before the answer", async () => {
  await using world = await openWorld();
  const rosa = world.sandbox.phones.list()[0]!;
  await world.sandbox.phones.send(rosa.id, { type: "text", text: "hola" });
  world.sandbox.chaos.set({ skipDelivered: 1, statusBeforeAnswer: true });
  const outcome = await world.graph.send(composeText({ to: { waId: rosa.waId! }, text: "a" }));
  const wamid = outcome.kind === "accepted" ? outcome.wamid : "";
  expect(world.statuses(wamid)).toEqual(["sent"]);
  await until(() => world.statuses(wamid).length === 2);
  expect(world.statuses(wamid)).toEqual(["sent", "read"]);
  world.sandbox.chaos.set({ statusBeforeAnswer: false, statusDelayMs: 300 });
  const late = await world.graph.send(composeText({ to: { waId: rosa.waId! }, text: "b" }));
  const lateId = late.kind === "accepted" ? late.wamid : "";
  const from = performance.now();
  await until(() => world.statuses(lateId).length > 0);
  expect(performance.now() - from).toBeGreaterThan(200);
});

test("hidden numbers: customers and their statuses appear by user id only", async () => {
  await using world = await openWorld();
  world.sandbox.chaos.set({ hideNumbers: true });
  const rosa = world.sandbox.phones.list()[0]!;
  await world.sandbox.phones.send(rosa.id, { type: "text", text: "hola" });
  expect(world.door.events[0]).toMatchObject({ sender: { userId: rosa.userId } });
  const outcome = await world.graph.send(composeText({ to: { userId: rosa.userId }, text: "a" }));
  const wamid = outcome.kind === "accepted" ? outcome.wamid : "";
  await until(() => world.statuses(wamid).length > 0);
  expect(JSON.stringify(world.door.events)).not.toContain(rosa.waId!);
});

test("the pace limits: a burst of 45 to one person, and messages per second", async () => {
  await using world = await openWorld();
  const rosa = world.sandbox.phones.list()[0]!;
  await world.sandbox.phones.send(rosa.id, { type: "text", text: "hola" });
  const send = () => world.graph.send(composeText({ to: { waId: rosa.waId! }, text: "a" }));
  const outcomes = [];
  for (let index = 0; index < 46; index++) outcomes.push(await send());
  expect(outcomes.filter((outcome) => outcome.kind === "accepted")).toHaveLength(45);
  expect(outcomes[45]).toMatchObject({ kind: "rejected", error: { code: 131056, retry: "pair" } });
  world.sandbox.chaos.set({ pairRate: false, throughput: 2 });
  const rush = await Promise.all([send(), send(), send(), send(), send()]);
  expect(rush.some((outcome) => outcome.kind === "rejected" && outcome.error.code === 130429)).toBe(true);
});

describe("controller", () => {
  let world: Awaited<ReturnType<typeof openWorld>>;
  let app: { handle: (request: Request) => Promise<Response> };
  beforeAll(async () => {
    world = await openWorld();
    app = new Elysia({ normalize: false }).use(translateErrors()).use(sandboxController(world.sandbox));
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  const call = async (method: string, path: string, body?: unknown) => {
    const init =
      body === undefined ? { method } : { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const response = await app.handle(new Request(`http://localhost/sandbox${path}`, init));
    return {
      status: response.status,
      body: (await response.json()) as { success: boolean; code?: string; data: Record<string, unknown> },
    };
  };

  test("overview, a new phone, a message, its thread", async () => {
    const { body } = await call("GET", "/");
    expect(body.success).toBe(true);
    expect(body.data.phones).toHaveLength(3);
    const made = await call("POST", "/phones", { name: "Nina", username: "nina.pe", withPhone: false });
    expect(made.status).toBe(200);
    expect(made.body.data).toMatchObject({ name: "Nina", waId: null, username: "nina.pe", online: true });
    const id = String(made.body.data.id);
    const sent = await call("POST", `/phones/${id}/messages`, { type: "text", text: "hola" });
    expect(sent.body.data).toMatchObject({ httpStatus: 200, attempts: 1 });
    const thread = await call("GET", `/phones/${id}/thread`);
    expect(thread.body.data).toMatchObject({ typing: false, messages: [{ id: sent.body.data.wamid, ticks: "delivered" }] });
    const changed = await call("PATCH", `/phones/${id}`, { online: false, reads: false, blocked: true });
    expect(changed.body.data).toMatchObject({ online: false, reads: false, blocked: true });
    expect((await call("GET", `/phones/${id}`)).body.data).toEqual(changed.body.data);
  });

  test("knobs are turned one by one", async () => {
    const { body } = await call("PUT", "/chaos", { duplicates: 0.25 });
    expect(body.data).toMatchObject({ duplicates: 0.25, batchSize: 1 });
    expect((await call("GET", "/chaos")).body.data).toEqual(body.data);
    world.sandbox.chaos.reset();
  });

  test.each([
    ["an unknown phone", "GET", `/phones/${"0".repeat(24)}`, undefined, 404],
    ["an unknown phone writing", "POST", `/phones/${"0".repeat(24)}/messages`, { type: "text", text: "a" }, 404],
    ["an id that is none", "GET", "/phones/rosa", undefined, 422],
    ["a message of no kind", "POST", `/phones/${"0".repeat(24)}/messages`, { type: "tarot" }, 422],
    ["an empty message", "POST", `/phones/${"0".repeat(24)}/messages`, { type: "text", text: "" }, 422],
    ["a knob that does not exist", "PUT", "/chaos", { mayhem: true }, 422],
    ["a knob out of range", "PUT", "/chaos", { duplicates: 2 }, 422],
    ["a phone without a name", "POST", "/phones", {}, 422],
    ["a phone whose number is taken", "POST", "/phones", { name: "Otra", waId: "51987650111" }, 422],
  ] as const)("%s: refused", async (_, method, path, body, status) => {
    const answer = await call(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body.success).toBe(false);
  });
});
