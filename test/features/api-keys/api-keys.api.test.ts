/** Keys of other systems: shown once, never more than their owner, ended by time, by hand and with their owner. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { ManualClock } from "../../helpers/manual-clock";
import { hire, keyClient, makeRole } from "../../helpers/people";
import { ADMIN } from "../../helpers/server-process";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

interface Key {
  id: string;
  hint: string;
  state: string;
  lastUsedAt: string | null;
}

const clock = new ManualClock();
let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ clock });
});
afterAll(() => app[Symbol.asyncDispose]());

const keys = () => app.api.data<Key[]>("/api-keys");
const keyOf = async (id: string) => (await keys()).find((one) => one.id === id) as Key;

test("the secret is told once, and only its hash is kept", async () => {
  const { id, api } = await keyClient(app, { permissions: ["contacts.read"] });
  expect(api.token).toStartWith("ck_");
  expect(api.token.length).toBeGreaterThan(40);
  expect(JSON.stringify(await keys())).not.toContain(api.token.slice(10));
  expect((await keyOf(id)).hint).toBe(api.token.slice(0, 8));
  const audit = await app.api.data("/audit?action=api-key");
  expect(JSON.stringify(audit)).not.toContain(api.token.slice(10));
});

test("it may do what it was given and no more; it has no session", async () => {
  const { api } = await keyClient(app, { permissions: ["contacts.read"] });
  expect((await api.get("/contacts")).status).toBe(200);
  expect((await api.get("/conversations")).body).toMatchObject({
    code: "auth.forbidden",
    error: "This API key may not do this.",
  });
  expect((await api.get("/auth/me")).body.code).toBe("auth.person-only");
  expect((await api.post("/auth/sign-out-everywhere")).body.code).toBe("auth.person-only");
});

test("a key cannot make keys, and nobody gives a key more than they have", async () => {
  const machine = await keyClient(app, { permissions: ["api-keys.manage", "contacts.read"] });
  const body = { name: "child", permissions: ["contacts.read"] };
  expect((await machine.api.post("/api-keys", body)).body.code).toBe("auth.person-only");
  await makeRole(app, { name: "keeper", permissions: ["api-keys.manage", "contacts.read"], reach: "own" });
  const keeper = await hire(app, { email: "keeper@example.com", role: "keeper" });
  expect((await keeper.api.post("/api-keys", { ...body, permissions: ["audit.read"] })).body.code).toBe("auth.cannot-grant");
  expect((await keeper.api.post("/api-keys", { ...body, reach: "all" })).body.code).toBe("auth.cannot-grant");
  expect((await keeper.api.post("/api-keys", body)).status).toBe(200);
});

test("it shrinks with the role of its owner", async () => {
  const owner = await hire(app, { email: "owner@example.com", role: "admin" });
  const { api } = await keyClient({ api: owner.api, url: app.url }, { permissions: ["contacts.read", "audit.read"] });
  expect((await api.get("/audit")).status).toBe(200);
  await app.api.patch(`/agents/${owner.id}`, { role: "agent" });
  expect((await api.get("/audit")).status).toBe(403);
  expect((await api.get("/contacts")).status).toBe(200);
});

test("its last use is noted, at most once a minute", async () => {
  const { id, api } = await keyClient(app, { permissions: ["contacts.read"] });
  expect((await keyOf(id)).lastUsedAt).toBeNull();
  await api.get("/contacts");
  const first = await until(async () => (await keyOf(id)).lastUsedAt);
  clock.advance(30_000);
  await api.get("/contacts");
  expect((await keyOf(id)).lastUsedAt).toBe(first);
  clock.advance(31_000);
  await api.get("/contacts");
  await until(async () => (await keyOf(id)).lastUsedAt !== first);
});

test("it ends by hand and with its time, and not before", async () => {
  const revoked = await keyClient(app, { permissions: ["contacts.read"] });
  await revoked.api.get("/contacts");
  expect((await app.api.call<Key>("DELETE", `/api-keys/${revoked.id}`)).body.data.state).toBe("revoked");
  expect((await revoked.api.get("/contacts")).body.code).toBe("auth.invalid-token");
  const short = await keyClient(app, { permissions: ["contacts.read"], days: 1 });
  const endless = await keyClient(app, { permissions: ["contacts.read"], days: null });
  const start = clock.now();
  clock.setWall(start + 86_400_000 - 60_000);
  expect((await short.api.get("/contacts")).status).toBe(200);
  clock.setWall(start + 86_400_000);
  expect((await short.api.get("/contacts")).status).toBe(401);
  clock.setWall(start + 4_000 * 86_400_000);
  expect((await endless.api.get("/contacts")).status).toBe(200);
  await app.api.signIn(ADMIN);
  expect((await keyOf(short.id)).state).toBe("expired");
});
