/** How a live connection is opened and for how long: by a frame or with the upgrade, until its token ends, or its session does. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { ApiClient } from "../helpers/api-client";
import { ManualClock } from "../helpers/manual-clock";
import { hire, keyClient } from "../helpers/people";
import { ADMIN } from "../helpers/server-process";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";
import { connectLive, type LiveClient, signInLive } from "./live-client";

setDefaultTimeout(40_000);

const MINUTE = 60_000;
const clock = new ManualClock();
let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ clock, env: { ASSISTANT: "off", ACCESS_TOKEN_TTL: "15m", REFRESH_TOKEN_TTL: "7d" } });
});
afterAll(() => app[Symbol.asyncDispose]());

interface Grant {
  accessToken: string;
  refreshToken: string;
}

async function signIn(): Promise<Grant> {
  const answer = await new ApiClient(app.url).post<Grant>("/auth/sign-in", { ...ADMIN, tokens: "body" });
  expect(answer.status).toBe(200);
  return answer.body.data;
}

const refresh = (refreshToken: string) => new ApiClient(app.url).post<Grant>("/auth/refresh", { refreshToken });
const isOpen = async (client: LiveClient) => {
  await client.settle();
  return client.closed() === null;
};
/** What an upgrade is answered with. */
const upgrade = (headers: Record<string, string>) =>
  fetch(`${app.url}/api/v2/live`, {
    headers: {
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-version": "13",
      ...headers,
    },
  });

describe("a token that comes with the upgrade", () => {
  test("signs in without a frame, and hears events", async () => {
    const { accessToken } = await signIn();
    using client = await connectLive(app.url, { authorization: `Bearer ${accessToken}` });
    await client.waitFor("connected", ({ type }) => type === "connected");
    await app.receive({ from: "51987650710", id: "wamid.upgrade.1", text: "hola" });
    await client.waitFor("the message", ({ event }) => event === "message:new");
  });

  test("of an API key as well", async () => {
    const key = await keyClient(app, { permissions: ["conversations.read"] });
    using client = await connectLive(app.url, { authorization: `Bearer ${key.api.token}` });
    await client.waitFor("connected", ({ type }) => type === "connected");
  });

  test.each([
    ["an invented token", { authorization: "Bearer nonsense" }],
    ["an invented key", { authorization: "Bearer ck_nonsense" }],
  ])("%s: 401, and no connection", async (_, headers) => {
    const answer = await upgrade(headers);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ success: false, code: "auth.invalid-token" });
  });

  test("of a session that has ended: 401", async () => {
    const { accessToken, refreshToken } = await signIn();
    await new ApiClient(app.url).post("/auth/sign-out", { refreshToken });
    expect((await upgrade({ authorization: `Bearer ${accessToken}` })).status).toBe(401);
  });

  test("another scheme is no token: the first frame has to sign in", async () => {
    using client = await connectLive(app.url, { authorization: "Basic YTpi" });
    client.send({ type: "resume", since: 0 });
    expect((await client.waitClosed()).code).toBe(1008);
    expect(client.frames.map(({ code }) => code)).toEqual(["auth.required"]);
  });
});

describe("a connection ends with its token", () => {
  test("to the second, with the reason, when the client does nothing", async () => {
    const { accessToken } = await signIn();
    using client = await signInLive(app.url, accessToken);
    clock.advance(14 * MINUTE);
    expect(await isOpen(client)).toBe(true);
    clock.advance(MINUTE);
    expect((await client.waitClosed()).code).toBe(1008);
    expect(client.frames.at(-1)).toMatchObject({ type: "error", success: false, code: "auth.invalid-token" });
  });

  test("and goes on for as long as the client signs in anew in time, missing nothing", async () => {
    let grant = await signIn();
    using client = await signInLive(app.url, grant.accessToken);
    for (let round = 0; round < 4; round++) {
      clock.advance(14 * MINUTE);
      grant = (await refresh(grant.refreshToken)).body.data;
      client.send({ type: "auth", token: grant.accessToken });
      expect(await isOpen(client)).toBe(true);
      const id = `wamid.anew.${round}`;
      await app.receive({ from: "51987650711", id, text: "sigo aquí" });
      await until(() => client.events().some(({ data }) => JSON.stringify(data).includes(id)));
    }
    const seqs = client.events().map(({ seq }) => seq);
    expect(new Set(seqs).size).toBe(seqs.length);
    clock.advance(15 * MINUTE);
    expect((await client.waitClosed()).code).toBe(1008);
    await app.api.signIn(ADMIN);
  });

  test("nobody goes on as somebody else", async () => {
    const other = await hire(app, { email: "other@example.com", role: "agent" });
    using client = await signInLive(app.url, app.api.token);
    client.send({ type: "auth", token: other.api.token });
    expect((await client.waitClosed()).code).toBe(1008);
    expect(client.frames.at(-1)).toMatchObject({ code: "auth.invalid-token" });
  });
});

test("a refresh token that comes back after its use ends the connections of its family, and of no other", async () => {
  const stolen = await signIn();
  const innocent = await signIn();
  const next = (await refresh(stolen.refreshToken)).body.data;
  using first = await signInLive(app.url, stolen.accessToken);
  using second = await signInLive(app.url, next.accessToken);
  using other = await signInLive(app.url, innocent.accessToken);
  clock.advance(10_001);
  expect((await refresh(stolen.refreshToken)).status).toBe(401);
  for (const client of [first, second]) {
    expect((await client.waitClosed()).code).toBe(1008);
    expect(client.frames.at(-1)).toMatchObject({ code: "auth.invalid-token" });
  }
  expect(await isOpen(other)).toBe(true);
  const thief = new ApiClient(app.url);
  for (const { accessToken } of [stolen, next]) {
    thief.token = accessToken;
    expect((await thief.get("/contacts")).status).toBe(401);
  }
  await app.api.signIn(ADMIN);
  expect(await app.api.data<{ action: string }[]>("/audit?action=session.reuse")).toHaveLength(1);
});

test("one device is signed out: its connection ends and the others stay", async () => {
  const grant = await signIn();
  using here = await signInLive(app.url, app.api.token);
  using there = await signInLive(app.url, grant.accessToken);
  const { session } = await (async () => {
    const client = new ApiClient(app.url);
    client.token = grant.accessToken;
    return client.data<{ session: string }>("/auth/me");
  })();
  expect((await app.api.delete(`/auth/sessions/${session}`)).status).toBe(200);
  expect((await there.waitClosed()).code).toBe(1008);
  expect(await isOpen(here)).toBe(true);
});

test("who is shut out while they sign in does not get their seat", async () => {
  const leaver = await hire(app, { email: "race@example.com", role: "agent" });
  const clients = await Promise.all(Array.from({ length: 60 }, () => connectLive(app.url)));
  const leaving = app.api.post(`/agents/${leaver.id}/deactivate`);
  // Their lookups are under way before, during and after the commit.
  for (const client of clients) {
    client.send({ type: "auth", token: leaver.api.token });
    await Bun.sleep(0);
  }
  expect((await leaving).status).toBe(200);
  for (const client of clients) expect((await client.waitClosed()).code).toBe(1008);
});
