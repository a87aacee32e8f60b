/** Two whole servers on one store: who loses something through one of them has lost it in the other one as well, a moment later. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { ChannelView } from "../../src/events/view";
import { connection, type GraphSwitch, second, startGraphSwitch } from "../features/channels/graph-switch";
import { openSharedStore, type SharedStore } from "../flow/several-processes";
import { ApiClient, postWebhook, webhookOf } from "../helpers/api-client";
import { type Colleague, hire, keyClient, makeRole } from "../helpers/people";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { signInLive } from "../http/live-client";

setDefaultTimeout(90_000);

let store: SharedStore;
let here: ServerProcess;
let there: ServerProcess;
/** The administrator, signed in at `here`. */
let api: ApiClient;
let graph: GraphSwitch;

beforeAll(async () => {
  graph = await startGraphSwitch();
  store = await openSharedStore();
  const env = {
    MONGODB_URI: store.uri,
    ASSISTANT: "off",
    JWT_ACCESS_SECRET: "a secret that both servers of the test share",
    JWT_REFRESH_SECRET: "another secret that both servers of the test share",
    ENCRYPTION_KEY: "the key of the credentials that both servers share",
    SANDBOX: "on",
    WHATSAPP_GRAPH_URL: graph.url,
  };
  here = await startServer({ env });
  there = await startServer({ env });
  api = await new ApiClient(here.url).signIn(here.admin);
});
afterAll(async () => {
  await there[Symbol.asyncDispose]();
  await here[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await graph[Symbol.asyncDispose]();
});

const join = (email: string, role = "agent"): Promise<Colleague> => hire({ api, url: here.url }, { email, role });

/** The same token at the other server. */
function across({ api: { token } }: { api: ApiClient }): ApiClient {
  const client = new ApiClient(there.url);
  client.token = token;
  return client;
}

const statusOf = async (client: ApiClient, path: string) => (await client.get(path)).status;

/** Waits for an answer of the other server while somebody keeps asking, so that it never forgets who they are by itself. */
async function becomes(client: ApiClient, path: string, status: number): Promise<number> {
  const begun = performance.now();
  await until(async () => (await statusOf(client, path)) === status, { within: 8_000, what: `${status} from ${path}` });
  return performance.now() - begun;
}

/** It reads the log every second; the rest is for a busy machine. */
const SOON_MS = 2_900;

test("a role that changes, in either direction", async () => {
  await makeRole({ api }, { name: "shifting", permissions: ["contacts.read"], reach: "all" });
  const colleague = await join("shifting@example.com", "shifting");
  const other = across(colleague);
  expect(await statusOf(other, "/contacts")).toBe(200);
  expect(await statusOf(other, "/templates")).toBe(403);
  await api.patch("/roles/shifting", { permissions: ["templates.read"] });
  expect(await statusOf(colleague.api, "/contacts")).toBe(403);
  expect(await statusOf(colleague.api, "/templates")).toBe(200);
  expect(await becomes(other, "/contacts", 403)).toBeLessThan(SOON_MS);
  expect(await becomes(other, "/templates", 200)).toBeLessThan(SOON_MS);
});

test("a role that is given to somebody", async () => {
  const colleague = await join("promoted@example.com");
  const other = across(colleague);
  expect(await statusOf(other, "/settings")).toBe(403);
  await api.patch(`/agents/${colleague.id}`, { role: "supervisor" });
  expect(await statusOf(colleague.api, "/settings")).toBe(200);
  expect(await becomes(other, "/settings", 200)).toBeLessThan(SOON_MS);
});

test("somebody who is shut out: their tokens, keys and connections at the other server", async () => {
  const leaver = await join("leaver@example.com", "admin");
  const key = await keyClient({ api: leaver.api, url: here.url }, { permissions: ["contacts.read"] });
  const [person, machine] = [across(leaver), across(key)];
  using client = await signInLive(there.url, leaver.api.token);
  expect(await statusOf(person, "/contacts")).toBe(200);
  expect(await statusOf(machine, "/contacts")).toBe(200);
  const begun = performance.now();
  expect((await api.post(`/agents/${leaver.id}/deactivate`)).status).toBe(200);
  expect(await statusOf(leaver.api, "/contacts")).toBe(401);
  expect(await statusOf(key.api, "/contacts")).toBe(401);
  await becomes(person, "/contacts", 401);
  await becomes(machine, "/contacts", 401);
  expect((await client.waitClosed()).code).toBe(1008);
  expect(performance.now() - begun).toBeLessThan(SOON_MS);
});

test("a session that is ended, and a key that is revoked: only these", async () => {
  const colleague = await join("devices@example.com");
  const second = await new ApiClient(here.url).signIn({ email: colleague.email, password: "another horse battery" });
  using ended = await signInLive(there.url, colleague.api.token);
  using kept = await signInLive(there.url, second.token);
  const { session } = await colleague.api.data<{ session: string }>("/auth/me");
  expect((await second.delete(`/auth/sessions/${session}`)).status).toBe(200);
  expect(await becomes(across(colleague), "/contacts", 401)).toBeLessThan(SOON_MS);
  expect((await ended.waitClosed()).code).toBe(1008);
  await kept.settle();
  expect(kept.closed()).toBeNull();
  const key = await keyClient({ api, url: here.url }, { permissions: ["contacts.read"] });
  using machine = await signInLive(there.url, key.api.token);
  expect((await api.delete(`/api-keys/${key.id}`)).status).toBe(200);
  expect(await becomes(across(key), "/contacts", 401)).toBeLessThan(SOON_MS);
  expect((await machine.waitClosed()).code).toBe(1008);
});

test("a refresh token that was used at one server and comes back at the other one ends the family at both", async () => {
  const sign = await new ApiClient(here.url).post<{ accessToken: string; refreshToken: string }>("/auth/sign-in", {
    ...here.admin,
    tokens: "body",
  });
  const { refreshToken } = sign.body.data;
  const refresh = (url: string) => new ApiClient(url).post<{ accessToken: string }>("/auth/refresh", { refreshToken });
  // Two tabs behind a balancer.
  const both = await Promise.all([refresh(here.url), refresh(there.url)]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  // Longer than two tabs need.
  await Bun.sleep(10_200);
  expect((await refresh(there.url)).status).toBe(401);
  const client = new ApiClient(here.url);
  client.token = both[0]?.body.data.accessToken ?? "";
  expect(await becomes(client, "/contacts", 401)).toBeLessThan(SOON_MS);
});

test("a number that is connected, its secret that is replaced, and the number that is removed", async () => {
  const knock = (secret: string) => postWebhook(there.url, secret, webhookOf(second.phoneNumberId, []));
  const soon = async (secret: string, status: number) => {
    const begun = performance.now();
    await until(async () => (await knock(secret)) === status, { within: 8_000, what: `${status} for ${secret}` });
    return performance.now() - begun;
  };
  expect(await knock(second.appSecret)).toBe(401);
  const { body } = await api.post<ChannelView>("/channels", connection(second));
  expect(await soon(second.appSecret, 200)).toBeLessThan(SOON_MS);
  await api.patch(`/channels/${body.data.id}`, { appSecret: "newer-app-secret" });
  expect(await soon("newer-app-secret", 200)).toBeLessThan(SOON_MS);
  expect(await knock(second.appSecret)).toBe(200);
  await api.patch(`/channels/${body.data.id}`, { keepPreviousHours: 0 });
  expect(await soon(second.appSecret, 401)).toBeLessThan(SOON_MS);
  await api.delete(`/channels/${body.data.id}`);
  expect(await soon("newer-app-secret", 401)).toBeLessThan(SOON_MS);
});
