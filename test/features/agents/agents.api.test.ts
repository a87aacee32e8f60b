/** How people come, change and go: invitations, roles, and being shut out at once; and that somebody always stays administrator. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { AgentView, ConversationView } from "../../../src/events/view";
import { ApiClient } from "../../helpers/api-client";
import { ManualClock } from "../../helpers/manual-clock";
import { hire, keyClient, makeRole, makeTeam, PASSWORD, tokenOf } from "../../helpers/people";
import { ADMIN } from "../../helpers/server-process";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

const clock = new ManualClock();
let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ clock });
});
afterAll(() => app[Symbol.asyncDispose]());

const invite = async (email: string, more: object = {}) =>
  app.api.post<{ agent: AgentView; invitation: { sent: boolean; link: string } }>("/agents", { email, role: "agent", ...more });
const accept = (token: string) =>
  new ApiClient(app.url).post<{ agent: AgentView }>("/auth/invitation/accept", {
    token,
    name: "Rosa Quispe",
    password: PASSWORD,
  });
const agents = () => app.api.data<AgentView[]>("/agents?limit=100");

describe("an invitation", () => {
  test("is a link that works once; until then they cannot sign in", async () => {
    const { body } = await invite("Rosa@Example.com");
    const { agent, invitation } = body.data;
    expect(agent).toMatchObject({
      email: "rosa@example.com",
      role: "agent",
      status: "invited",
      teams: [],
      hasSecondFactor: false,
    });
    expect(invitation).toMatchObject({ sent: false });
    expect(invitation.link).toStartWith(`${app.url}/accept-invitation#`);
    const token = tokenOf(invitation.link);
    const guest = new ApiClient(app.url);
    expect((await guest.post("/auth/invitation", { token })).body.data).toEqual({ email: "rosa@example.com", name: "rosa" });
    expect((await guest.post("/auth/sign-in", { email: "rosa@example.com", password: PASSWORD })).status).toBe(401);
    const accepted = await accept(token);
    expect(accepted.body.data.agent).toMatchObject({ name: "Rosa Quispe", status: "active" });
    expect((await accept(token)).body.code).toBe("auth.bad-link");
    await guest.signIn({ email: "rosa@example.com", password: PASSWORD });
    expect((await invite("rosa@example.com")).body.code).toBe("agent.email-taken");
  });

  test("ends after seven days, with a newer one, and when it is withdrawn", async () => {
    const old = tokenOf((await invite("old@example.com")).body.data.invitation.link);
    clock.advance(7 * 86_400_000);
    await app.api.signIn(ADMIN);
    expect((await accept(old)).body.code).toBe("auth.bad-link");
    const { body } = await invite("twice@example.com");
    const again = await app.api.post<{ link: string }>(`/agents/${body.data.agent.id}/invitation`);
    expect((await accept(tokenOf(body.data.invitation.link))).body.code).toBe("auth.bad-link");
    expect((await app.api.call("DELETE", `/agents/${body.data.agent.id}/invitation`)).status).toBe(200);
    expect((await accept(tokenOf(again.body.data.link))).body.code).toBe("auth.bad-link");
    expect((await agents()).some(({ email }) => email === "twice@example.com")).toBe(false);
  });

  test("of two at the same moment one is accepted", async () => {
    const token = tokenOf((await invite("race@example.com")).body.data.invitation.link);
    const statuses = (await Promise.all([accept(token), accept(token)])).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 410]);
  });

  test.each([
    ["an unknown role", { role: "emperor" }, 404],
    ["an unknown team", { teams: ["0".repeat(24)] }, 404],
    ["no e-mail", { email: "nobody" }, 422],
    ["an operator", { email: { $gt: "" } }, 422],
    ["a field too many", { isActive: true }, 422],
  ])("%s is refused", async (_, body, status) => {
    expect((await invite("bad@example.com", body)).status).toBe(status);
    expect((await agents()).some(({ email }) => email === "bad@example.com")).toBe(false);
  });
});

describe("being shut out", () => {
  test("ends sessions, keys and links with the same commit, and gives the conversations back to the queue", async () => {
    const team = await makeTeam(app, "Sales");
    const leaver = await hire(app, { email: "leaver@example.com", role: "admin", teams: [team] });
    const key = await keyClient({ api: leaver.api, url: app.url }, { permissions: ["contacts.read"] });
    expect((await key.api.get("/contacts")).status).toBe(200);
    await app.receive({ from: "51987650001", id: "wamid.leaver", text: "hello" });
    const conversation = await until(async () => (await app.api.data<ConversationView[]>("/conversations"))[0]);
    await app.api.post(`/conversations/${conversation.id}/assign`, { agent: leaver.id });
    const link = (await app.api.post<{ link: string }>(`/agents/${leaver.id}/password-link`)).body.data.link;

    expect((await app.api.post<AgentView>(`/agents/${leaver.id}/deactivate`)).body.data.status).toBe("inactive");
    expect((await leaver.api.get("/contacts")).body.code).toBe("auth.invalid-token");
    expect((await key.api.get("/contacts")).body.code).toBe("auth.invalid-token");
    const guest = new ApiClient(app.url);
    expect((await guest.post("/auth/sign-in", { email: leaver.email, password: PASSWORD })).status).toBe(401);
    expect((await guest.post("/auth/password/reset", { token: tokenOf(link), password: PASSWORD })).status).toBe(410);
    expect(await app.api.data<ConversationView>(`/conversations/${conversation.id}`)).toMatchObject({
      assignedAgent: null,
      status: "open",
    });
    expect((await app.api.post(`/conversations/${conversation.id}/assign`, { agent: leaver.id })).status).toBe(404);
    // Let in again they sign in anew; old keys stay dead.
    await app.api.post(`/agents/${leaver.id}/activate`);
    await guest.signIn({ email: leaver.email, password: PASSWORD });
    expect((await leaver.api.get("/contacts")).status).toBe(401);
    expect((await key.api.get("/contacts")).status).toBe(401);
    await app.api.post(`/agents/${leaver.id}/deactivate`);
  });
});

describe("administrators", () => {
  test("the last one can neither go nor become something else", async () => {
    const me = (await app.api.data<{ id: string }>("/auth/me")).id;
    expect((await app.api.post(`/agents/${me}/deactivate`)).body.code).toBe("agent.last-admin");
    expect((await app.api.patch(`/agents/${me}`, { role: "agent" })).body.code).toBe("agent.last-admin");
    await makeRole(app, { name: "almost-admin", permissions: ["agents.manage", "agents.read", "roles.manage"], reach: "all" });
    expect((await app.api.patch(`/agents/${me}`, { role: "almost-admin" })).body.code).toBe("agent.last-admin");
    // Somebody who has only been invited is no administrator yet.
    await invite("later@example.com", { role: "admin" });
    expect((await app.api.post(`/agents/${me}/deactivate`)).body.code).toBe("agent.last-admin");
    expect((await app.api.get("/agents")).status).toBe(200);
  });

  test("two who shut each other out at the same moment: one stays", async () => {
    const other = await hire(app, { email: "second@example.com", role: "admin" });
    const me = (await app.api.data<{ id: string }>("/auth/me")).id;
    const answers = await Promise.all([
      app.api.post(`/agents/${other.id}/deactivate`),
      other.api.post(`/agents/${me}/deactivate`),
      app.api.patch(`/agents/${other.id}`, { role: "agent" }),
    ]);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    const alive = [app.api, other.api];
    const states = await Promise.all(alive.map(async (api) => (await api.get("/agents")).status));
    expect(states).toContain(200);
    if (states[0] !== 200) await other.api.post(`/agents/${me}/activate`);
    await app.api.signIn(ADMIN);
    const admins = (await agents()).filter(({ role, status }) => role === "admin" && status === "active");
    expect(admins.length).toBeGreaterThanOrEqual(1);
  });
});

describe("nobody rises by changing others", () => {
  test("who manages people can neither give more than they have nor touch those who have more", async () => {
    await makeRole(app, { name: "people", permissions: ["agents.read", "agents.manage", "conversations.read"], reach: "team" });
    const manager = await hire(app, { email: "manager@example.com", role: "people" });
    const admin = (await app.api.data<{ id: string }>("/auth/me")).id;
    const { api } = manager;
    expect((await api.post("/agents", { email: "friend@example.com", role: "admin" })).body.code).toBe("auth.cannot-grant");
    expect((await api.patch(`/agents/${manager.id}`, { role: "admin" })).body.code).toBe("auth.cannot-grant");
    for (const path of ["deactivate", "password-link", "sign-out"])
      expect((await api.post(`/agents/${admin}/${path}`)).body.code).toBe("agent.beyond");
    expect((await api.call("DELETE", `/agents/${admin}/second-factor`)).body.code).toBe("agent.beyond");
    expect((await api.patch(`/agents/${admin}`, { name: "Owned" })).body.code).toBe("agent.beyond");
    expect((await api.post("/agents", { email: "friend@example.com", role: "people" })).status).toBe(200);
  });
});

test("a new role holds with the next request", async () => {
  const changed = await hire(app, { email: "changed@example.com", role: "agent" });
  expect((await changed.api.get("/audit")).status).toBe(403);
  await app.api.patch(`/agents/${changed.id}`, { role: "admin" });
  expect((await changed.api.get("/audit")).status).toBe(200);
  await app.api.patch(`/agents/${changed.id}`, { role: "agent" });
  expect((await changed.api.get("/audit")).status).toBe(403);
});

test("the list is paged, and filtered by status and team", async () => {
  const team = await makeTeam(app, "Filtered");
  const member = await hire(app, { email: "filtered@example.com", role: "agent" });
  await app.api.call("PUT", `/teams/${team}/members/${member.id}`);
  expect((await app.api.data<AgentView[]>(`/agents?team=${team}`)).map(({ id }) => id)).toEqual([member.id]);
  const all = await agents();
  const pages: string[] = [];
  for (let cursor = ""; ; ) {
    const { status, body } = await app.api.get<AgentView[]>(`/agents?limit=3${cursor}`);
    expect([status, body.code]).toEqual([200, undefined]);
    pages.push(...body.data.map(({ id }) => id));
    if (!body.page?.next) break;
    cursor = `&cursor=${encodeURIComponent(body.page.next)}`;
  }
  expect(pages).toEqual(all.map(({ id }) => id));
  expect((await app.api.data<AgentView[]>("/agents?status=inactive")).every(({ status }) => status === "inactive")).toBe(true);
  expect((await app.api.data<AgentView[]>("/agents?status=invited")).every(({ status }) => status === "invited")).toBe(true);
});

test("what is done to people is written down, without a secret", async () => {
  const entries = await app.api.data<{ action: string }[]>("/audit?action=agent&limit=100");
  const actions = new Set(entries.map(({ action }) => action));
  for (const action of ["agent.invite", "agent.accept", "agent.deactivate", "agent.update"]) expect(actions).toContain(action);
  expect(JSON.stringify(entries)).not.toContain("argon2");
});
