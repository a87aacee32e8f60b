/** A kept answer is shown only to who may still do what it answers, and still sees what it tells. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { ConversationView } from "../../src/events/view";
import { type Colleague, hire, keyClient, makeRole, makeTeam } from "../helpers/people";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(40_000);

const WRITER = ["conversations.read", "conversations.write", "conversations.assign", "messages.send", "contacts.read"];
let app: TestApp;
let writer: Colleague;
let sales: string;

beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off" } });
  await makeRole(app, { name: "writer", permissions: WRITER, reach: "team" });
  await makeRole(app, { name: "reader", permissions: ["conversations.read"], reach: "team" });
  await makeRole(app, { name: "loner", permissions: WRITER, reach: "own" });
  sales = await makeTeam(app, "Sales");
  writer = await hire(app, { email: "writer@example.com", role: "writer", teams: [sales] });
});
afterAll(() => app[Symbol.asyncDispose]());

let last = 51987660000;
async function talk(): Promise<ConversationView> {
  const from = String(++last);
  await app.receive({ from, id: `wamid.rights.${from}`, text: "hola" });
  return until(async () =>
    (await app.api.data<ConversationView[]>("/conversations")).find(({ contact }) => contact.phone === `+${from}`),
  );
}

async function write(path: string, body: unknown, key: string, { method = "PATCH", token = writer.api.token } = {}) {
  const response = await fetch(`${app.url}/api/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { code?: string; data?: unknown };
  return [response.status, response.headers.get("idempotent-replayed"), answer.code ?? null] as const;
}

const become = async (role: string) => expect((await app.api.patch(`/agents/${writer.id}`, { role })).status).toBe(200);

test("without the permission: 403 and nothing of the first answer; with it again, the first answer", async () => {
  const { id } = await talk();
  const patch = () => write(`/conversations/${id}`, { priority: "high" }, "rights-priority");
  const send = () => write(`/conversations/${id}/messages`, { text: "una vez" }, "rights-message", { method: "POST" });
  for (const ask of [patch, send]) expect(await ask()).toEqual([200, null, null]);
  for (const ask of [patch, send]) expect(await ask()).toEqual([200, "true", null]);
  await become("reader");
  for (const ask of [patch, send]) expect(await ask()).toEqual([403, null, "auth.forbidden"]);
  await become("writer");
  for (const ask of [patch, send]) expect(await ask()).toEqual([200, "true", null]);
  await until(() => app.graph.sent.some(({ text }) => text === "una vez"));
  expect(app.graph.sent.filter(({ text }) => text === "una vez")).toHaveLength(1);
});

test("an answer that shows a secret once (an API key) is not shown to who may not make one any more", async () => {
  await app.api.post("/roles", { name: "keeper", title: "Keeper", permissions: ["api-keys.manage"], reach: "own" });
  const keeper = await hire(app, { email: "keeper@example.com", role: "keeper" });
  const make = () =>
    write("/api-keys", { name: "One", permissions: ["api-keys.manage"] }, "rights-api-key", {
      method: "POST",
      token: keeper.api.token,
    });
  expect(await make()).toEqual([200, null, null]);
  expect(await make()).toEqual([200, "true", null]);
  await app.api.patch("/roles/keeper", { permissions: ["agents.read"] });
  expect(await make()).toEqual([403, null, "auth.forbidden"]);
});

test("out of reach by now: as if it did not exist; with a narrower reach: only that it was done", async () => {
  const moved = await talk();
  const kept = await talk();
  const patch = (id: string) => write(`/conversations/${id}`, { priority: "urgent" }, "rights-out-of-reach");
  expect(await patch(moved.id)).toEqual([200, null, null]);
  expect(await patch(kept.id)).toEqual([200, null, null]);
  const other = await makeTeam(app, "Support");
  await app.api.post(`/conversations/${moved.id}/actions`, { actions: [{ do: "transfer", team: other }] });
  expect(await patch(moved.id)).toEqual([404, null, "conversation.not-found"]);
  expect(await patch(kept.id)).toEqual([200, "true", null]);
  await become("loner");
  expect(await patch(kept.id)).toEqual([409, null, "request.answer-lost"]);
  await become("writer");
  expect(await patch(kept.id)).toEqual([200, "true", null]);
});

test("what only a person may do is not repeated for anybody else, and a key has its own answers", async () => {
  const { id } = await talk();
  const key = await keyClient(app, { permissions: WRITER });
  const as = (token: string) => write(`/conversations/${id}`, { priority: "low" }, "rights-of-two", { token });
  expect(await as(writer.api.token)).toEqual([200, null, null]);
  expect(await as(key.api.token)).toEqual([200, null, null]);
  expect(await as(key.api.token)).toEqual([200, "true", null]);
  await app.api.delete(`/api-keys/${key.id}`);
  expect(await as(key.api.token)).toEqual([401, null, "auth.invalid-token"]);
});
