/** Business numbers over HTTP: several at once, each with its own secrets, which go in and never come out. */
import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { ChannelView, ConversationView, MessageView } from "../../../src/events/view";
import { ApiClient, postWebhook, webhookOf } from "../../helpers/api-client";
import { createTestApp, NUMBER, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";
import { connection, type GraphSwitch, second, startGraphSwitch, third } from "./graph-switch";
import { createSandboxApp } from "./sandbox-app";

setDefaultTimeout(60_000);

interface World extends AsyncDisposable {
  app: TestApp;
  graph: GraphSwitch;
}

async function openWorld(env: Record<string, string> = {}): Promise<World> {
  const graph = await startGraphSwitch();
  const app = await createTestApp({ env: { WHATSAPP_GRAPH_URL: graph.url, ASSISTANT: "off", ...env } });
  graph.aim(app.url);
  return {
    app,
    graph,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await graph[Symbol.asyncDispose]();
    },
  };
}

const remove = async ({ url, api }: TestApp, path: string) => {
  const answer = await fetch(`${url}/api/v2${path}`, { method: "DELETE", headers: { authorization: `Bearer ${api.token}` } });
  return { status: answer.status, body: (await answer.json()) as { code?: string } };
};

const SECRETS = [second.accessToken, second.appSecret, second.verifyToken];

test("the number of the environment is there, says so, and cannot be changed or removed here", async () => {
  await using world = await openWorld();
  const { api } = world.app;
  const [own, ...others] = await api.data<ChannelView[]>("/channels");
  expect([own?.phoneNumberId, own?.source, own?.isConnected, others]).toEqual([NUMBER, "environment", true, []]);
  const changed = await api.patch(`/channels/${own?.id}`, { accessToken: "another-token" });
  expect([changed.status, changed.body.code]).toEqual([409, "channel.from-environment"]);
  expect((await remove(world.app, `/channels/${own?.id}`)).body.code).toBe("channel.from-environment");
  const receipts = await api.patch<ChannelView>(`/channels/${own?.id}`, { readReceipts: false });
  expect([receipts.status, receipts.body.data.readReceipts]).toEqual([200, false]);
});

test("a number is connected once Meta confirms it; what it says is shown, its secrets are not", async () => {
  await using world = await openWorld();
  const { api, dataDir } = world.app;
  const created = await api.post<ChannelView>("/channels", connection(second), { "idempotency-key": "connect-second" });
  expect(created.status).toBe(200);
  expect(created.body.data).toMatchObject({
    phoneNumberId: second.phoneNumberId,
    displayNumber: second.displayNumber,
    name: second.name,
    source: "stored",
    isConnected: true,
    problem: null,
    isSubscribed: true,
    token: { isValid: true, expiresAt: null, missing: [] },
    quality: "GREEN",
    messagingLimit: "TIER_2K",
  });
  const again = await api.post<ChannelView>("/channels", connection(second), { "idempotency-key": "connect-second" });
  expect([again.status, again.body.data.id]).toEqual([200, created.body.data.id]);
  const other = await api.post("/channels", connection(second));
  expect([other.status, other.body.code]).toEqual([409, "channel.exists"]);

  const shown = JSON.stringify([created.body, await api.get("/channels"), await api.get(`/channels/${created.body.data.id}`)]);
  for (const secret of SECRETS) expect(shown).not.toContain(secret);
  // Neither in the store nor in the event log.
  const db = new Database(join(dataDir, "chasqui.db"), { readonly: true });
  const tables = db.query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  const everything = tables.map(({ name }) => Buffer.concat(bytesOf(db, name)).toString("latin1")).join("\n");
  db.close();
  expect(everything).toContain(second.phoneNumberId);
  for (const secret of SECRETS) expect(everything).not.toContain(secret);
});

const bytesOf = (db: Database, table: string): Buffer[] =>
  db
    .query(`SELECT * FROM "${table}"`)
    .values()
    .flat()
    .flatMap((value) => (typeof value === "string" || value instanceof Uint8Array ? [Buffer.from(value as string)] : []));

