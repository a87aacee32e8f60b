/** Sign-in over HTTP: who gets in, how sessions go on, and how a stolen refresh token ends them. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { ManualClock } from "../helpers/manual-clock";
import { ADMIN } from "../helpers/server-process";
import { createTestApp, type TestApp } from "../helpers/test-app";

setDefaultTimeout(30_000);

const clock = new ManualClock();
let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ clock, env: { ACCESS_TOKEN_TTL: "15m", REFRESH_TOKEN_TTL: "7d" } });
});
afterAll(() => app[Symbol.asyncDispose]());

interface Answer {
  status: number;
  headers: Headers;
  body: { success: boolean; code?: string; data: { accessToken: string; expiresIn: number; agent: Record<string, unknown> } };
  /** The Set-Cookie line of the refresh token. */
  cookie: string;
  /** Its value, ready to be sent. */
  refresh: string;
}

async function call(
  path: string,
  { body, cookie, bearer }: { body?: unknown; cookie?: string; bearer?: string } = {},
): Promise<Answer> {
  const response = await fetch(`${app.url}/api/v2/auth${path}`, {
    method: path === "/me" ? "GET" : "POST",
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(cookie === undefined ? {} : { cookie, "x-requested-by": "test" }),
      ...(bearer === undefined ? {} : { authorization: bearer }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const line = response.headers.getSetCookie().find((one) => one.startsWith("refresh=")) ?? "";
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer["body"],
    cookie: line,
    refresh: line.split(";")[0] ?? "",
  };
}

const signIn = () => call("/sign-in", { body: ADMIN });
const refreshWith = (cookie: string) => call("/refresh", { cookie });

describe("signing in", () => {
  test("gives an access token, who it is, and a cookie that scripts cannot read", async () => {
    const { status, body, cookie } = await signIn();
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ expiresIn: 900, agent: { email: ADMIN.email, role: "admin", name: "Admin" } });
    const flags = cookie.split(";").map((part) => part.trim().toLowerCase());
    expect(flags).toContain("httponly");
    expect(flags).toContain("samesite=strict");
    expect(flags).toContain("path=/api/v2/auth");
    expect(flags).toContain("max-age=604800");
    expect(flags).not.toContain("secure");
    expect((await call("/me", { bearer: `Bearer ${body.data.accessToken}` })).status).toBe(200);
  });

  test("never tells the password, its hash or the refresh token in the body", async () => {
    const { body, refresh } = await signIn();
    const told = JSON.stringify(body);
    for (const secret of [ADMIN.password, "argon2", "passwordHash", refresh.split("=")[1] ?? "?"])
      expect(told).not.toContain(secret);
  });

  test("spaces and capitals in the e-mail do not matter", async () => {
    expect((await call("/sign-in", { body: { ...ADMIN, email: "ADMIN@Example.com" } })).status).toBe(200);
  });

  test("a wrong password and an unknown e-mail get the very same answer, and no cookie", async () => {
    const wrong = await call("/sign-in", { body: { ...ADMIN, password: "wrong" } });
    const unknown = await call("/sign-in", { body: { email: "nobody@example.com", password: "wrong" } });
    for (const answer of [wrong, unknown]) {
      expect(answer.status).toBe(401);
      expect(answer.body).toMatchObject({ success: false, code: "auth.wrong-credentials" });
      expect(answer.cookie).toBe("");
    }
    const { requestId: _a, ...first } = wrong.body as unknown as Record<string, unknown>;
    const { requestId: _b, ...second } = unknown.body as unknown as Record<string, unknown>;
    expect(first).toEqual(second);
  });

  test.each([
    ["no body", undefined],
    ["no password", { email: ADMIN.email }],
    ["an operator instead of a text", { email: { $gt: "" }, password: { $gt: "" } }],
    ["an unknown field", { ...ADMIN, role: "admin" }],
    ["an endless password", { email: ADMIN.email, password: "x".repeat(201) }],
  ])("%s: 422", async (_, body) => {
    const answer = await call("/sign-in", { body });
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe("request.invalid");
  });

  test("after eight failures the account waits a minute, also with the right password, and other accounts do not", async () => {
    await signIn();
    for (let round = 0; round < 8; round++)
      expect((await call("/sign-in", { body: { ...ADMIN, password: "guess" } })).status).toBe(401);
    const blocked = await signIn();
    expect(blocked.status).toBe(429);
    expect(blocked.body.code).toBe("auth.too-many-attempts");
    expect(blocked.headers.get("retry-after")).toBe("60");
    expect(blocked.cookie).toBe("");
    expect((await call("/sign-in", { body: { email: "other@example.com", password: "guess" } })).status).toBe(401);
    clock.advance(60_000);
    expect((await signIn()).status).toBe(200);
  });

  test("guesses that come at the same moment are counted one by one", async () => {
    const body = { email: "parallel@example.com", password: "guess" };
    const statuses = (await Promise.all(Array.from({ length: 20 }, () => call("/sign-in", { body })))).map(
      ({ status }) => status,
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(8);
    expect(statuses.filter((status) => status === 429)).toHaveLength(12);
  });
});

describe("refreshing", () => {
  test("gives a new access token and a new refresh token", async () => {
    const first = await signIn();
    const second = await refreshWith(first.refresh);
    expect(second.status).toBe(200);
    expect(second.body.data.agent).toEqual(first.body.data.agent);
    expect(second.refresh).not.toBe(first.refresh);
    expect((await refreshWith(second.refresh)).status).toBe(200);
  });

  test("two tabs that refresh at the same instant both go on", async () => {
    const { refresh } = await signIn();
    const tabs = await Promise.all([refreshWith(refresh), refreshWith(refresh)]);
    expect(tabs.map(({ status }) => status)).toEqual([200, 200]);
    expect(tabs[0]?.refresh).not.toBe(tabs[1]?.refresh ?? "");
    for (const tab of tabs) expect((await refreshWith(tab.refresh)).status).toBe(200);
  });

  test("a token that comes back later was stolen: the whole family ends, other sessions go on", async () => {
    const stolen = await signIn();
    const other = await signIn();
    const next = await refreshWith(stolen.refresh);
    clock.advance(10_001);
    const thief = await refreshWith(stolen.refresh);
    expect(thief.status).toBe(401);
    expect(thief.body.code).toBe("auth.invalid-token");
    expect(thief.cookie).toBe("");
    expect((await refreshWith(next.refresh)).status).toBe(401);
    expect((await refreshWith(other.refresh)).status).toBe(200);
  });

  test("a token ends with its time", async () => {
    const { refresh } = await signIn();
    clock.advance(604_800_000);
    expect((await refreshWith(refresh)).status).toBe(401);
  });

  test.each([
    ["no cookie", "", "auth.required"],
    ["an invented token", "refresh=invented", "auth.invalid-token"],
    ["an empty token", "refresh=", "auth.required"],
  ])("%s: 401", async (_, cookie, code) => {
    const answer = await refreshWith(cookie);
    expect(answer.status).toBe(401);
    expect(answer.body.code).toBe(code);
  });
});

describe("signing out", () => {
  test("ends the family and empties the cookie", async () => {
    const first = await signIn();
    const second = await refreshWith(first.refresh);
    const out = await call("/sign-out", { cookie: second.refresh });
    expect(out.status).toBe(200);
    expect(out.cookie.toLowerCase()).toContain("max-age=0");
    expect((await refreshWith(second.refresh)).status).toBe(401);
  });

  test("without a session is no error", async () => {
    expect((await call("/sign-out")).status).toBe(200);
    expect((await call("/sign-out", { cookie: "refresh=invented" })).status).toBe(200);
  });
});

describe("the access token", () => {
  test.each([
    ["nothing", undefined, "auth.required"],
    ["another scheme", "Basic YTpi", "auth.required"],
    ["no token", "Bearer ", "auth.required"],
    ["nonsense", "Bearer nonsense", "auth.invalid-token"],
    [
      "a token without signature",
      `Bearer ${btoa('{"alg":"none","typ":"JWT"}')}.${btoa('{"sub":"019345f2c1a4000a5be1f00d","role":"admin"}')}.`,
      "auth.invalid-token",
    ],
  ])("%s: 401", async (_, bearer, code) => {
    const answer = await call("/me", { ...(bearer === undefined ? {} : { bearer }) });
    expect(answer.status).toBe(401);
    expect(answer.body.code).toBe(code);
  });

  test("a token whose content was changed: 401", async () => {
    const [head, , signature] = (await signIn()).body.data.accessToken.split(".");
    const forged = Buffer.from('{"sub":"019345f2c1a4000a5be1f00d","role":"admin","exp":9999999999}').toString("base64url");
    expect((await call("/me", { bearer: `Bearer ${head}.${forged}.${signature}` })).status).toBe(401);
  });
});
