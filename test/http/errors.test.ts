/** Whatever breaks: the client hears a sentence and a request id, the log hears the rest. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { Elysia, t } from "elysia";
import mongoose from "mongoose";
import { signBody } from "../../src/channels/whatsapp/signature";
import { fail } from "../../src/core/errors";
import { silentLog } from "../../src/core/log";
import { failureBody, logFailure, toAppError } from "../../src/http/errors";
import { healthController, type Readiness } from "../../src/http/health";
import { webhookOf } from "../helpers/api-client";
import { ADMIN } from "../helpers/server-process";
import { APP_SECRET, createTestApp, NUMBER } from "../helpers/test-app";

setDefaultTimeout(20_000);

const deps = { isStoreUnavailable: () => false };

describe("translating", () => {
  test.each([
    ["an AppError stays what it is", fail("conversation.closed"), "UNKNOWN", "conversation.closed", 409],
    ["an unknown route", new Error("x"), "NOT_FOUND", "route.not-found", 404],
    ["a body that cannot be parsed", new SyntaxError("x"), "PARSE", "request.malformed", 400],
    [
      "a duplicate key",
      Object.assign(new Error("E11000 dup key: { email }"), { code: 11_000 }),
      "UNKNOWN",
      "request.conflict",
      409,
    ],
    ["a bug", new TypeError("undefined is not a function"), "UNKNOWN", "internal", 500],
    ["a thrown text", "oops", "UNKNOWN", "internal", 500],
    ["nothing at all", null, "UNKNOWN", "internal", 500],
  ])("%s", (_, error, code, expected, status) => {
    expect(toAppError(error, code, deps)).toMatchObject({ code: expected, status });
  });

  test("a store that cannot be used: 503 and when to come back", () => {
    const error = toAppError(new Error("not primary"), "UNKNOWN", { isStoreUnavailable: () => true });
    expect(error).toMatchObject({ code: "store.unavailable", status: 503, retryAfter: 5, retryable: true });
  });

  test("an answer of ours that breaks its own schema is our fault, not the client's", async () => {
    let told: unknown;
    const app = new Elysia({ normalize: false })
      .onError(({ error, code, set }) => {
        const known = toAppError(error, code, deps);
        set.status = known.status;
        told = failureBody(known, "req_1");
        return told;
      })
      .get("/", () => ({ secret: "internal value" }) as never, { response: { 200: t.Object({ id: t.String() }) } });
    const answer = await app.handle(new Request("http://localhost/"));
    expect(answer.status).toBe(500);
    expect(told).toMatchObject({ code: "internal" });
    expect(JSON.stringify(told)).not.toContain("internal value");
  });

  test("the public body holds neither cause nor stack", () => {
    const error = fail("internal", { cause: new Error("SELECT * FROM secrets at /srv/app.ts") });
    expect(failureBody(error, "req_1")).toEqual({ success: false, code: "internal", error: error.message, requestId: "req_1" });
  });

  test("only our own faults are errors in the log", () => {
    const heard: string[] = [];
    const level = (name: string) => (message: string) => void heard.push(`${name}: ${message}`);
    const log = { ...silentLog, debug: level("debug"), warn: level("warn"), error: level("error") };
    for (const error of [fail("internal"), fail("store.unavailable"), fail("contact.not-found")]) logFailure(log, error, {});
    expect(heard).toEqual(["error: a request failed", "warn: a request failed", "debug: a request was refused"]);
  });
});

const health = (readiness: Readiness) => {
  const app = new Elysia().use(healthController(readiness));
  return async (path: string) => {
    const answer = await app.handle(new Request(`http://localhost${path}`));
    return [answer.status, await answer.json()];
  };
};

test("/ready names what cannot work; /health only says that the process lives", async () => {
  let store: Error | null = null;
  let stopping = false;
  const ask = health({ ping: () => (store ? Promise.reject(store) : Promise.resolve()), isStopping: () => stopping });
  expect(await ask("/ready")).toEqual([200, { status: "ready", store: "ok", workers: "ok" }]);
  stopping = true;
  expect(await ask("/ready")).toEqual([503, { status: "not-ready", store: "ok", workers: "stopping" }]);
  stopping = false;
  store = fail("store.unavailable");
  expect(await ask("/ready")).toEqual([503, { status: "not-ready", store: store.message, workers: "ok" }]);
  expect(await ask("/health")).toEqual([200, { status: "ok" }]);
});

test("a store that is gone: no 200 for Meta but 503 with Retry-After, and /ready says so", async () => {
  await using app = await createTestApp({ env: { ASSISTANT: "off" } });
  const from = "51987650501";
  expect(await app.receive({ from, id: "wamid.1", text: "hola" })).toBe(200);
  expect((await fetch(`${app.url}/ready`)).status).toBe(200);
  // The store of this app is the newest connection of this process.
  await mongoose.connections.at(-1)?.close();
  for (const id of ["wamid.2", "wamid.3"]) {
    const raw = JSON.stringify(webhookOf(NUMBER, [{ from, id, text: "hola" }]));
    const answer = await fetch(`${app.url}/api/v2/webhook`, {
      method: "POST",
      body: raw,
      headers: { "x-hub-signature-256": signBody(APP_SECRET, raw), "x-request-id": "trace-0001" },
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ success: false, code: "store.unavailable", requestId: "trace-0001" });
    for (const inner of ["Mongo", "stack", ".ts", "sqlite"]) expect(text).not.toContain(inner);
  }
  expect((await fetch(`${app.url}/ready`)).status).toBe(503);
  expect((await fetch(`${app.url}/health`)).status).toBe(200);
  const list = await fetch(`${app.url}/api/v2/contacts`, { headers: { authorization: `Bearer ${app.api.token}` } });
  expect(list.status).toBe(503);
  await using rooms = await app.openStored();
  expect((await rooms.models.messages.find({}).lean()).map(({ wamid }) => wamid)).toEqual(["wamid.1"]);
});

test("a server on the net: no sandbox, only named origins, a Secure cookie, and an API that describes itself", async () => {
  await using app = await createTestApp({
    env: { SANDBOX: "off", HOST: "127.0.0.1", CORS_ORIGINS: "https://crm.example", PUBLIC_URL: "https://chat.example" },
  });
  for (const path of ["/sandbox", "/sandbox/phones/1/messages"]) {
    const answer = await app.api.get(path);
    expect([answer.status, answer.body.code]).toEqual([404, "sandbox.off"]);
    expect((await fetch(`${app.url}/api/v2${path}`)).status).toBe(401);
  }
  const allowed = async (origin: string) =>
    (await fetch(`${app.url}/health`, { headers: { origin } })).headers.get("access-control-allow-origin");
  expect(await allowed("https://crm.example")).toBe("https://crm.example");
  expect(await allowed("https://evil.example")).not.toBe("https://evil.example");
  const signIn = await fetch(`${app.url}/api/v2/auth/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(ADMIN),
  });
  expect(signIn.headers.getSetCookie().join()).toContain("Secure");
  const description = (await (await fetch(`${app.url}/api/v2/openapi.json`)).json()) as { paths: Record<string, unknown> };
  for (const path of ["/api/v2/webhook", "/api/v2/contacts/{id}", "/api/v2/conversations/{id}/messages", "/api/v2/auth/sign-in"])
    expect(Object.keys(description.paths)).toContain(path);
});