describe("what Meta or the rules refuse leaves nothing behind", () => {
  test.each([
    ["a token Meta does not know", { ...connection(second), accessToken: "wrong-token" }, 422, "graph.refused"],
    ["a number of another account", { ...connection(second), phoneNumberId: third.phoneNumberId }, 422, "channel.not-in-account"],
    ["a field nobody knows", { ...connection(second), secret: "x" }, 422, "request.invalid"],
    ["an id with letters", { ...connection(second), wabaId: "abc" }, 422, "request.invalid"],
    ["a secret with a space", { ...connection(second), appSecret: "two words here" }, 422, "request.invalid"],
  ])("%s", async (_, body, status, code) => {
    await using world = await openWorld();
    const answer = await world.app.api.post("/channels", body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await world.app.api.data<unknown[]>("/channels")).toHaveLength(1);
  });

  test("agents who are no admins look, but change nothing; nobody gets in without a session", async () => {
    await using world = await openWorld();
    const stranger = new ApiClient(world.app.url);
    for (const path of ["/channels", "/templates"]) expect((await stranger.get(path)).status).toBe(401);
    expect((await stranger.post("/channels", connection(second))).status).toBe(401);
  });
});

test("two stored numbers: each receives by its own secret and answers by its own line", async () => {
  await using world = await openWorld();
  const { app, graph } = world;
  for (const number of [second, third]) expect((await app.api.post("/channels", connection(number))).status).toBe(200);
  for (const [name, sandbox] of Object.entries(graph.sandboxes)) {
    const phone = sandbox.phones.create({ name: `Customer of ${name}`, waId: "51987000333" });
    const sent = await sandbox.phones.send(phone.id, { type: "text", text: `hola ${name}` });
    expect(sent.httpStatus).toBe(200);
  }
  const conversations = await until(async () => {
    const found = await app.api.data<ConversationView[]>("/conversations");
    return found.length === 2 ? found : null;
  });
  expect(conversations.map(({ channel }) => channel).sort()).toEqual([second.phoneNumberId, third.phoneNumberId]);
  for (const { id, channel } of conversations) {
    const answer = await app.api.post(`/conversations/${id}/messages`, { text: `respuesta de ${channel}` });
    expect(answer.status).toBe(200);
  }
  for (const [sandbox, number] of [
    [graph.sandboxes.second, second],
    [graph.sandboxes.third, third],
  ] as const) {
    const phone = sandbox.phones.list().find(({ waId }) => waId === "51987000333");
    const heard = await until(() => {
      const lines = sandbox.phones.thread(phone?.id ?? "").filter(({ from }) => from === "business");
      return lines.length > 0 ? lines : null;
    });
    expect(heard.map(({ content }) => content.text)).toEqual([`respuesta de ${number.phoneNumberId}`]);
  }
});

test("the secret of one app does not speak for the numbers of another", async () => {
  await using world = await openWorld();
  const { app } = world;
  await app.api.post("/channels", connection(second));
  await app.api.post("/channels", connection(third));
  const forged = webhookOf(third.phoneNumberId, [{ from: "51987000444", id: "wamid.forged", text: "soy otro" }]);
  expect(await postWebhook(app.url, second.appSecret, forged)).toBe(401);
  expect(await app.api.data<unknown[]>("/conversations")).toEqual([]);
  expect(await postWebhook(app.url, third.appSecret, forged)).toBe(200);
});

test("a number that is removed receives nothing any more, and a new secret holds at once", async () => {
  await using world = await openWorld();
  const { app } = world;
  const { body } = await app.api.post<ChannelView>("/channels", connection(second));
  const hello = (id: string) => webhookOf(second.phoneNumberId, [{ from: "51987000555", id, text: "hola" }]);
  expect(
    (await app.api.patch(`/channels/${body.data.id}`, { appSecret: "a-newer-app-secret", keepPreviousHours: 0 })).status,
  ).toBe(200);
  expect(await postWebhook(app.url, second.appSecret, hello("wamid.old"))).toBe(401);
  expect(await postWebhook(app.url, "a-newer-app-secret", hello("wamid.new"))).toBe(200);
  expect((await remove(app, `/channels/${body.data.id}`)).status).toBe(200);
  expect(await postWebhook(app.url, "a-newer-app-secret", hello("wamid.late"))).toBe(401);
  expect((await app.api.get(`/channels/${body.data.id}`)).status).toBe(404);
});

test("the webhook's verification takes the word of any connected number", async () => {
  await using world = await openWorld();
  await world.app.api.post("/channels", connection(second));
  const ask = (token: string) =>
    fetch(`${world.app.url}/api/v2/webhook?hub.mode=subscribe&hub.challenge=42&hub.verify_token=${token}`);
  expect(await (await ask(second.verifyToken)).text()).toBe("42");
  expect((await ask(third.verifyToken)).status).toBe(403);
});

