/** Calls over the live connection: the same rules, answers and errors as over REST, once however often they are repeated. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { newId } from "../../src/core/id";
import { RPC_METHODS, type RpcMethod } from "../../src/http/live-rpc-methods";
import { activityOf, type InboxWorld, openInboxWorld } from "../features/inbox/inbox-world";
import { hire, keyClient, makeRole } from "../helpers/people";
import { createTestApp } from "../helpers/test-app";
import { until } from "../helpers/until";
import { connectLive } from "./live-client";
import { typedLive } from "./typed-live-client";

setDefaultTimeout(40_000);

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const connect = (who: { token: string } = world.admin) => typedLive(world.app.url, who.token);

test("every method is a route that exists", () => {
  const routes = new Set(world.app.routes.map(({ method, path }) => `${method} ${path.replace(/\/$/, "")}`));
  const missing = Object.entries(RPC_METHODS).filter(([, route]) => !routes.has(route.replace(" /", " /api/v2/")));
  expect(missing).toEqual([]);
});

describe("answers", () => {
  test("are those of REST, with the page and its cursor", async () => {
    for (let count = 0; count < 3; count++) await world.customer().opens();
    using client = await connect();
    const first = await client.call("conversations.list", { limit: 2, status: ["open", "assigned"] });
    const rest = await world.admin.get("/conversations?limit=2&status=open,assigned");
    const { type, id, ...envelope } = first;
    expect(envelope).toEqual(rest.body as never);
    expect([type, first.data.length]).toEqual(["reply", 2]);
    const next = await client.call("conversations.list", { limit: 2, cursor: first.page?.next });
    expect(next.data[0]?.id).not.toBe(first.data[1]?.id ?? "");
  });

  test("an agent works a conversation from the first look to the customer's phone without REST", async () => {
    const customer = world.customer();
    const { id } = await customer.opens("¿cuánto cuesta la manta?");
    using client = await connect(world.lucia);
    expect(await client.ask("conversation.take", { id })).toMatchObject({ assignedAgent: world.lucia.id, status: "assigned" });
    expect((await client.ask("messages.list", { id })).map(({ content }) => content)).toContain("¿cuánto cuesta la manta?");
    await client.ask("message.note", { id, text: "Es clienta de siempre" });
    await client.ask("message.send", { id, text: "80 soles" });
    await customer.hears(1);
    expect(customer.heard()).toEqual(["80 soles"]);
    await client.ask("conversation.patch", { id, priority: "high" });
    await client.ask("conversation.act", { id, actions: [{ do: "status", status: "resolved" }] });
    expect(await client.ask("conversation.get", { id })).toMatchObject({ status: "resolved", priority: "high" });
    expect(activityOf(await customer.thread())).toEqual(["Lucia took it", "Lucia set the priority to high", "Lucia resolved it"]);
  });

  test("many calls at once each get their own answer", async () => {
    using client = await connect();
    const methods: RpcMethod[] = ["labels.list", "agents.list", "teams.list", "conversations.counts", "presence.list"];
    const replies = await Promise.all(Array.from({ length: 30 }, (_, index) => client.call(methods[index % 5] as RpcMethod)));
    expect(replies.every(({ success }) => success)).toBe(true);
    expect(new Set(replies.map(({ id }) => id)).size).toBe(30);
  });
});

describe("errors", () => {
  test.each<[string, RpcMethod, Record<string, unknown>, string]>([
    ["what does not exist", "conversation.get", { id: newId() }, "conversation.not-found"],
    ["a field that is not valid", "message.send", { id: newId(), text: 5 }, "request.invalid"],
    ["an unknown field", "conversation.assign", { id: newId(), somebody: 1 }, "request.invalid"],
    ["a missing id", "conversation.get", {}, "request.invalid"],
    ["an id that leads elsewhere", "conversation.get", { id: "../agents" }, "request.invalid"],
    ["a cursor that is none", "conversations.list", { cursor: "nonsense" }, "request.cursor"],
    ["a query that is no plain value", "conversations.list", { status: { $ne: 1 } }, "request.invalid"],
  ])("%s is told as over REST, and the connection stays", async (_, method, params, code) => {
    using client = await connect();
    const reply = await client.call(method, params);
    expect(reply).toMatchObject({ success: false, code });
    expect(reply.error).toBeString();
    expect(reply.requestId).toBeString();
    await client.settle();
    expect(client.closed()).toBeNull();
  });

  test("an unknown method is told", async () => {
    using client = await connect();
    expect(await client.call("constructor" as RpcMethod)).toMatchObject({ success: false, code: "live.unknown-method" });
  });

  test.each([
    ["without an id", { type: "rpc", method: "labels.list" }],
    ["with a short id", { type: "rpc", id: "1", method: "labels.list" }],
    ["with params that are no object", { type: "rpc", id: "call-0001", method: "labels.list", params: [] }],
  ])("a call %s is no frame", async (_, frame) => {
    using client = await connect();
    client.send(frame);
    expect(await client.waitFor("an error", ({ type }) => type === "error")).toMatchObject({ code: "request.invalid" });
  });

  test("before signing in nothing is answered", async () => {
    using client = await connectLive(world.app.url);
    client.send({ type: "rpc", id: "call-0001", method: "conversations.list" });
    expect((await client.waitClosed()).code).toBe(1008);
    expect(client.frames.map(({ type, code }) => [type, code])).toEqual([["error", "auth.required"]]);
  });

  test("nobody does what their role does not allow, nor with what is out of their reach", async () => {
    await makeRole(world.app, { name: "rpc-own", permissions: ["conversations.read", "messages.send"], reach: "own" });
    const { api } = await hire(world.app, { email: "rpc-own@test.local", role: "rpc-own" });
    const { id } = await world.customer().opens();
    using client = await connect(api);
    expect(await client.call("conversation.assign", { id, agent: null })).toMatchObject({ code: "auth.forbidden" });
    expect(await client.call("message.send", { id, text: "hola" })).toMatchObject({ code: "conversation.not-found" });
    expect(await client.ask("conversations.list")).toEqual([]);
  });

  test("a stale version is refused with what is stored now", async () => {
    const { id, version } = await world.customer().opens();
    using lucia = await connect(world.lucia);
    using pedro = await connect(world.pedro);
    await lucia.ask("conversation.patch", { id, version, priority: "high" });
    const late = await pedro.call("conversation.patch", { id, version, priority: "low" });
    expect(late).toMatchObject({ success: false, code: "request.stale", current: { priority: "high" } });
  });

  test("of two who take it at once with the version they saw, one has it and the other is told who", async () => {
    const { id, version } = await world.customer().opens();
    using lucia = await connect(world.lucia);
    using pedro = await connect(world.pedro);
    const replies = await Promise.all([lucia, pedro].map((one) => one.call("conversation.take", { id, version })));
    expect(replies.map(({ success }) => success).sort()).toEqual([false, true]);
    const [winner] = replies.filter(({ success }) => success);
    expect(replies.find(({ success }) => !success)?.current).toMatchObject({ assignedAgent: winner?.data.assignedAgent });
  });
});

describe("once", () => {
  test("a call repeated after a broken line sends once and gives the first answer", async () => {
    const customer = world.customer();
    const { id } = await customer.opens();
    const call = `send-${newId()}`;
    const broken = await connect(world.lucia);
    broken.send({ type: "rpc", id: call, method: "message.send", params: { id, text: "una sola vez" } });
    broken.drop();
    using client = await connect(world.lucia);
    const [first, second] = [
      await client.call("message.send", { id, text: "una sola vez" }, call),
      await client.call("message.send", { id, text: "una sola vez" }, call),
    ];
    expect(first.success).toBe(true);
    expect(second.data).toEqual(first.data);
    await customer.hears(1);
    expect((await customer.thread()).filter(({ content }) => content === "una sola vez")).toHaveLength(1);
  });

  test("the same id with other params is refused", async () => {
    const { id } = await world.customer().opens();
    using client = await connect();
    const call = `note-${newId()}`;
    expect((await client.call("message.note", { id, text: "uno" }, call)).success).toBe(true);
    expect(await client.call("message.note", { id, text: "dos" }, call)).toMatchObject({ code: "request.key-reused" });
  });
});

describe("limits", () => {
  test("more calls at once than are reasonable are refused one by one; the others are answered", async () => {
    using client = await connect();
    const ids = Array.from({ length: 120 }, (_, index) => `many-${index}-${newId()}`);
    for (const id of ids) client.send({ type: "rpc", id, method: "conversations.counts" });
    await until(() => client.frames.filter(({ type }) => type === "reply").length === ids.length);
    const codes = client.frames.flatMap(({ type, success, code }) => (type === "reply" ? [success ? "ok" : code] : []));
    expect(new Set(codes).has("ok")).toBe(true);
    expect(codes.filter((code) => code !== "ok" && code !== "live.too-many-calls")).toEqual([]);
  });

  test("frames without end are refused, and whoever goes on is closed; others do not notice", async () => {
    await using limited = await createTestApp({ env: { RATE_LIMITS: "on", ASSISTANT: "off" } });
    using other = await typedLive(limited.url, limited.api.token);
    using client = await typedLive(limited.url, limited.api.token);
    for (let count = 0; count < 1_500; count++) client.send({ type: "viewing", conversationId: null });
    expect((await client.waitClosed()).code).toBe(1008);
    expect(client.frames.some(({ code }) => code === "request.rate-limited")).toBe(true);
    await other.settle();
  });
});

describe("who calls", () => {
  test("an API key signs in with the upgrade and calls within its permissions", async () => {
    const { api } = await keyClient(world.app, { permissions: ["conversations.read"], reach: "all" });
    const socket = new WebSocket(`${world.app.url.replace("http", "ws")}/api/v2/live`, {
      headers: { authorization: `Bearer ${api.token}` },
    } as never);
    const frames: Record<string, unknown>[] = [];
    socket.onmessage = ({ data }) => void frames.push(JSON.parse(String(data)) as Record<string, unknown>);
    await until(() => frames.some(({ type }) => type === "connected"), { what: "connected without an auth frame" });
    socket.send(JSON.stringify({ type: "rpc", id: "key-call-1", method: "conversations.list" }));
    socket.send(JSON.stringify({ type: "rpc", id: "key-call-2", method: "labels.list" }));
    socket.send(JSON.stringify({ type: "rpc", id: "key-call-3", method: "message.send", params: { id: newId(), text: "x" } }));
    socket.send(JSON.stringify({ type: "rpc", id: "key-call-4", method: "presence.say", params: { state: "away" } }));
    await until(() => frames.filter(({ type }) => type === "reply").length === 4);
    const code = (id: string) => frames.find((frame) => frame.id === id)?.code ?? "ok";
    expect(["key-call-1", "key-call-3", "key-call-4"].map(code)).toEqual(["ok", "auth.forbidden", "auth.person-only"]);
    socket.close();
  });

  test("whoever is shut out gets no more answers", async () => {
    const { id, api } = await hire(world.app, { email: "rpc-leaver@test.local", role: "agent" });
    using client = await connect(api);
    await client.ask("labels.list");
    await world.admin.post(`/agents/${id}/deactivate`);
    await client.waitClosed();
    expect(client.frames.at(-1)).toMatchObject({ type: "error", code: "auth.invalid-token" });
  });
});
