/** The assistant's connection: tried, stored with its key locked, used from the next answer on, and the environment's when it says so. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../../src/ai/sandbox/server";
import { systemClock } from "../../../src/core/clock";
import { silentLog } from "../../../src/core/log";
import { hire } from "../../helpers/people";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

interface View {
  source: string;
  version: number;
  model: string | null;
  baseUrl: string | null;
  hasKey: boolean;
  keyEnd: string | null;
}

let ai: SandboxOpenAI;
let app: TestApp;
const KEY = "sk-test-of-the-connection-1234";
beforeAll(async () => {
  ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0, apiKey: KEY });
  app = await createTestApp({
    env: { SANDBOX: "off", ALLOW_PRIVATE_URLS: "127.0.0.1", WHATSAPP_BUSINESS_ACCOUNT_ID: "1234567890" },
  });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await ai.stop();
});

const view = () => app.api.data<View>("/assistant/connection");
const patch = async (values: object) => app.api.patch<View>("/assistant/connection", { version: (await view()).version, values });

test("without one every conversation is for people, and asking for models says what is missing", async () => {
  expect(await view()).toMatchObject({ source: "none", version: 0, hasKey: false });
  const models = await app.api.get("/assistant/models");
  expect(models.status).toBe(409);
  expect(models.body).toMatchObject({ code: "assistant.no-connection" });
});

test("a connection is tried without being stored, on both wires; a wrong key is told", async () => {
  for (const wire of ["responses", "chat"]) {
    const tried = await app.api.post<{ usable: boolean; canUseTools: boolean; wire: string; steps: object[] }>(
      "/assistant/connection/test",
      { baseUrl: ai.url, apiKey: KEY, model: ai.model, wire },
    );
    expect(tried.status).toBe(200);
    expect(tried.body.data).toMatchObject({ usable: true, canUseTools: true, wire });
    expect(tried.body.data.steps).toHaveLength(3);
  }
  const wrong = await app.api.post("/assistant/connection/test", { baseUrl: ai.url, apiKey: "sk-wrong", model: ai.model });
  expect(wrong.body.data).toMatchObject({ usable: false, steps: [{ step: "plain", ok: false, problem: "refused-key" }] });
  expect((await view()).source).toBe("none");
});

test("an address inside our own network is refused unless it is allowed", async () => {
  const refused = await app.api.post("/assistant/connection/test", { baseUrl: "http://169.254.169.254/v1", apiKey: "x" });
  expect(refused.body).toMatchObject({ success: false, code: "url.refused" });
  expect((await patch({ baseUrl: "http://10.0.0.1/v1" })).body).toMatchObject({ code: "url.refused" });
});

test("stored, it answers the next customer; the key comes out nowhere and lies encrypted", async () => {
  const stored = await patch({ baseUrl: ai.url, apiKey: KEY, model: ai.model });
  expect(stored.status).toBe(200);
  expect(stored.body.data).toMatchObject({ source: "stored", version: 1, model: ai.model, hasKey: true, keyEnd: "1234" });
  expect(JSON.stringify(stored.body)).not.toContain(KEY);
  await app.receive({ from: "51900000001", id: "wamid.conn.1", text: "¿tienen mantas?" });
  await until(() => app.graph.sent.length === 1, { what: "the answer" });
  expect(ai.requests.length).toBeGreaterThan(0);
  const audit = await app.api.data<object[]>("/audit?action=assistant-connection.update&limit=1");
  expect(audit[0]).toMatchObject({ before: null, after: { baseUrl: ai.url, hasKey: true } });
  for (const file of readdirSync(app.dataDir).filter((name) => name.startsWith("chasqui.db")))
    expect(readFileSync(join(app.dataDir, file)).includes(KEY)).toBe(false);
});

test("its models are listed with a warning on those that end", async () => {
  const models = await app.api.data<{ id: string; warning: object | null }[]>("/assistant/models");
  expect(models.find(({ id }) => id === ai.model)?.warning).toBeNull();
  expect(models.map(({ id }) => id)).toContain("chasqui-sandbox-old");
});

test("a stored key is not sent to another address", async () => {
  const other = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0, apiKey: KEY });
  const tried = await app.api.post<{ usable: boolean }>("/assistant/connection/test", { baseUrl: other.url });
  expect(tried.body.data.usable).toBe(false);
  expect(other.requests).toHaveLength(0);
  await other.stop();
});

test("an old version is refused with the newest state, and only an administrator may change it", async () => {
  const late = await app.api.patch("/assistant/connection", { version: 0, values: { model: "x" } });
  expect(late.status).toBe(409);
  expect(late.body).toMatchObject({ code: "request.stale", current: { version: 1 } });
  const supervisor = await hire(app, { email: "sol@example.com", role: "supervisor" });
  expect((await supervisor.api.get("/assistant/connection")).status).toBe(200);
  expect((await supervisor.api.patch("/assistant/connection", { version: 1, values: { model: "x" } })).status).toBe(403);
});

test("forgotten, the next conversation is for people", async () => {
  const removed = await app.api.delete<View>("/assistant/connection");
  expect(removed.body.data).toMatchObject({ source: "none", hasKey: false });
  await app.receive({ from: "51900000002", id: "wamid.conn.2", text: "¿tienen mantas?" });
  const [one] = await until(async () => {
    const found = await app.api.data<{ isAIEnabled: boolean }[]>("/conversations?status=open");
    return found.length > 0 ? found : null;
  });
  expect(one?.isAIEnabled).toBe(false);
});

test("what the environment says wins and cannot be changed here", async () => {
  await using fixed = await createTestApp({ env: { OPENAI_BASE_URL: ai.url, OPENAI_API_KEY: KEY, OPENAI_MODEL: ai.model } });
  expect(await fixed.api.data<View>("/assistant/connection")).toMatchObject({ source: "environment", model: ai.model });
  const answer = await fixed.api.patch("/assistant/connection", { version: 0, values: { model: "x" } });
  expect(answer.status).toBe(409);
  expect(answer.body).toMatchObject({ code: "assistant.connection-fixed" });
});
