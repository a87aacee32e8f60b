/** One endpoint through days of failure, a log that is gone, and a process that dies: on a clock that the test moves. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { systemClock } from "../../../src/core/clock";
import { silentLog } from "../../../src/core/log";
import { createUrlGuard } from "../../../src/core/url-guard";
import { createCallWebhook } from "../../../src/features/webhook-endpoints/webhook-call";
import { webhookDeliveryModel } from "../../../src/features/webhook-endpoints/webhook-delivery.model";
import { createWebhookDispatch } from "../../../src/features/webhook-endpoints/webhook-dispatch.service";
import { type WebhookEndpoint, webhookEndpointModel } from "../../../src/features/webhook-endpoints/webhook-endpoint.model";
import { newSigningSecret } from "../../../src/features/webhook-endpoints/webhook-sign";
import { ApiClient } from "../../helpers/api-client";
import { ManualClock, untilAdvancing } from "../../helpers/manual-clock";
import { openRooms } from "../../helpers/rooms";
import { startServer } from "../../helpers/server-process";
import { tempDir } from "../../helpers/temp-dir";
import { until } from "../../helpers/until";
import { startReceiver } from "./receiver";

setDefaultTimeout(60_000);

const HOUR_MS = 3_600_000;
const ID = "019345f2c1a4000a5be1f00d";

async function openWorld({ isAlone = true } = {}) {
  const clock = new ManualClock();
  const rooms = await openRooms({ clock });
  const receiver = startReceiver();
  const [endpoints, deliveries] = [webhookEndpointModel(rooms.store.connection), webhookDeliveryModel(rooms.store.connection)];
  const guard = createUrlGuard({ allowed: ["127.0.0.1"] });
  const secret = newSigningSecret();
  receiver.secrets.push(secret);
  const dispatchAs = (owner: string) =>
    createWebhookDispatch({
      events: rooms.models.events,
      endpoints,
      deliveries,
      bus: rooms.bus,
      call: createCallWebhook({ guard, clock, version: "test" }),
      secretsOf: () => [secret],
      owner,
      isAlone,
      clock,
      log: silentLog,
    });
  const endpoint: WebhookEndpoint = {
    _id: ID,
    name: "Shop",
    url: receiver.url,
    events: ["contact:merged"],
    teams: null,
    state: "active",
    reason: null,
    secrets: [],
    position: 0,
    generation: 1,
    failures: 0,
    failingSince: null,
    nextAttemptAt: null,
    lastError: null,
    deliveredAt: null,
    missed: null,
    lease: null,
    createdAt: new Date(clock.now()),
    updatedAt: new Date(clock.now()),
  };
  await endpoints.collection.insertOne(endpoint as never);
  return {
    clock,
    rooms,
    receiver,
    dispatchAs,
    now: async () => (await endpoints.findById(ID).lean()) as WebhookEndpoint,
    attempts: () => deliveries.countDocuments({ endpoint: ID }),
    tell: (count = 1) =>
      rooms.eventLog.change(async ({ emit }) => {
        for (let index = 0; index < count; index++) emit("contact:merged", { contact: ID, source: ID });
      }),
    sequences: () => receiver.received.map(({ body }) => body.sequence),
    async [Symbol.asyncDispose]() {
      receiver[Symbol.dispose]();
      await rooms[Symbol.asyncDispose]();
    },
  };
}

test("tries come later and later, at most an hour apart, across restarts; after three days it pauses and says why", async () => {
  await using world = await openWorld();
  const { clock, receiver } = world;
  const times: number[] = [];
  receiver.answer = () => {
    times.push(clock.now());
    return new Response("broken", { status: 500 });
  };
  let dispatch = world.dispatchAs("one");
  dispatch.start();
  await world.tell();
  await untilAdvancing(clock, () => times.length >= 4, { step: 500, what: "four tries" });
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  for (const [index, gap] of gaps.entries()) {
    expect(gap).toBeGreaterThanOrEqual(500 * 2 ** index);
  }
  await dispatch.stop();
  dispatch = world.dispatchAs("one");
  dispatch.start();
  const known = times.length;
  clock.advance(100);
  await Bun.sleep(50);
  // The restart does not make it hurry.
  expect(times.length).toBe(known);
  for (;;) {
    const before = await world.now();
    if (before.state === "paused") break;
    const waitMs = (before.nextAttemptAt?.getTime() ?? 0) - clock.now();
    expect(waitMs).toBeLessThanOrEqual(HOUR_MS);
    clock.advance(waitMs);
    // The clock nearly stands still until the try has its outcome.
    await until(
      async () => {
        // Whatever looks now and then, or sets its alarm only after this, gets its turn; against half an hour it is nothing.
        clock.advance(100);
        const { failures, state } = await world.now();
        return failures > before.failures || state === "paused";
      },
      { what: "the outcome of a try" },
    );
  }
  expect(await world.now()).toMatchObject({
    reason: "Nothing could be delivered for three days.",
    lastError: "It answers 500.",
    position: 0,
  });
  // Between half an hour and an hour apart, after the first few.
  expect(times.length).toBeGreaterThanOrEqual(72);
  expect(times.length).toBeLessThan(180);
  const last = times.length;
  clock.advance(5 * HOUR_MS);
  await Bun.sleep(50);
  expect(times.length).toBe(last);
  await dispatch.stop();
});

test("a call that is not answered in time, or that nobody takes, is told and does not throw", async () => {
  const clock = systemClock;
  using receiver = startReceiver(() => new Promise<Response>(() => {}));
  const guard = createUrlGuard({ allowed: ["127.0.0.1"] });
  const call = createCallWebhook({ guard, clock, version: "test", timeoutMs: 200 });
  const signal = new AbortController().signal;
  const message = { id: "evt_1", body: "{}" };
  const late = await call(receiver.url, [newSigningSecret()], message, signal);
  expect(late).toMatchObject({ isDelivered: false, status: null, error: `${receiver.host} does not answer.` });
  expect(late.ms).toBeGreaterThanOrEqual(190);
  receiver[Symbol.dispose]();
  expect(await call(receiver.url, [], message, signal)).toMatchObject({ isDelivered: false, status: null });
  const inside = createCallWebhook({ guard: createUrlGuard(), clock, version: "test" });
  expect(await inside(receiver.url, [], message, signal)).toMatchObject({
    isDelivered: false,
    error: "127.0.0.1 is not a host of the public internet.",
  });
});

test("events that are gone from the log are said to be missed, and the rest arrives", async () => {
  await using world = await openWorld();
  await world.tell(10);
  await world.rooms.models.events.collection.deleteMany({ _id: { $lte: 6 } as never });
  const dispatch = world.dispatchAs("one");
  dispatch.start();
  await untilAdvancing(world.clock, () => world.receiver.received.length === 4, { what: "four events" });
  expect(world.sequences()).toEqual([7, 8, 9, 10]);
  expect((await world.now()).missed).toMatchObject({ from: 1, to: 6 });
  await dispatch.stop();
});

test("of two processes one delivers, and the other takes over when it dies", async () => {
  await using world = await openWorld({ isAlone: false });
  const { clock } = world;
  const [one, two] = [world.dispatchAs("one"), world.dispatchAs("two")];
  one.start();
  await until(async () => (await world.now()).lease?.owner === "one");
  two.start();
  await world.tell(3);
  await untilAdvancing(clock, () => world.receiver.received.length >= 3, { step: 500 });
  clock.advance(2_000);
  await until(async () => (await world.now()).position === 3);
  expect(world.sequences()).toEqual([1, 2, 3]);
  await one.stop();
  await world.tell(2);
  await untilAdvancing(clock, () => world.receiver.received.length >= 5, { step: 1_000 });
  expect(world.sequences()).toEqual([1, 2, 3, 4, 5]);
  expect((await world.now()).lease?.owner).toBe("two");
  await two.stop();
});

test("a process that is killed between the call and the note of it calls again, under the same id", async () => {
  using receiver = startReceiver();
  using dir = tempDir();
  const dataDir = `${dir.path}/data`;
  const env = { PORT: "0", ADMIN_EMAIL: "admin@example.com", ADMIN_PASSWORD: "correct horse battery", ASSISTANT: "off" };
  const options = { env: { ...env, ALLOW_PRIVATE_URLS: receiver.host }, dataDir };
  const asked = Promise.withResolvers<void>();
  receiver.answer = () => {
    asked.resolve();
    // The answer never comes: the other side has it, and we do not know.
    return new Promise<Response>(() => {});
  };
  const first = await startServer(options);
  const api = await new ApiClient(first.url).signIn(first.admin);
  const made = await api.post("/webhook-endpoints", { name: "Shop", url: receiver.url, events: ["label:updated"] });
  expect(made.status).toBe(200);
  for (const name of ["one", "two", "three"]) expect((await api.post("/labels", { name })).status).toBe(200);
  await asked.promise;
  await first.kill();
  receiver.answer = () => new Response();
  await using second = await startServer(options);
  await until(() => receiver.received.length === 4, { within: 20_000, what: "the call that was cut off and all others" });
  const [cutOff, ...all] = receiver.received;
  expect(all.map(({ body }) => (body.data.label as { name: string }).name)).toEqual(["one", "two", "three"]);
  expect(all[0]).toMatchObject({ id: cutOff!.id, raw: cutOff!.raw });
  expect(new Set(all.map(({ id }) => id)).size).toBe(3);
  expect(second.pid).not.toBe(first.pid);
});
