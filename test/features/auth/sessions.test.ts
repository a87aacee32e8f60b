/** How many devices somebody may be signed in on, and how long a session lasts however much it is used. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { ApiClient } from "../../helpers/api-client";
import { ManualClock } from "../../helpers/manual-clock";
import { hire, PASSWORD } from "../../helpers/people";
import { ADMIN } from "../../helpers/server-process";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { signInLive } from "../../http/live-client";

setDefaultTimeout(60_000);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const clock = new ManualClock();
let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ clock, env: { ASSISTANT: "off", ACCESS_TOKEN_TTL: "15m", REFRESH_TOKEN_TTL: "7d" } });
});
afterAll(() => app[Symbol.asyncDispose]());

interface Grant {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
}

async function limit(sessionLimits: { perAgent: number; days: number }): Promise<void> {
  await app.api.signIn(ADMIN);
  const { version } = await app.api.data<{ version: number }>("/settings/security");
  const set = await app.api.patch("/settings/security", { version, values: { sessionLimits } });
  expect(set.status).toBe(200);
}

async function signIn(email: string): Promise<Grant> {
  const answer = await new ApiClient(app.url).post<Grant>("/auth/sign-in", { email, password: PASSWORD, tokens: "body" });
  expect(answer.status).toBe(200);
  clock.setWall(clock.now() + 1_000);
  return answer.body.data;
}

const refresh = (refreshToken: string) => new ApiClient(app.url).post<Grant>("/auth/refresh", { refreshToken });
const mayRead = async (accessToken: string) => {
  const client = new ApiClient(app.url);
  client.token = accessToken;
  return (await client.get("/contacts")).status;
};

test("beyond the limit the device that was used least recently is signed out, with its connection", async () => {
  await limit({ perAgent: 2, days: 90 });
  const { email, id } = await hire(app, { email: "devices@example.com", role: "agent" });
  await app.api.post(`/agents/${id}/sign-out`);
  const first = await signIn(email);
  const second = await signIn(email);
  // The first is used again, so the second is now the one that was used longest ago.
  const renewed = (await refresh(first.refreshToken)).body.data;
  clock.setWall(clock.now() + 1_000);
  using kept = await signInLive(app.url, renewed.accessToken);
  using lost = await signInLive(app.url, second.accessToken);
  const third = await signIn(email);
  expect((await lost.waitClosed()).code).toBe(1008);
  expect([await mayRead(renewed.accessToken), await mayRead(second.accessToken), await mayRead(third.accessToken)]).toEqual([
    200, 401, 200,
  ]);
  expect((await refresh(second.refreshToken)).status).toBe(401);
  await kept.settle();
  expect(kept.closed()).toBeNull();
  const listed = new ApiClient(app.url);
  listed.token = third.accessToken;
  expect(await listed.data<unknown[]>("/auth/sessions")).toHaveLength(2);
});

test("however much it is used a session ends after its days, and what it gave out ends with it", async () => {
  await limit({ perAgent: 20, days: 1 });
  const { email } = await hire(app, { email: "absolute@example.com", role: "agent" });
  let grant = await signIn(email);
  for (let hours = 0; hours < 23; hours += 1) {
    clock.setWall(clock.now() + HOUR);
    const next = await refresh(grant.refreshToken);
    expect(next.status).toBe(200);
    grant = next.body.data;
  }
  clock.setWall(clock.now() + 55 * MINUTE);
  grant = (await refresh(grant.refreshToken)).body.data;
  // Five minutes are left of the day, less the seconds that signing in took: the access token is no longer than that.
  expect(grant.expiresIn).toBeGreaterThan(4 * 60);
  expect(grant.expiresIn).toBeLessThan(5 * 60);
  expect(await mayRead(grant.accessToken)).toBe(200);
  using client = await signInLive(app.url, grant.accessToken);
  clock.advance(5 * MINUTE);
  expect((await client.waitClosed()).code).toBe(1008);
  expect(await mayRead(grant.accessToken)).toBe(401);
  expect((await refresh(grant.refreshToken)).status).toBe(401);
});

test("a shorter life that is set now holds for sessions that are open already, from their next refresh on", async () => {
  await limit({ perAgent: 20, days: 90 });
  const { email } = await hire(app, { email: "shorter@example.com", role: "agent" });
  const grant = await signIn(email);
  clock.setWall(clock.now() + 47 * HOUR);
  const next = await refresh(grant.refreshToken);
  expect(next.status).toBe(200);
  await limit({ perAgent: 20, days: 1 });
  expect((await refresh(next.body.data.refreshToken)).status).toBe(401);
});

test("one that is not used for its seven days ends", async () => {
  await limit({ perAgent: 20, days: 90 });
  const { email } = await hire(app, { email: "idle@example.com", role: "agent" });
  const grant = await signIn(email);
  clock.setWall(clock.now() + 7 * 24 * HOUR);
  expect((await refresh(grant.refreshToken)).status).toBe(401);
});

test("a rule that asks for a second factor holds for those who are signed in already, from their next refresh on", async () => {
  await limit({ perAgent: 20, days: 90 });
  const { email } = await hire(app, { email: "ruled@example.com", role: "agent" });
  const [first, second] = [await signIn(email), await signIn(email)];
  const rule = async (secondFactorRoles: string[]) => {
    const { version } = await app.api.data<{ version: number }>("/settings/security");
    expect((await app.api.patch("/settings/security", { version, values: { secondFactorRoles } })).status).toBe(200);
  };
  await rule(["agent"]);
  using client = await signInLive(app.url, first.accessToken);
  expect((await refresh(first.refreshToken)).status).toBe(401);
  expect((await client.waitClosed()).code).toBe(1008);
  expect(await mayRead(first.accessToken)).toBe(401);
  await rule([]);
  expect((await refresh(second.refreshToken)).status).toBe(200);
});
