/** Every route that sets, uses or ends the session cookie: only from our own pages, whoever the browser is made to call for. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Secret, TOTP } from "otpauth";
import { ApiClient } from "../../helpers/api-client";
import { hire, PASSWORD, tokenOf } from "../../helpers/people";
import { ADMIN } from "../../helpers/server-process";
import { createTestApp, type TestApp } from "../../helpers/test-app";

setDefaultTimeout(60_000);

const FRIEND = "https://crm.friend.example";
let app: TestApp;
let secret: string;
beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off", CORS_ORIGINS: FRIEND, PUBLIC_URL: "https://chat.tienda.example" } });
  const { api } = await hire(app, { email: "factor@example.com", role: "agent" });
  secret = (await api.post<{ secret: string }>("/auth/second-factor")).body.data.secret;
  expect((await api.post("/auth/second-factor/confirm", { code: codeAt(-30_000) })).status).toBe(200);
});
afterAll(() => app[Symbol.asyncDispose]());

const codeAt = (shift: number) => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + shift });

const ELSEWHERE: [string, Record<string, string>][] = [
  ["another site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
  ["a sibling domain", { "sec-fetch-site": "same-site", origin: "https://other.tienda.example" }],
  ["an older browser on another site", { origin: "https://evil.example" }],
  ["a sandboxed page or a file", { origin: "null" }],
  ["a name that begins like a friend's", { "sec-fetch-site": "cross-site", origin: `${FRIEND}.evil.example` }],
];
const OWN: [string, Record<string, string>][] = [
  ["our own page", { "sec-fetch-site": "same-origin" }],
  ["our public address behind a proxy", { "sec-fetch-site": "same-site", origin: "https://chat.tienda.example" }],
  ["a page of the list", { "sec-fetch-site": "cross-site", origin: FRIEND }],
  ["a program, which names no origin", {}],
];

async function send(path: string, body: unknown, headers: Record<string, string>) {
  const response = await fetch(`${app.url}/api/v2/auth${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as { code?: string; details?: { message: string }[] };
  return {
    status: response.status,
    code: answer.code,
    detail: answer.details?.[0]?.message ?? "",
    cookies: response.headers.getSetCookie(),
  };
}

/** What opens a session, each ready to succeed. */
const OPENERS: Record<string, () => Promise<unknown>> = {
  "/sign-in": async () => ADMIN,
  "/invitation/accept": async () => {
    const email = `guest${crypto.randomUUID().slice(0, 8)}@example.com`;
    const { body } = await app.api.post<{ invitation: { link: string } }>("/agents", { email, role: "agent" });
    return { token: tokenOf(body.data.invitation.link), name: "Guest", password: PASSWORD };
  },
  "/second-factor/verify": async () => ({
    challenge: (await send("/sign-in", { email: "factor@example.com", password: PASSWORD }, {})).detail,
    code: codeAt(0),
  }),
};

describe.each(Object.keys(OPENERS))("POST /auth%s", (path) => {
  test.each(ELSEWHERE)("from %s: refused, no cookie", async (_, headers) => {
    const body = await (OPENERS[path] as () => Promise<unknown>)();
    const answer = await send(path, body, headers);
    expect([answer.status, answer.code, answer.cookies]).toEqual([403, "auth.cross-site", []]);
  });
});

test.each(OWN)("from %s a session is opened, by a cookie that other sites' requests do not carry", async (_, headers) => {
  const { status, cookies } = await send("/sign-in", ADMIN, headers);
  expect(status).toBe(200);
  expect(cookies).toHaveLength(1);
  const flags = (cookies[0] ?? "").split("; ").map((part) => part.toLowerCase());
  for (const flag of ["httponly", "samesite=strict", "secure", "path=/api/v2/auth"]) expect(flags).toContain(flag);
});

describe.each(["/refresh", "/sign-out"])("POST /auth%s by cookie", (path) => {
  const signedIn = async () => {
    const [cookie = ""] = (await send("/sign-in", ADMIN, {})).cookies;
    return cookie.split(";")[0] ?? "";
  };

  test.each(ELSEWHERE)("from %s: refused, and the session goes on", async (_, headers) => {
    const cookie = await signedIn();
    const answer = await send(path, undefined, { cookie, "x-requested-by": "x", ...headers });
    expect([answer.status, answer.code, answer.cookies]).toEqual([403, "auth.cross-site", []]);
    expect((await send("/refresh", undefined, { cookie, "x-requested-by": "x" })).status).toBe(200);
  });

  test("without the header that only an own page can set: refused", async () => {
    const cookie = await signedIn();
    const answer = await send(path, undefined, { cookie, "sec-fetch-site": "same-origin" });
    expect([answer.status, answer.code]).toEqual([403, "auth.cross-site"]);
  });

  test("a form of another site cannot be read as a body at all", async () => {
    const cookie = await signedIn();
    const response = await fetch(`${app.url}/api/v2/auth${path}`, {
      method: "POST",
      headers: { cookie, "content-type": "text/plain", "sec-fetch-site": "cross-site" },
      body: '{"a":"b"}',
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect((await send("/refresh", undefined, { cookie, "x-requested-by": "x" })).status).toBe(200);
  });

  test.each(OWN)("from %s: taken", async (_, headers) => {
    const cookie = await signedIn();
    expect((await send(path, undefined, { cookie, "x-requested-by": "x", ...headers })).status).toBe(200);
  });
});

test("no other route lives by the cookie", async () => {
  const [cookie = ""] = (await send("/sign-in", ADMIN, {})).cookies;
  const value = cookie.split(";")[0] ?? "";
  for (const path of ["/auth/me", "/auth/sessions", "/contacts", "/agents", "/settings", "/audit"]) {
    const response = await fetch(`${app.url}/api/v2${path}`, { headers: { cookie: value, "x-requested-by": "x" } });
    expect([path, response.status]).toEqual([path, 401]);
  }
  const out = new ApiClient(app.url);
  expect((await out.post("/auth/sign-out-everywhere", undefined, { cookie: value, "x-requested-by": "x" })).status).toBe(401);
});
