/** Roles and teams: made, changed and removed; and that nobody grants what they do not have. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { AgentView, ConversationView, RoleView, TeamView } from "../../../src/events/view";
import { hire, makeRole, makeTeam } from "../../helpers/people";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const role = (name: string, more: object = {}) =>
  app.api.post<RoleView>("/roles", { name, title: name, permissions: ["contacts.read"], reach: "own", ...more });

describe("roles", () => {
  test("three are always there and cannot be changed", async () => {
    const list = await app.api.data<RoleView[]>("/roles");
    expect(list.slice(0, 3).map(({ name, isBuiltIn }) => [name, isBuiltIn])).toEqual([
      ["admin", true],
      ["supervisor", true],
      ["agent", true],
    ]);
    expect((await app.api.patch("/roles/agent", { permissions: [] })).body.code).toBe("role.built-in");
    expect((await app.api.call("DELETE", "/roles/admin")).body.code).toBe("role.built-in");
    expect((await role("admin")).body.code).toBe("role.exists");
  });

  test("a change holds at once for everybody who has it, and a role in use stays", async () => {
    expect((await role("night-shift")).status).toBe(200);
    expect((await role("night-shift")).body.code).toBe("role.exists");
    const worker = await hire(app, { email: "night@example.com", role: "night-shift" });
    expect((await worker.api.get("/contacts")).status).toBe(200);
    expect((await worker.api.get("/templates")).status).toBe(403);
    const patched = await app.api.patch<RoleView>("/roles/night-shift", { permissions: ["templates.read"], title: "Night" });
    expect(patched.body.data).toMatchObject({ title: "Night", permissions: ["templates.read"], reach: "own" });
    expect((await worker.api.get("/contacts")).status).toBe(403);
    expect((await worker.api.get("/templates")).status).toBe(200);
    expect((await app.api.call("DELETE", "/roles/night-shift")).body.code).toBe("role.in-use");
    await app.api.patch(`/agents/${worker.id}`, { role: "agent" });
    expect((await app.api.call("DELETE", "/roles/night-shift")).status).toBe(200);
    expect((await app.api.patch("/roles/night-shift", { title: "Gone" })).body.code).toBe("role.not-found");
  });

  test("nobody grants what they may not do, nor a wider reach, nor widens their own role", async () => {
    await makeRole(app, { name: "clerk", permissions: ["roles.manage", "agents.read", "contacts.read"], reach: "team" });
    const { api } = await hire(app, { email: "clerk@example.com", role: "clerk" });
    const make = (more: object) => api.post("/roles", { name: "made", title: "m", permissions: [], reach: "own", ...more });
    expect((await make({ permissions: ["contacts.erase"] })).body.code).toBe("auth.cannot-grant");
    expect((await make({ reach: "all" })).body.code).toBe("auth.cannot-grant");
    expect((await api.patch("/roles/clerk", { permissions: ["roles.manage", "audit.read"] })).body.code).toBe(
      "auth.cannot-grant",
    );
    expect((await api.patch("/roles/clerk", { reach: "all" })).body.code).toBe("auth.cannot-grant");
    expect((await make({ permissions: ["contacts.read"], reach: "team" })).status).toBe(200);
  });

  test.each([
    ["a permission that does not exist", { permissions: ["world.rule"] }],
    ["a name with capitals", { name: "Boss" }],
    ["a reach that does not exist", { reach: "galaxy" }],
    ["a field too many", { isBuiltIn: true }],
  ])("%s: 422", async (_, body) => {
    expect((await role("fine", body)).status).toBe(422);
  });

  test("survive a restart", async () => {
    await role("lasting", { permissions: ["templates.read"] });
    const worker = await hire(app, { email: "lasting@example.com", role: "lasting" });
    await app.stop();
    const again = await createTestApp({ dataDir: app.dataDir });
    try {
      await worker.api.signIn;
      worker.api.token = (await again.api.signIn({ email: worker.email, password: "another horse battery" })).token;
      expect((await again.api.get("/templates")).status).toBe(200);
      expect((await again.api.get("/contacts")).status).toBe(403);
    } finally {
      await again.stop();
    }
    await app[Symbol.asyncDispose]();
    app = await createTestApp();
  });
});

describe("teams", () => {
  test("have members, one name each, and free their conversations when they go", async () => {
    const id = await makeTeam(app, "Sales");
    expect((await app.api.post("/teams", { name: "SALES" })).body.code).toBe("team.exists");
    const renamed = await app.api.patch<TeamView>(`/teams/${id}`, { name: "Selling", description: "Offers" });
    expect(renamed.body.data).toMatchObject({ name: "Selling", description: "Offers" });
    await makeRole(app, { name: "limited", permissions: ["conversations.read"], reach: "team" });
    const member = await hire(app, { email: "member@example.com", role: "limited" });
    await app.receive({ from: "51987650001", id: "wamid.team", text: "hello" });
    const conversation = await until(async () => (await app.api.data<ConversationView[]>("/conversations"))[0]);
    await app.api.post(`/conversations/${conversation.id}/actions`, { actions: [{ do: "transfer", team: id }] });
    const sees = async () => (await member.api.get(`/conversations/${conversation.id}`)).status;
    expect(await sees()).toBe(404);
    const joined = await app.api.call<AgentView>("PUT", `/teams/${id}/members/${member.id}`);
    expect(joined.body.data.teams).toEqual([id]);
    expect(await sees()).toBe(200);
    await app.api.call("DELETE", `/teams/${id}/members/${member.id}`);
    expect(await sees()).toBe(404);
    await app.api.call("PUT", `/teams/${id}/members/${member.id}`);
    expect((await app.api.call("DELETE", `/teams/${id}`)).status).toBe(200);
    expect((await app.api.data<ConversationView>(`/conversations/${conversation.id}`)).team).toBeNull();
    expect((await app.api.data<AgentView>(`/agents/${member.id}`)).teams).toEqual([]);
    expect(await sees()).toBe(200);
    expect((await app.api.get(`/teams/${id}`)).body.code).toBe("team.not-found");
  });
});