test("profile, numbers, subscription and registration go to Meta and come back", async () => {
  await using app = await createSandboxApp();
  const [channel] = await app.api.data<ChannelView[]>("/channels");
  const at = `/channels/${channel?.id}`;
  expect(channel?.source).toBe("sandbox");
  const profile = await app.api.patch(`${at}/profile`, { about: "Abierto de 9 a 18", websites: ["https://example.com"] });
  expect(profile.body.data).toMatchObject({ about: "Abierto de 9 a 18", websites: ["https://example.com"], vertical: "RETAIL" });
  expect((await app.api.patch(`${at}/profile`, { about: "x".repeat(140) })).status).toBe(422);
  expect(await app.api.data(`${at}/numbers`)).toEqual([
    expect.objectContaining({ phoneNumberId: channel?.phoneNumberId, isConnected: true }),
  ]);
  expect((await remove(app, `${at}/subscription`)).status).toBe(200);
  const checked = await app.api.post<ChannelView>(`${at}/check`);
  expect([checked.body.data.isSubscribed, checked.body.data.problem]).toEqual([
    false,
    "No app is subscribed to the business account: messages do not arrive.",
  ]);
  expect((await app.api.post<ChannelView>(`${at}/subscription`)).body.data).toMatchObject({ isSubscribed: true });
  expect((await app.api.post(`${at}/registration`, { pin: "123456" })).status).toBe(200);
  expect((await app.api.post(`${at}/registration`, { pin: "12" })).status).toBe(422);
});

test("a token that has expired is a problem people can see, and no 5xx", async () => {
  await using app = await createSandboxApp();
  const [channel] = await app.api.data<ChannelView[]>("/channels");
  await app.chaos({ tokenExpired: true });
  const checked = await app.api.post<ChannelView>(`/channels/${channel?.id}/check`);
  expect(checked.status).toBe(200);
  expect(checked.body.data.problem).toContain("expired");
});

test("news about the number: limits and quality change, alerts are kept, another account's news changes nothing", async () => {
  await using app = await createTestApp({ env: { ASSISTANT: "off", WHATSAPP_BUSINESS_ACCOUNT_ID: "330011223344556" } });
  const account = (field: string, value: object, id = "330011223344556") =>
    app.post({ object: "whatsapp_business_account", entry: [{ id, time: 1_795_000_000, changes: [{ field, value }] }] });
  const restriction = { event: "ACCOUNT_RESTRICTION", restriction_info: [{ restriction_type: "RESTRICTED_BIZ_INITIATED" }] };
  await account("account_update", restriction, "999999999999");
  await account("business_capability_update", { max_daily_conversations_per_business: "TIER_10K" });
  await account("account_update", restriction);
  const channel = await until(async () => {
    const [one] = await app.api.data<ChannelView[]>("/channels");
    return one && one.alerts.length > 0 ? one : null;
  });
  expect(channel.messagingLimit).toBe("TIER_10K");
  expect(channel.alerts.map(({ severity, text }) => [severity, text])).toEqual([
    ["critical", "Business account: ACCOUNT_RESTRICTION · RESTRICTED_BIZ_INITIATED"],
  ]);
});

test("an agent who opens the conversation shows the customer blue ticks, unless the number keeps them", async () => {
  await using app = await createSandboxApp();
  const ticks = async (wamid: string) => (await app.thread()).find(({ id }) => id === wamid)?.ticks;
  const seen = await app.plays({ type: "text", text: "¿hola?" });
  await app.api.post(`/conversations/${(await app.conversation()).id}/read`);
  await until(async () => (await ticks(seen.wamid)) === "read");
  const [channel] = await app.api.data<ChannelView[]>("/channels");
  await app.api.patch(`/channels/${channel?.id}`, { readReceipts: false });
  const unseen = await app.plays({ type: "text", text: "¿siguen ahí?" });
  await until(async () => (await app.conversation()).unreadCount === 1);
  await app.api.post(`/conversations/${(await app.conversation()).id}/read`);
  const sent = await app.send({ text: "sí" });
  await until(async () => (await app.api.data<MessageView>(`/messages/${(sent.body.data as MessageView).id}`)).wamid);
  expect(await ticks(unseen.wamid)).not.toBe("read");
});
