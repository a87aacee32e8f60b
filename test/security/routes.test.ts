/** Walks every route of the running product as everybody who may come, and compares each answer with the table of who may what. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHmac } from "node:crypto";
import { BUILT_IN_ROLES, PERMISSIONS, type Permission } from "../../src/core/permissions";
import type { ApiClient } from "../helpers/api-client";
import { ManualClock } from "../helpers/manual-clock";
import { hire, keyClient, makeRole, makeTeam } from "../helpers/people";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { connectLive, signInLive } from "../http/live-client";
import { ROUTES, type Rule } from "./route-table";

setDefaultTimeout(120_000);

const SECRET = "a secret of the test that signs access tokens";
const NOBODY = "0".repeat(24);
const DAY_MS = 86_400_000;
const clock = new ManualClock();
let app: TestApp;
let teams: { own: string; other: string };
const callers = new Map<string, Caller>();

interface Caller {
  token: string | null;
  /** Null: nothing that needs sign-in. */
  may: ReadonlySet<Permission> | null;
  isPerson: boolean;
}

beforeAll(async () => {
  app = await createTestApp({ clock, env: { JWT_ACCESS_SECRET: SECRET } });
  const expired = await keyClient(app, { permissions: ["contacts.read"], days: 1 });
  clock.setWall(clock.now() + DAY_MS);
  teams = { own: await makeTeam(app, "Sales"), other: await makeTeam(app, "Support") };
  await makeRole(app, { name: "member", permissions: [...BUILT_IN_ROLES.agent.permissions], reach: "team" });
  await makeRole(app, { name: "reader", permissions: ["conversations.read", "contacts.read"], reach: "own" });
  const [agent, supervisor, reader, leaver, member, signedOut] = await Promise.all([
    hire(app, { email: "agent@example.com", role: "agent" }),
    hire(app, { email: "supervisor@example.com", role: "supervisor" }),
    hire(app, { email: "reader@example.com", role: "reader" }),
    hire(app, { email: "leaver@example.com", role: "admin" }),
    hire(app, { email: "member@example.com", role: "member", teams: [teams.own] }),
    hire(app, { email: "signed-out@example.com", role: "admin" }),
  ]);
  const key = await keyClient(app, { permissions: ["contacts.read", "messages.send"] });
  const whole = await keyClient(app, { permissions: Object.keys(PERMISSIONS) });
  const revoked = await keyClient(app, { permissions: ["contacts.read"] });
  await app.api.call("DELETE", `/api-keys/${revoked.id}`);
  await app.api.post(`/agents/${leaver.id}/deactivate`);
  await signedOut.api.post("/auth/sign-out-everywhere");
  const person = (api: ApiClient, permissions: readonly Permission[]) => ({
    token: api.token,
    may: new Set(permissions),
    isPerson: true,
  });
  const nobody = (token: string | null) => ({ token, may: null, isPerson: false });
  callers.set("guest", nobody(null));
  callers.set("an invented token", nobody("ck_invented"));
  callers.set("an expired token", nobody(signed({ ...claimsIn(agent.api.token), exp: Math.floor(clock.now() / 1000) - 1 })));
  callers.set("a token signed by somebody else", nobody(signed(claimsIn(app.api.token), "another secret")));
  callers.set("a revoked key", nobody(revoked.api.token));
  callers.set("an expired key", nobody(expired.api.token));
  callers.set("somebody who was shut out", nobody(leaver.api.token));
  callers.set("somebody who has signed out", nobody(signedOut.api.token));
  callers.set("agent", person(agent.api, BUILT_IN_ROLES.agent.permissions));
  callers.set("a team's agent", person(member.api, BUILT_IN_ROLES.agent.permissions));
  callers.set("supervisor", person(supervisor.api, BUILT_IN_ROLES.supervisor.permissions));
  callers.set("a role of one's own", person(reader.api, ["conversations.read", "contacts.read"]));
  callers.set("a key", { token: key.api.token, may: new Set(["contacts.read", "messages.send"]), isPerson: false });
  callers.set("a key with every scope", {
    token: whole.api.token,
    may: new Set(Object.keys(PERMISSIONS) as Permission[]),
    isPerson: false,
  });
  callers.set("admin", person(app.api, BUILT_IN_ROLES.admin.permissions));
});
afterAll(() => app[Symbol.asyncDispose]());

const claimsIn = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;

function signed(claims: Record<string, unknown>, secret = SECRET): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}

const nameOf = ({ method, path }: { method: string; path: string }): string =>
  `${method} ${path.length > 1 ? path.replace(/\/$/, "") : path}`;

/** The routes that somebody has to be let in to. */
const guarded = (): [string, Rule][] =>
  Object.entries(ROUTES).filter(([, rule]) => rule !== "anybody" && rule !== "meta") as [string, Rule][];

async function ask(route: string, token: string | null): Promise<{ status: number; code: string | undefined }> {
  const [method = "", path = ""] = route.split(" ");
  const response = await fetch(app.url + path.replace(/:(\w+)/g, (_, name) => (name === "name" ? "nobody" : NOBODY)), {
    method,
    redirect: "manual",
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), "content-type": "application/json" },
    ...(method === "GET" ? {} : { body: "{}" }),
  });
  // Pages, files and redirects have no JSON.
  const body = (await response.json().catch(() => null)) as { code?: string } | null;
  return { status: response.status, code: body?.code };
}

