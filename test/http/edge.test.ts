/** The door: rates, addresses behind proxies, headers of every answer, foreign origins, and bodies that are no plain JSON. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { MAX_DEPTH, MAX_LIST, parseJson } from "../../src/http/json-body";
import { createRateLimiter, routeClassOf } from "../../src/http/rate-limit";
import { webhookOf } from "../helpers/api-client";
import { ManualClock } from "../helpers/manual-clock";
import { hire, keyClient } from "../helpers/people";
import { ADMIN } from "../helpers/server-process";
import { createTestApp, NUMBER, type TestApp } from "../helpers/test-app";

setDefaultTimeout(30_000);

let app: TestApp;
let secure: TestApp;
beforeAll(async () => {
  app = await createTestApp({
    env: { ASSISTANT: "off", RATE_LIMITS: "on", TRUSTED_PROXIES: "1", CORS_ORIGINS: "https://crm.example" },
  });
  secure = await createTestApp({ env: { ASSISTANT: "off", PUBLIC_URL: "https://chat.example" } });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await secure[Symbol.asyncDispose]();
});

describe("rates", () => {
  const spend = (take: () => void) => {
    let taken = 0;
    for (;;)
      try {
        take();
        taken++;
      } catch (error) {
        return { taken, error: error as { code: string; status: number; retryAfter: number } };
      }
  };

  test("a burst, then a steady rate, and the wait is told", () => {
    const clock = new ManualClock();
    const limiter = createRateLimiter({ clock });
    const take = () => limiter.takeAddress("192.0.2.1", "sign-in");
    const first = spend(take);
    expect(first.taken).toBe(30);
    expect(first.error).toMatchObject({ code: "request.rate-limited", status: 429, retryAfter: 2 });
    clock.advance(2_000);
    expect(spend(take).taken).toBe(1);
    clock.advance(3_600_000);
    expect(spend(take).taken).toBe(30);
  });

  test("addresses, accounts and kinds of requests do not use up each other's; addresses of one IPv6 network do", () => {
    const limiter = createRateLimiter({ clock: new ManualClock() });
    spend(() => limiter.takeAddress("192.0.2.1", "sign-in"));
    for (const other of [
      () => limiter.takeAddress("192.0.2.2", "sign-in"),
      () => limiter.takeAddress("192.0.2.1", "read"),
      () => limiter.takeAccount("192.0.2.1", "sign-in"),
      () => limiter.takeAddress("2001:db8:0:1::1", "sign-in"),
    ])
      expect(other).not.toThrow();
    spend(() => limiter.takeAddress("2001:db8:0:1::1", "sign-in"));
    expect(() => limiter.takeAddress("2001:db8:0:1:ffff::9", "sign-in")).toThrow();
    expect(() => limiter.takeAddress("2001:db8:0:2::1", "sign-in")).not.toThrow();
  });

  test("a flood of addresses cannot fill the memory, nor free those that keep asking", () => {
    const limiter = createRateLimiter({ clock: new ManualClock(), mostBuckets: 100 });
    spend(() => limiter.takeAddress("192.0.2.1", "sign-in"));
    for (let index = 0; index < 1_000; index++) {
      limiter.takeAddress(`10.0.${index >> 8}.${index & 255}`, "sign-in");
      if (index % 50 === 0) expect(() => limiter.takeAddress("192.0.2.1", "sign-in")).toThrow();
    }
    expect(limiter.size).toBeLessThanOrEqual(100);
  });

  test.each([
    ["POST", "/auth/sign-in", "sign-in"],
    ["POST", "/auth/refresh", "write"],
    ["POST", "/auth/sign-out", "write"],
    ["GET", "/auth/me", "read"],
    ["POST", "/media", "heavy"],
    ["GET", "/media/0123/file", "read"],
    ["GET", "/audit/export", "heavy"],
    ["POST", "/templates/sync", "heavy"],
    ["GET", "/contacts", "read"],
    ["PATCH", "/settings/security", "write"],
  ] as const)("%s %s is of the kind %s", (method, path, kind) => {
    expect(routeClassOf(method, path)).toBe(kind);
  });

  test("guessing passwords ends with 429 and the time to wait, for the guesser's address only; the webhook is not counted", async () => {
    const guess = (address: string) =>
      fetch(`${app.url}/api/v2/auth/sign-in`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-forwarded-for": address },
        body: JSON.stringify({ email: "x", password: "" }),
      });
    const answers = await Promise.all(Array.from({ length: 40 }, () => guess("203.0.113.9")));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(8);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused[0]?.json()).toMatchObject({ success: false, code: "request.rate-limited" });
    expect((await guess("203.0.113.10")).status).toBe(422);
    expect(await app.post(webhookOf(NUMBER, []))).toBe(200);
    const { body } = await app.api.post("/auth/sign-in", ADMIN);
    expect(body.success).toBe(true);
  });
});

describe("rates of those who are known", () => {
  const status = async (token: string, from: string, path = "/audit/export?format=csv") => {
    const answer = await fetch(`${app.url}/api/v2${path}`, {
      headers: { authorization: `Bearer ${token}`, "x-forwarded-for": from },
    });
    await answer.body?.cancel();
    return { status: answer.status, wait: Number(answer.headers.get("retry-after")) };
  };

  test("a key that asks for too much waits wherever it asks from; another key, and other kinds of requests, do not", async () => {
    const [one, two] = [
      await keyClient(app, { permissions: ["audit.read", "contacts.read"] }),
      await keyClient(app, { permissions: ["audit.read"] }),
    ];
    // Each from another address: only the key can be what is counted.
    const answers = await Promise.all(Array.from({ length: 60 }, (_, at) => status(one.api.token, `203.0.114.${at}`)));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(10);
    expect(refused.length).toBeLessThanOrEqual(20);
    expect(refused.every(({ wait }) => wait >= 1)).toBe(true);
    expect((await status(one.api.token, "203.0.114.99")).status).toBe(429);
    expect((await status(one.api.token, "203.0.114.99", "/contacts")).status).toBe(200);
    expect((await status(two.api.token, "203.0.114.99")).status).toBe(200);
  });

  test("a person who asks for too much waits, on all devices; a colleague at the same address does not", async () => {
    const [ana, luis] = await Promise.all(
      ["ana", "luis"].map((name) => hire(app, { email: `${name}@example.com`, role: "supervisor" })),
    );
    const answers = await Promise.all(Array.from({ length: 60 }, (_, at) => status(ana?.api.token ?? "", `203.0.115.${at}`)));
    expect(answers.filter((answer) => answer.status === 429).length).toBeGreaterThanOrEqual(10);
    expect((await status(ana?.api.token ?? "", "203.0.115.200")).status).toBe(429);
    expect((await status(luis?.api.token ?? "", "203.0.115.200")).status).not.toBe(429);
  });

  test("RATE_LIMITS=off counts nobody", async () => {
    const answers = await Promise.all(
      Array.from({ length: 70 }, () =>
        fetch(`${secure.url}/api/v2/auth/sign-in`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: "{}",
        }),
      ),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([422]));
  });
});

describe("addresses behind proxies", () => {
  test("the audit log names the customer's side of the proxy", async () => {
    const { version } = (await app.api.get<{ version: number }>("/settings/privacy")).body.data;
    await fetch(`${app.url}/api/v2/settings/privacy`, {
      method: "PATCH",
      headers: {
        authorization: `Bearer ${app.api.token}`,
        "content-type": "application/json",
        "x-forwarded-for": "6.6.6.6, 198.51.100.77",
        "user-agent": "a browser",
        "x-request-id": "req_edge-test",
      },
      body: JSON.stringify({ version, values: { auditAddresses: "full" } }),
    });
    const [entry] = await app.api.data<{ origin: object }[]>("/audit?action=settings.update&limit=1");
    expect(entry?.origin).toEqual({ address: "198.51.100.77", userAgent: "a browser", requestId: "req_edge-test" });
  });
});

describe("headers", () => {
  const want = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  };
  test.each(["/api/v2/contacts", "/api/v2/nothing", "/api/v2/openapi.json", "/health", "/ready"])("%s", async (path) => {
    for (const authorization of ["", `Bearer ${app.api.token}`]) {
      const { headers } = await fetch(app.url + path, { headers: { authorization } });
      expect(Object.fromEntries(headers)).toMatchObject(want);
      expect(headers.get("permissions-policy")).toContain("camera=()");
      expect(headers.get("x-request-id")).toMatch(/^[\w-]{8,}$/);
      expect(headers.get("strict-transport-security")).toBeNull();
      expect(headers.get("server")).toBeNull();
      expect(headers.get("x-powered-by")).toBeNull();
    }
  });

  test("pages have their own policy; https is insisted on where people come by https", async () => {
    const page = await fetch(`${secure.url}/`, { headers: { accept: "text/html" } });
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(page.headers.get("cache-control")).not.toBe(null);
    for (const path of ["/", "/api/v2/contacts"])
      expect((await fetch(secure.url + path)).headers.get("strict-transport-security")).toBe(
        "max-age=63072000; includeSubDomains",
      );
  });
});

describe("other origins", () => {
  const preflight = (origin: string) =>
    fetch(`${app.url}/api/v2/contacts`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "GET", "access-control-request-headers": "authorization" },
    });

  test("only those of the list may call the API", async () => {
    const allowed = await preflight("https://crm.example");
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://crm.example");
    for (const origin of ["https://evil.example", "https://crm.example.evil.example", "http://crm.example", "null", app.url]) {
      expect((await preflight(origin)).headers.get("access-control-allow-origin")).toBeNull();
      const { headers } = await fetch(`${app.url}/api/v2/contacts`, { headers: { origin } });
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  const upgrade = async (origin: string | null): Promise<number> => {
    const response = await fetch(`${app.url}/api/v2/live`, {
      headers: {
        ...(origin === null ? {} : { origin }),
        upgrade: "websocket",
        connection: "Upgrade",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      },
    });
    await response.body?.cancel();
    return response.status;
  };

  test("a live connection is for our own pages, listed ones, and programs", async () => {
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"]) expect(await upgrade(origin)).toBe(403);
    const sockets = [null, app.url, "https://crm.example"].map(
      (origin) => new WebSocket(`${app.url.replace("http", "ws")}/api/v2/live`, { headers: origin ? { origin } : {} } as never),
    );
    for (const socket of sockets) {
      await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }));
      socket.close();
    }
  });
});

describe("bodies", () => {
  const send = async (body: string | Uint8Array<ArrayBuffer>, type: string | null) => {
    const answer = await fetch(`${app.url}/api/v2/settings/privacy`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${app.api.token}`, ...(type === null ? {} : { "content-type": type }) },
      body,
    });
    const { code } = (await answer.json()) as { code: string };
    return [answer.status, code];
  };
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

  test.each<[string, string, string | null, number, string]>([
    ["no JSON", "{", "application/json", 400, "request.malformed"],
    ["nothing", "", "application/json", 422, "request.invalid"],
    ["a form", "version=0", "application/x-www-form-urlencoded", 415, "request.media-type"],
    ["a text", "{}", "text/plain", 415, "request.media-type"],
    ["a prototype", '{"__proto__":{"role":"admin"}}', "application/json", 400, "request.forbidden-key"],
    ["a hidden prototype", '{"a":[{"\\u005f_proto__":1}]}', "application/json", 400, "request.forbidden-key"],
    ["a constructor", '{"constructor":{"prototype":{"x":1}}}', "application/json", 400, "request.forbidden-key"],
    ["a deep one", nested(5_000), "application/json", 400, "request.too-complex"],
    ["an endless list", JSON.stringify(Array(MAX_LIST + 1).fill(0)), "application/json", 400, "request.too-complex"],
    ["an operator", '{"version":{"$gt":""},"values":{"auditAddresses":"none"}}', "application/json", 422, "request.invalid"],
  ])("%s is refused", async (_, body, type, status, code) => {
    expect(await send(body, type)).toEqual([status, code]);
    expect(({} as { role?: unknown }).role).toBeUndefined();
  });

  test("a body of several parts is no JSON", async () => {
    expect(
      await send('--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--', "multipart/form-data; boundary=x"),
    ).toEqual([415, "request.media-type"]);
  });

  test("what is deep or odd only inside a text passes", () => {
    const text = `${nested(200)}"\\" __proto__ {{{{`;
    expect(parseJson(JSON.stringify({ text }))).toEqual({ text });
    expect(() => parseJson(nested(MAX_DEPTH))).not.toThrow();
    expect(() => parseJson(nested(MAX_DEPTH + 1))).toThrow();
  });
});
