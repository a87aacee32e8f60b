/** Single sign-on against a real provider: who comes in, as what, and what keeps others out. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { AgentView } from "../../../src/events/view";
import { freePort } from "../../../src/tools/free-port";
import { meanwhile } from "../../helpers/meanwhile";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

let app: TestApp;
let provider: ReturnType<typeof Bun.spawn>;

beforeAll(async () => {
  const [port, providerPort] = [freePort(), freePort()];
  const issuer = `http://127.0.0.1:${providerPort}`;
  const callback = `http://127.0.0.1:${port}/api/v2/auth/single-sign-on/callback`;
  provider = Bun.spawn([process.execPath, join(import.meta.dir, "oidc-provider.child.ts"), callback, String(providerPort)], {
    stdout: "ignore",
    stderr: "ignore",
  });
  app = await createTestApp({
    env: {
      PORT: String(port),
      // What a request counts as can be told by its header.
      TRUSTED_PROXIES: "1",
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: "chasqui",
      OIDC_CLIENT_SECRET: "a client secret of the test",
      OIDC_ROLE_CLAIM: "groups",
      OIDC_ROLES: "bosses=admin,sellers=agent",
      OIDC_JOIN: "anyone",
      OIDC_DOMAINS: "corp.example",
    },
  });
  await until(
    () =>
      fetch(`${issuer}/.well-known/openid-configuration`).then(
        ({ ok }) => ok,
        () => false,
      ),
    { what: "the provider" },
  );
});
afterAll(async () => {
  provider.kill();
  await app[Symbol.asyncDispose]();
});

/** A browser: keeps cookies, follows redirects and fills in the provider's forms. Gives where it ends. */
async function browse(
  account: string,
  { stopAt, from }: { stopAt?: string; from?: string } = {},
): Promise<{ url: string; refresh: string | undefined }> {
  const jar = new Map<string, string>();
  let url = `${app.url}/api/v2/auth/single-sign-on/start`;
  let form: URLSearchParams | null = null;
  for (let step = 0; step < 20; step++) {
    if (stopAt && url.includes(stopAt)) return { url, refresh: undefined };
    const response: Response = await fetch(url, {
      redirect: "manual",
      headers: {
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(from ? { "x-forwarded-for": from } : {}),
      },
      ...(form ? { method: "POST", body: form } : {}),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      jar.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const location = response.headers.get("location");
    form = null;
    if (location) {
      url = new URL(location, url).href;
      if (url.startsWith(app.url) && !url.includes("/api/")) return { url, refresh: jar.get("refresh") };
      continue;
    }
    const page = await response.text();
    if (!page.includes("<form")) throw new Error(`${url} answered ${response.status}: ${page.slice(0, 300)}`);
    const prompt = page.includes('value="login"') ? "login" : "consent";
    form = new URLSearchParams({ prompt, ...(prompt === "login" ? { login: account, password: "any" } : {}) });
    const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1] ?? "";
    url = new URL(action, url).href;
  }
  throw new Error(`no end: ${url}`);
}

const failureOf = ({ url }: { url: string }) => new URLSearchParams(new URL(url).hash.slice(1)).get("failure");
const agents = () => app.api.data<AgentView[]>("/agents?limit=100");

test("the first time somebody comes they become an agent with the role of their group, and have a session", async () => {
  const { url, refresh } = await browse("ana.sellers");
  expect(url).toBe(`${app.url}/`);
  const session = await fetch(`${app.url}/api/v2/auth/refresh`, {
    method: "POST",
    headers: { cookie: `refresh=${refresh}`, "x-requested-by": "test" },
  });
  const { data } = (await session.json()) as { data: { agent: AgentView } };
  expect(data.agent).toMatchObject({ email: "ana@corp.example", name: "ana", role: "agent", status: "active" });
  await browse("ana.sellers");
  expect((await agents()).filter(({ email }) => email === "ana@corp.example")).toHaveLength(1);
});

test("somebody invited comes in this way, and takes the role of their group", async () => {
  await app.api.post("/agents", { email: "ben@corp.example", role: "supervisor" });
  await browse("ben.bosses");
  expect((await agents()).find(({ email }) => email === "ben@corp.example")).toMatchObject({ role: "admin", status: "active" });
});

test.each([
  ["another domain", "outside.sellers"],
  ["an address nobody has confirmed", "unconfirmed.sellers"],
  ["no group that has a role", "carl.visitors"],
])("%s stays outside", async (_, account) => {
  expect(failureOf(await browse(account))).toBe("single-sign-on.not-allowed");
  expect((await agents()).some(({ email }) => email.startsWith(account.split(".")[0] ?? "?"))).toBe(false);
});

test("somebody who is shut out when the provider has vouched for them, and is not in yet, stays outside", async () => {
  const ana = (await agents()).find(({ email }) => email === "ana@corp.example");
  await app.api.post(`/agents/${ana?.id}/sign-out`);
  using moment = meanwhile("LoginAttempt", "updateOne", () => app.api.post(`/agents/${ana?.id}/deactivate`));
  const back = await browse("ana.sellers", { from: "203.0.113.9" });
  expect([moment.happened(), failureOf(back), back.refresh]).toEqual([true, "single-sign-on.not-allowed", undefined]);
  await app.api.post(`/agents/${ana?.id}/activate`);
});

test("another account with somebody's address, and somebody who was shut out, stay outside", async () => {
  expect(failureOf(await browse("ana.bosses"))).toBe("single-sign-on.not-allowed");
  const ben = (await agents()).find(({ email }) => email === "ben@corp.example");
  await app.api.post(`/agents/${ben?.id}/deactivate`);
  expect(failureOf(await browse("ben.bosses"))).toBe("single-sign-on.not-allowed");
});

test("a way back without its beginning leads nowhere: no cookie, another state, an invented code", async () => {
  const { url } = await browse("ana.sellers", { stopAt: "/callback" });
  for (const [at, headers] of [
    [url, {}],
    [url, { cookie: "journey=invented" }],
    [`${app.url}/api/v2/auth/single-sign-on/callback?code=x&state=y`, {}],
  ] as const) {
    const answer = await fetch(at, { redirect: "manual", headers });
    expect(answer.headers.get("location")).toContain("failure=single-sign-on.failed");
    expect(answer.headers.getSetCookie().some((line) => line.startsWith("refresh="))).toBe(false);
  }
});

test.each([
  ["is not configured", {}, "single-sign-on.off"],
  [
    "does not answer",
    { OIDC_ISSUER: "http://127.0.0.1:1", OIDC_CLIENT_ID: "chasqui", OIDC_CLIENT_SECRET: "a client secret of the test" },
    "single-sign-on.unavailable",
  ],
])("a provider that %s is told on the sign-in page, where a browser stands", async (_, env, code) => {
  await using other = await createTestApp({ env: { ...env, ASSISTANT: "off" } });
  const answer = await fetch(`${other.url}/api/v2/auth/single-sign-on/start`, { redirect: "manual" });
  expect([answer.status, answer.headers.get("location")]).toEqual([302, `${other.url}/sign-in#failure=${code}`]);
  expect(answer.headers.getSetCookie()).toEqual([]);
});