/** What must come back from a guarded route; null: anything but a refusal. */
function expected(rule: Rule, { token, may, isPerson }: Caller): { status: number; code: string } | null {
  if (token === null) return { status: 401, code: "auth.required" };
  if (may === null) return { status: 401, code: "auth.invalid-token" };
  if (rule === "person") return isPerson ? null : { status: 403, code: "auth.person-only" };
  return may.has(rule as Permission) ? null : { status: 403, code: "auth.forbidden" };
}

test("every route is in the table, and the table names no other", () => {
  const real = [...new Set(app.routes.map(nameOf))].sort();
  expect(real).toEqual(Object.keys(ROUTES).sort());
});

test("the sandbox, when it is off, asks for the permission all the same", async () => {
  await using off = await createTestApp({ env: { SANDBOX: "off" } });
  expect((await fetch(`${off.url}/api/v2/sandbox/phones`)).status).toBe(401);
  expect((await off.api.get("/sandbox/phones")).body.code).toBe("sandbox.off");
});

describe("each guarded route answers", () => {
  const who = [
    "guest",
    "an invented token",
    "an expired token",
    "a token signed by somebody else",
    "a revoked key",
    "an expired key",
    "somebody who was shut out",
    "somebody who has signed out",
    "agent",
    "a team's agent",
    "supervisor",
    "a role of one's own",
    "a key",
    "a key with every scope",
    "admin",
  ];
  test.each(who)("%s as the table says", async (name) => {
    const caller = callers.get(name) as Caller;
    const wrong: string[] = [];
    for (const [route, rule] of guarded()) {
      const wanted = expected(rule, caller);
      // Whoever may do it would sign themselves out.
      if (!wanted && route.includes("sign-out-everywhere")) continue;
      const answer = await ask(route, caller.token);
      const isRight = wanted
        ? answer.status === wanted.status && answer.code === wanted.code
        : answer.status < 500 && answer.status !== 401 && answer.code !== "auth.forbidden" && answer.code !== "auth.person-only";
      // Routes that ask another server may fail there; they were reached.
      if (!isRight && !(wanted === null && answer.status === 502))
        wrong.push(
          `${route} (${rule}): ${answer.status} ${answer.code}, wanted ${wanted ? `${wanted.status} ${wanted.code}` : "an answer"}`,
        );
    }
    expect(wrong).toEqual([]);
  });

  test("what is open to anybody never breaks, and the webhook takes nothing unsigned", async () => {
    const open = Object.entries(ROUTES).filter(([route, rule]) => rule === "anybody" && !route.startsWith("WS "));
    for (const [route] of open)
      expect([route, (await ask(route.replace("ALL ", "GET "), null)).status < 500]).toEqual([route, true]);
    expect(await ask("POST /api/v2/webhook", null)).toMatchObject({ status: 401, code: "webhook.bad-signature" });
    expect((await ask("GET /api/v2/webhook", null)).status).toBeOneOf([403, 422]);
  });
});

describe("each topic of the live connection", () => {
  type Answers = Record<
    "inbox" | "sandbox" | "my agent" | "another agent" | "my team" | "another team" | "a conversation",
    string
  >;
  const FORBIDDEN = "live.topic-forbidden";
  const ALL: Answers = {
    inbox: "heard",
    sandbox: "heard",
    "my agent": "heard",
    "another agent": FORBIDDEN,
    "my team": "heard",
    "another team": "heard",
    "a conversation": "heard",
  };
  /** Who does not reach every conversation hears of none that is not there. */
  const NONE = "conversation.not-found";
  const TABLE: Record<string, Answers> = {
    agent: ALL,
    supervisor: ALL,
    admin: ALL,
    "a team's agent": { ...ALL, "another team": FORBIDDEN, "a conversation": NONE },
    "a role of one's own": {
      ...ALL,
      sandbox: FORBIDDEN,
      "my team": FORBIDDEN,
      "another team": FORBIDDEN,
      "a conversation": NONE,
    },
    "a key": { ...ALL, sandbox: FORBIDDEN, "a conversation": FORBIDDEN },
    "a key with every scope": ALL,
  };

  test.each(Object.keys(TABLE))("%s hears what the table says", async (name) => {
    const { token, isPerson } = callers.get(name) as Caller;
    using client = await signInLive(app.url, token ?? "");
    const me = isPerson ? String(claimsIn(token ?? "").sub) : "";
    const key = (await app.api.data<{ id: string; permissions: string[] }[]>("/api-keys")).find(
      ({ permissions }) => permissions.length === (name === "a key" ? 2 : Object.keys(PERMISSIONS).length),
    );
    const topics: Record<keyof Answers, string> = {
      inbox: "inbox",
      sandbox: "sandbox",
      "my agent": `agent:${me || key?.id}`,
      "another agent": `agent:${NOBODY}`,
      "my team": `team:${teams.own}`,
      "another team": `team:${teams.other}`,
      "a conversation": `conversation:${NOBODY}`,
    };
    const heard: Partial<Answers> = {};
    for (const [what, topic] of Object.entries(topics) as [keyof Answers, string][]) {
      const before = client.frames.length;
      client.send({ type: "subscribe", topics: [topic] });
      await client.settle();
      heard[what] = client.frames.slice(before).find(({ type }) => type === "error")?.code ?? "heard";
    }
    expect(heard).toEqual(TABLE[name] as Answers);
  });

  test("whoever is nobody does not get a connection", async () => {
    for (const [name, { token, may }] of callers) {
      if (may !== null || token === null) continue;
      using client = await connectLive(app.url);
      client.send({ type: "auth", token });
      expect([name, (await client.waitClosed()).code]).toEqual([name, 1008]);
      expect([name, client.frames.map(({ code }) => code)]).toEqual([name, ["auth.invalid-token"]]);
    }
  });
});
