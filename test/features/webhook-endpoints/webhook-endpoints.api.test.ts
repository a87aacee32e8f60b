/** Outgoing webhooks over REST, with a real server on the other side. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { DeliveryView, EndpointView } from "../../../src/features/webhook-endpoints/webhook-endpoint.schema";
import { hire, makeRole, makeTeam } from "../../helpers/people";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";
import { type Receiver, startReceiver } from "./receiver";

setDefaultTimeout(60_000);

let app: TestApp;
let receiver: Receiver;
let slow: Receiver;
beforeAll(async () => {
  receiver = startReceiver();
  slow = startReceiver();
  app = await createTestApp({ env: { ALLOW_PRIVATE_URLS: `${receiver.host},${slow.host}` } });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  receiver[Symbol.dispose]();
  slow[Symbol.dispose]();
});
afterEach(async () => {
  for (const { id } of await app.api.data<EndpointView[]>("/webhook-endpoints")) await app.api.delete(`/webhook-endpoints/${id}`);
  for (const one of [receiver, slow]) {
    one.received.length = 0;
    one.answer = () => new Response("thanks");
  }
});

let labels = 0;
const newLabel = async (): Promise<string> => {
  const name = `label ${++labels}`;
  const made = await app.api.post("/labels", { name });
  expect(made.status).toBe(200);
  return name;
};
const namesOf = (one: Receiver) => one.received.map(({ body }) => (body.data.label as { name: string } | undefined)?.name);

async function open(over: Record<string, unknown> = {}, to = receiver) {
  const made = await app.api.post<{ endpoint: EndpointView; secret: string }>("/webhook-endpoints", {
    name: "Shop",
    url: to.url,
    events: ["label:updated"],
    ...over,
  });
  expect(made.body).toMatchObject({ success: true });
  const { endpoint, secret } = made.body.data;
  to.secrets.push(secret);
  const path = `/webhook-endpoints/${endpoint.id}`;
  return {
    path,
    secret,
    now: () => app.api.data<EndpointView>(path),
    log: (query = "") => app.api.data<DeliveryView[]>(`${path}/deliveries${query}`),
  };
}

test("an event arrives once, signed, with the name and the data of the catalogue", async () => {
  const hook = await open();
  const name = await newLabel();
  await app.api.post("/teams", { name: `not wanted ${name}` });
  await until(() => receiver.received.length > 0);
  const [one] = receiver.received;
  expect(one!.signedBy).toEqual([hook.secret]);
  expect(Math.abs(one!.sentAt - Date.now() / 1_000)).toBeLessThan(60);
  expect(one!.body).toMatchObject({ type: "label:updated", data: { label: { name } } });
  expect(one!.body.sequence).toBeGreaterThan(0);
  await until(async () => (await hook.log()).length > 0);
  const [entry] = await hook.log();
  expect(entry).toMatchObject({ delivery: one!.id, isDelivered: true, status: 200, attempt: 1, answer: "thanks", error: null });
  expect((await hook.now()).state).toBe("active");
  const stored = JSON.stringify(await hook.now());
  expect(stored).not.toContain(hook.secret.slice(6));
});

test("while one event is refused those behind it wait; then all come, in order, the refused one under its id", async () => {
  let refused = 2;
  receiver.answer = () => (refused-- > 0 ? new Response("not now", { status: 503 }) : new Response());
  const hook = await open();
  const names = [await newLabel(), await newLabel(), await newLabel()];
  await until(async () => (await hook.now()).state === "failing", { what: "the state failing" });
  expect(await hook.now()).toMatchObject({ lastError: "It answers 503." });
  await until(() => receiver.received.length === 5, { within: 20_000, what: "five calls" });
  expect(namesOf(receiver)).toEqual([names[0], names[0], ...names]);
  expect(new Set(receiver.received.slice(0, 3).map(({ id }) => id)).size).toBe(1);
  expect(new Set(receiver.received.slice(0, 3).map(({ raw }) => raw)).size).toBe(1);
  await until(async () => (await hook.now()).state === "active");
  const failed = await hook.log("?result=failed");
  expect(failed.map(({ attempt, status, answer }) => [attempt, status, answer])).toEqual([
    [2, 503, "not now"],
    [1, 503, "not now"],
  ]);
});

test("410 ends it for good; a person can take it up again from where it stood", async () => {
  receiver.answer = () => new Response(null, { status: 410 });
  const hook = await open();
  const name = await newLabel();
  await until(async () => (await hook.now()).state === "disabled", { what: "the state disabled" });
  await newLabel();
  await Bun.sleep(300);
  expect(receiver.received).toHaveLength(1);
  receiver.answer = () => new Response();
  expect((await app.api.post(`${hook.path}/resume`, {})).status).toBe(200);
  await until(() => receiver.received.length === 3);
  expect(namesOf(receiver).slice(0, 2)).toEqual([name, name]);
});

test("a pause keeps what happens for later, or leaves it out", async () => {
  const hook = await open();
  expect((await app.api.post<EndpointView>(`${hook.path}/pause`)).body.data).toMatchObject({ state: "paused" });
  const kept = await newLabel();
  await Bun.sleep(300);
  expect(receiver.received).toHaveLength(0);
  await app.api.post(`${hook.path}/resume`, {});
  await until(() => receiver.received.length === 1);
  expect(namesOf(receiver)).toEqual([kept]);
  await app.api.post(`${hook.path}/pause`);
  await newLabel();
  await app.api.post(`${hook.path}/resume`, { from: "newest" });
  const next = await newLabel();
  await until(() => receiver.received.length === 2);
  expect(namesOf(receiver)).toEqual([kept, next]);
});

test("replay sends everything from a sequence on again, under the same ids", async () => {
  const hook = await open();
  const names = [await newLabel(), await newLabel(), await newLabel()];
  await until(() => receiver.received.length === 3);
  const before = receiver.received.splice(0);
  const from = before[1]!.body.sequence;
  expect((await app.api.post(`${hook.path}/replay`, { from })).status).toBe(200);
  await until(() => receiver.received.length === 2);
  expect(namesOf(receiver)).toEqual(names.slice(1));
  expect(receiver.received.map(({ id, raw }) => [id, raw])).toEqual(before.slice(1).map(({ id, raw }) => [id, raw]));
  const later = await newLabel();
  await until(() => receiver.received.length === 3);
  expect(namesOf(receiver)).toEqual([...names.slice(1), later]);
});

test("while a secret is replaced both sign; afterwards only the new one", async () => {
  const hook = await open();
  const rotated = await app.api.post<{ endpoint: EndpointView; secret: string }>(`${hook.path}/secret`, {});
  const { secret, endpoint } = rotated.body.data;
  expect(endpoint.secrets).toHaveLength(2);
  receiver.secrets.push(secret);
  await newLabel();
  await until(() => receiver.received.length === 1);
  expect(receiver.received[0]!.signedBy.toSorted()).toEqual([hook.secret, secret].toSorted());
  const last = await app.api.post<{ secret: string }>(`${hook.path}/secret`, { hours: 0 });
  receiver.secrets.push(last.body.data.secret);
  await newLabel();
  await until(() => receiver.received.length === 2);
  expect(receiver.received[1]!.signedBy).toEqual([last.body.data.secret]);
});

test("a slow endpoint delays neither the others nor the customers", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  slow.answer = () => promise;
  await open({ name: "Slow" }, slow);
  await open();
  const name = await newLabel();
  await until(() => slow.received.length === 1);
  await until(() => receiver.received.length === 1);
  expect(namesOf(receiver)).toEqual([name]);
  expect(await app.receive({ from: "51987000001", id: "wamid.hook.slow", text: "hola" })).toBe(200);
  await until(async () => (await app.api.data<unknown[]>("/conversations")).length > 0);
  resolve(new Response());
});

describe("what the other side may answer", () => {
  test("a redirect is not followed, and is a failure", async () => {
    receiver.answer = () => new Response(null, { status: 307, headers: { location: slow.url } });
    const hook = await open();
    const { body } = await app.api.post<DeliveryView>(`${hook.path}/test`);
    expect(body.data).toMatchObject({ isDelivered: false, status: 307, kind: "test", sequence: null });
    expect(slow.received).toHaveLength(0);
    expect(receiver.received[0]!.body).toMatchObject({ type: "webhook:test", sequence: null });
  });

  test("of an endless answer the first kilobyte is kept, and it counts", async () => {
    receiver.answer = () =>
      new Response(
        new ReadableStream({ pull: (controller) => controller.enqueue(new TextEncoder().encode("x".repeat(65_536))) }),
      );
    const hook = await open();
    const { body } = await app.api.post<DeliveryView>(`${hook.path}/test`);
    expect(body.data).toMatchObject({ isDelivered: true, status: 200 });
    expect(body.data.answer).toBe("x".repeat(1_024));
  });

  test("a server that is not there is told in words", async () => {
    const gone = startReceiver();
    gone[Symbol.dispose]();
    const hook = await open();
    const patched = await app.api.patch(hook.path, { url: gone.url });
    // It is not among the hosts that may be reached.
    expect(patched).toMatchObject({ status: 422, body: { code: "url.refused" } });
  });
});

describe("who may have what sent", () => {
  test("addresses of the own network are refused, other events than those of the catalogue too", async () => {
    const ask = (over: Record<string, unknown>) =>
      app.api.post("/webhook-endpoints", { name: "x", url: receiver.url, events: ["label:updated"], ...over });
    for (const url of ["http://127.0.0.1:1/x", "http://169.254.169.254/latest", "http://[::1]/", "file:///etc/passwd"])
      expect(await ask({ url })).toMatchObject({ status: 422, body: { code: "url.refused" } });
    for (const events of [["session:ended"], ["api-key:changed"], ["draft:updated"], ["no:such"], []])
      expect(await ask({ events })).toMatchObject({ status: 422, body: { code: "request.invalid" } });
    expect(await ask({ more: 1 })).toMatchObject({ status: 422 });
  });

  test("nobody has more sent than they may see", async () => {
    await makeRole(app, { name: "plumber", permissions: ["webhooks.manage", "conversations.read"], reach: "team" });
    const team = await makeTeam(app, "Pipes");
    const { api } = await hire(app, { email: "plumber@example.com", role: "plumber", teams: [team] });
    const ask = (over: Record<string, unknown>) =>
      api.post("/webhook-endpoints", { name: "x", url: receiver.url, events: ["message:new"], ...over });
    expect(await ask({})).toMatchObject({ status: 403, body: { code: "auth.cannot-grant" } });
    expect(await ask({ teams: [team], events: ["contact:updated"] })).toMatchObject({ status: 403 });
    expect(await ask({ teams: [team] })).toMatchObject({ status: 200 });
    // One that hears of everything is not theirs to lead elsewhere.
    const hook = await open({ events: ["message:new"] });
    const beyond = { status: 403, body: { code: "auth.cannot-grant" } };
    expect(await api.patch(hook.path, { url: receiver.url })).toMatchObject(beyond);
    for (const path of ["secret", "resume"]) expect(await api.post(`${hook.path}/${path}`, {})).toMatchObject(beyond);
    expect(await api.post(`${hook.path}/replay`, { from: 1 })).toMatchObject(beyond);
    expect(await api.post(`${hook.path}/pause`)).toMatchObject({ status: 200 });
  });

  test("an endpoint of a team hears of its conversations only", async () => {
    const team = await makeTeam(app, "Sales");
    await open({ events: ["conversation:updated", "message:new"], teams: [team] });
    await app.receive({ from: "51987000002", id: "wamid.hook.team.1", text: "hola" });
    const find = async () =>
      (await app.api.data<{ id: string; contact: { phone: string } }[]>("/conversations")).find(
        ({ contact }) => contact.phone === "+51987000002",
      );
    const { id } = await until(find);
    await app.api.post(`/conversations/${id}/assign`, { team });
    await until(() => receiver.received.some(({ body }) => body.type === "conversation:updated"));
    await app.receive({ from: "51987000003", id: "wamid.hook.team.2", text: "of somebody else" });
    await app.receive({ from: "51987000002", id: "wamid.hook.team.3", text: "again" });
    await until(() => receiver.received.some(({ raw }) => raw.includes("again")));
    expect(receiver.received.every(({ raw }) => raw.includes(id))).toBe(true);
  });

  test("every change is in the audit log, without the secret", async () => {
    const hook = await open();
    await app.api.patch(hook.path, { name: "Warehouse" });
    await app.api.post(`${hook.path}/secret`, {});
    await app.api.delete(hook.path);
    const target = hook.path.split("/").at(-1);
    const entries = await app.api.data<{ action: string }[]>(`/audit?target=${target}`);
    expect(entries.map(({ action }) => action)).toEqual(
      ["remove", "rotate", "update", "create"].map((verb) => `webhook-endpoint.${verb}`),
    );
    expect(JSON.stringify(entries)).not.toContain(hook.secret.slice(6));
    expect(await app.api.get(hook.path)).toMatchObject({ status: 404, body: { code: "webhook-endpoint.not-found" } });
  });

  test("every event that can be sent is described by a schema", async () => {
    const events =
      await app.api.data<{ event: string; permission: string; data: { properties: object } }[]>("/webhook-endpoints/events");
    expect(events.find(({ event }) => event === "message:new")).toMatchObject({
      permission: "conversations.read",
      data: { properties: { message: { properties: { content: { type: "string" } } } } },
    });
    expect(events.some(({ event }) => event === "session:ended")).toBe(false);
  });
});
