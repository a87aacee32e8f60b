/** Every route of the API once as a guest and once signed in: what must be in the answer, and what must never be. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { newId } from "../../src/core/id";
import type { ConversationView, MessageView } from "../../src/events/view";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(30_000);

const CUSTOMER = { from: "51987650300", id: "wamid.api.1", text: "Soy Rosa, ¿tienen mantas?", name: "Rosa Quispe" };

let app: TestApp;
const ids: Record<string, string> = {};

beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off" } });
  await app.receive(CUSTOMER);
  const [conversation] = await until(async () => {
    const found = await app.api.data<ConversationView[]>("/conversations");
    return found.length > 0 ? found : null;
  });
  const [message] = await app.api.data<MessageView[]>(`/conversations/${conversation?.id}/messages`);
  Object.assign(ids, {
    conversation: conversation?.id,
    contact: conversation?.contact.id,
    message: message?.id,
    agent: (await app.api.data<{ id: string }>("/auth/me")).id,
  });
});
afterAll(() => app[Symbol.asyncDispose]());

interface Raw {
  status: number;
  headers: Headers;
  text: string;
  body: {
    success: boolean;
    code?: string;
    error?: string;
    requestId?: string;
    details?: { path: string; message: string }[];
    page?: { next: string | null };
    data: unknown;
  };
}

interface CallOptions {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  token?: string | null;
}

/** A call with the ids of the test's own customer in place of `:contact`, `:conversation` ... */
async function call(path: string, { method = "GET", body, headers = {}, token = app.api.token }: CallOptions = {}): Promise<Raw> {
  const address = path.replace(/:(\w+)/g, (_, name: string) => ids[name] ?? name);
  const response = await fetch(`${app.url}/api/v2${address}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Raw["body"] };
}

/** Inner words of the store and of the protocol that no client may ever see. */
const INNER = [
  "passwordHash",
  "argon2",
  '"_id"',
  "identityKeys",
  "answeredSeq",
  "lastInboundWamid",
  "originKey",
  "lane",
  "correlationId",
  "biz_opaque",
  "a token of the test",
  "an app secret",
];

interface Scenario {
  name: string;
  path: string;
  method?: string;
  body?: unknown;
  must: string[];
}

const SCENARIOS: Scenario[] = [
  { name: "me", path: "/auth/me", must: ['"role":"admin"', "admin@example.com"] },
  { name: "agents", path: "/agents", must: ["admin@example.com"] },
  { name: "an agent", path: "/agents/:agent", must: ["admin@example.com"] },
  { name: "contacts", path: "/contacts", must: ["Rosa Quispe", "+51987650300", '"page":{"next":null}'] },
  { name: "contacts by identity", path: "/contacts?identity=51987650300", must: ["Rosa Quispe"] },
  { name: "a contact", path: "/contacts/:contact", must: ["Rosa Quispe", '"kind":"wa_id"'] },
  { name: "conversations", path: "/conversations", must: ["Rosa Quispe", "¿tienen mantas?", '"page":{"next":null}'] },
  { name: "conversations by status", path: "/conversations?status=open", must: ["Rosa Quispe"] },
  { name: "a conversation", path: "/conversations/:conversation", must: ["Rosa Quispe", '"unreadCount":'] },
  {
    name: "messages",
    path: "/conversations/:conversation/messages",
    must: ["¿tienen mantas?", '"page":{"next":null,"previous":null}'],
  },
  { name: "a message", path: "/messages/:message", must: ["¿tienen mantas?", "wamid.api.1"] },
  { name: "marking as read", path: "/conversations/:conversation/read", method: "POST", must: ['"unreadCount":0'] },
  {
    name: "patching a conversation",
    path: "/conversations/:conversation",
    method: "PATCH",
    body: { status: "open" },
    must: ['"status":"open"'],
  },
  {
    name: "answering",
    path: "/conversations/:conversation/messages",
    method: "POST",
    body: { text: "Sí, tenemos." },
    must: ["Sí, tenemos.", '"role":"operator"', '"state":"queued"'],
  },
  { name: "the sandbox", path: "/sandbox", must: ['"phones":['] },
];

describe.each(SCENARIOS)("$name", ({ path, method = "GET", body, must }) => {
  const options = { method, ...(body === undefined ? {} : { body }) };

  test("a guest learns nothing", async () => {
    const answer = await call(path, { ...options, token: null });
    expect(answer.status).toBe(401);
    expect(Object.keys(answer.body).sort()).toEqual(["code", "error", "requestId", "success"]);
    expect(answer.body.code).toBe("auth.required");
    for (const word of must) expect(answer.text).not.toContain(word);
  });

  test("a bad token learns nothing", async () => {
    const answer = await call(path, { ...options, token: "abc.def.ghi" });
    expect(answer.status).toBe(401);
    expect(answer.body.code).toBe("auth.invalid-token");
  });

  test("an agent gets it, without what is only ours", async () => {
    const answer = await call(path, options);
    expect(answer.status).toBe(200);
    expect(answer.body.success).toBe(true);
    for (const word of must) expect(answer.text).toContain(word);
    for (const word of INNER) expect(answer.text).not.toContain(word);
  });
});

test("a guest's writes change nothing", async () => {
  await until(async () => !(await call("/conversations/:conversation/messages")).text.includes('"state":"sending"'));
  const before = await call("/conversations/:conversation/messages");
  await call("/conversations/:conversation/messages", { method: "POST", body: { text: "de un extraño" }, token: null });
  await call("/conversations/:conversation", { method: "PATCH", body: { status: "closed" }, token: null });
  expect((await call("/conversations/:conversation/messages")).body.data).toEqual(before.body.data);
  expect((await call("/conversations/:conversation")).text).toContain('"isOpen":true');
  expect(app.graph.sent.map(({ text }) => text)).not.toContain("de un extraño");
});

describe("what is not there", () => {
  const missing = newId();
  test.each([
    [`/contacts/${missing}`, "contact.not-found"],
    [`/conversations/${missing}`, "conversation.not-found"],
    [`/conversations/${missing}/messages`, "conversation.not-found"],
    [`/messages/${missing}`, "message.not-found"],
    [`/agents/${missing}`, "agent.not-found"],
  ])("GET %s: 404", async (path, code) => {
    const answer = await call(path);
    expect([answer.status, answer.body.code]).toEqual([404, code]);
  });

  test.each([
    ["PATCH", `/conversations/${missing}`, { status: "open" }],
    ["POST", `/conversations/${missing}/messages`, { text: "hola" }],
    ["POST", `/conversations/${missing}/read`, undefined],
  ])("%s %s: 404", async (method, path, body) => {
    expect((await call(path, { method, body })).status).toBe(404);
  });

  test.each([
    "/contacts/x",
    "/contacts/..%2Fagents",
    "/messages/ZZZZ45f2c1a4000a5be1f00d",
    "/agents/null",
    "/conversations/1/messages",
  ])("GET %s: an id that is none is 422 and names its field", async (path) => {
    const answer = await call(path);
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe("request.invalid");
    expect(answer.body.details?.[0]?.path).toBe("params.id");
  });

  test.each([
    ["GET", "/nothing"],
    ["DELETE", "/conversations/:conversation"],
    ["PUT", "/messages/:message"],
  ])("%s %s is no route: 404 as JSON, also for a guest", async (method, path) => {
    for (const token of [app.api.token, null]) {
      const answer = await call(path, { method, token });
      expect(answer.status).toBe(404);
      expect(answer.headers.get("content-type")).toStartWith("application/json");
      expect(answer.body).toMatchObject({ success: false, code: "route.not-found" });
    }
  });
});

describe("queries", () => {
  test.each(["/contacts", "/conversations", "/conversations/:conversation/messages"])(
    "%s: limits and cursors are checked",
    async (path) => {
      for (const [query, field] of [
        ["limit=0", "query.limit"],
        ["limit=101", "query.limit"],
        ["limit=abc", "query.limit"],
        ["limit=1.5", "query.limit"],
        ["limit=-1", "query.limit"],
        [`cursor=${"x".repeat(401)}`, "query.cursor"],
        ["skip=10", "query.skip"],
      ] as const) {
        const answer = await call(`${path}?${query}`);
        expect([query, answer.status, answer.body.code]).toEqual([query, 422, "request.invalid"]);
        expect(answer.body.details?.map((one) => one.path)).toContain(field);
      }
      for (const cursor of [
        "x",
        "e30",
        Buffer.from('[1e300,"a"]').toString("base64url"),
        Buffer.from("[{}]").toString("base64url"),
      ]) {
        const answer = await call(`${path}?cursor=${cursor}`);
        expect([cursor, answer.status, answer.body.code]).toEqual([cursor, 400, "request.cursor"]);
      }
      expect((await call(`${path}?limit=100`)).status).toBe(200);
    },
  );

  test.each([
    ["/conversations?status=unheard", "query.status"],
    ["/conversations?contact=x", "query.contact"],
    ["/contacts?identity=", "query.identity"],
    [`/contacts?identity=${"x".repeat(141)}`, "query.identity"],
  ])("%s: 422 names the field", async (path, field) => {
    const answer = await call(path);
    expect(answer.status).toBe(422);
    expect(answer.body.details?.map((one) => one.path)).toContain(field);
  });
});

describe("bodies", () => {
  test.each([
    ["PATCH", "/conversations/:conversation", { status: "open", assignedAgent: "x" }, "body.assignedAgent"],
    ["PATCH", "/conversations/:conversation", { status: "gone" }, "body.status"],
    ["PATCH", "/conversations/:conversation", { isAIEnabled: "yes" }, "body.isAIEnabled"],
    ["PATCH", "/conversations/:conversation", {}, "body"],
    ["POST", "/conversations/:conversation/messages", { text: "hola", role: "assistant" }, "body.role"],
    ["POST", "/conversations/:conversation/messages", { text: 5 }, "body.text"],
    ["POST", "/conversations/:conversation/messages", { text: "" }, "body.text"],
    ["POST", "/conversations/:conversation/messages", { text: "x".repeat(5_001) }, "body.text"],
    ["POST", "/conversations/:conversation/messages", { text: { $ne: null } }, "body.text"],
    ["POST", "/conversations/:conversation/messages", [], "body"],
  ])("%s %s with %j: 422 names the field", async (method, path, body, field) => {
    const answer = await call(path, { method, body });
    expect([answer.status, answer.body.code]).toEqual([422, "request.invalid"]);
    expect(answer.body.details?.map((one) => one.path)).toContain(field);
  });

  test("a body that is no JSON: 400", async () => {
    const answer = await call("/conversations/:conversation", { method: "PATCH", body: '{"status": ' });
    expect([answer.status, answer.body.code]).toEqual([400, "request.malformed"]);
  });

  test("a body of another kind is not taken for JSON", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await call("/conversations/:conversation", { method: "PATCH", body: "status=closed&x=1", headers });
    expect([answer.status, answer.body.code]).toEqual([415, "request.media-type"]);
    const plain = await call("/conversations/:conversation", {
      method: "PATCH",
      body: '{"status":"closed"}',
      headers: { "content-type": "text/plain" },
    });
    expect([plain.status, plain.body.code]).toEqual([415, "request.media-type"]);
    expect((await call("/conversations/:conversation")).text).toContain('"isOpen":true');
  });

  test("an Idempotency-Key that is too short: 422", async () => {
    const answer = await call("/conversations/:conversation/messages", {
      method: "POST",
      body: { text: "hola" },
      headers: { "idempotency-key": "short" },
    });
    expect(answer.status).toBe(422);
  });
});

describe("the request id", () => {
  test("is the same in header and body of a failure", async () => {
    const answer = await call(`/contacts/${newId()}`);
    expect(answer.body.requestId).toMatch(/^req_/);
    expect(answer.headers.get("x-request-id")).toBe(answer.body.requestId ?? "");
  });

  test("of the caller is taken over when it is harmless", async () => {
    const ask = async (id: string) => (await call(`/contacts/${newId()}`, { headers: { "x-request-id": id } })).body.requestId;
    expect(await ask("trace-0001")).toBe("trace-0001");
    expect(await ask('x"><script>alert(1)</script>')).toMatch(/^req_/);
  });
});
