/** Walks every route of the running product as everybody who may come, and compares each answer with the table of who may what. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHmac } from "node:crypto";
import { BUILT_IN_ROLES, type Permission } from "../../src/core/permissions";
import type { ApiClient } from "../helpers/api-client";
import { hire, keyClient, makeRole } from "../helpers/people";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { ROUTES, type Rule } from "./route-table";

setDefaultTimeout(120_000);

const SECRET = "a secret of the test that signs access tokens";
const NOBODY = "0".repeat(24);
let app: TestApp;
const callers = new Map<string, Caller>();

interface Caller {
  token: string | null;
  /** Null: nothing that needs sign-in. */
  may: ReadonlySet<Permission> | null;
  isPerson: boolean;
}

beforeAll(async () => {
  app = await createTestApp({ env: { JWT_ACCESS_SECRET: SECRET } });
  await makeRole(app, { name: "reader", permissions: ["conversations.read", "contacts.read"], reach: "own" });
  const [agent, supervisor, reader, leaver] = await Promise.all([
    hire(app, { email: "agent@example.com", role: "agent" }),
    hire(app, { email: "supervisor@example.com", role: "supervisor" }),
    hire(app, { email: "reader@example.com", role: "reader" }),
    hire(app, { email: "leaver@example.com", role: "admin" }),
  ]);
  const key = await keyClient(app, { permissions: ["contacts.read", "messages.send"] });
  const revoked = await keyClient(app, { permissions: ["contacts.read"] });
  await app.api.call("DELETE", `/api-keys/${revoked.id}`);
  await app.api.post(`/agents/${leaver.id}/deactivate`);
  const person = (api: ApiClient, permissions: readonly Permission[]) => ({
    token: api.token,
    may: new Set(permissions),
    isPerson: true,
  });
  const nobody = (token: string | null) => ({ token, may: null, isPerson: false });
  callers.set("guest", nobody(null));
  callers.set("an invented token", nobody("ck_invented"));
  callers.set("an expired token", nobody(signed({ ...claimsIn(agent.api.token), exp: Math.floor(Date.now() / 1000) - 1 })));
  callers.set("a token signed by somebody else", nobody(signed(claimsIn(app.api.token), "another secret")));
  callers.set("a revoked key", nobody(revoked.api.token));
  callers.set("somebody who was shut out", nobody(leaver.api.token));
  callers.set("agent", person(agent.api, BUILT_IN_ROLES.agent.permissions));
  callers.set("supervisor", person(supervisor.api, BUILT_IN_ROLES.supervisor.permissions));
  callers.set("a role of one's own", person(reader.api, ["conversations.read", "contacts.read"]));
  callers.set("a key", { token: key.api.token, may: new Set(["contacts.read", "messages.send"]), isPerson: false });
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
  const body = (await response.json().catch(() => ({}))) as { code?: string };
  return { status: response.status, code: body.code };
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
    "somebody who was shut out",
    "agent",
    "supervisor",
    "a role of one's own",
    "a key",
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
