/** The same write with the same Idempotency-Key happens once, whatever the route, also across a crash. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import { idempotencyKeyModel } from "../../src/features/idempotency-keys/idempotency-key.model";
import { ApiClient } from "../helpers/api-client";
import { ADMIN } from "../helpers/server-process";
import { tempDir } from "../helpers/temp-dir";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(30_000);

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off" } });
});
afterAll(() => app[Symbol.asyncDispose]());

let last = 51987640000;
async function talk(on: TestApp = app): Promise<ConversationView> {
  const from = String(++last);
  await on.receive({ from, id: `wamid.idem.${from}`, text: "hola" });
  const contact = await until(async () => (await on.api.data<ContactView[]>(`/contacts?identity=${from}`))[0]);
  return until(async () => (await on.api.data<ConversationView[]>(`/conversations?contact=${contact.id}`))[0]);
}

async function write(path: string, body: unknown, key: string, { method = "PATCH", url = app.url, token = app.api.token } = {}) {
  const response = await fetch(`${url}/api/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    replayed: response.headers.get("idempotent-replayed"),
    body: (await response.json()) as { code?: string; data: ConversationView },
  };
}

const epochOf = async (id: string, on = app) => (await on.api.data<ConversationView>(`/conversations/${id}`)).epoch;

test("a repetition gets the first answer and changes nothing, also when both come at once", async () => {
  const { id, epoch } = await talk();
  const both = await Promise.all([1, 2].map(() => write(`/conversations/${id}`, { status: "resolved" }, "resolve-once-1")));
  await app.api.patch(`/conversations/${id}`, { status: "open" });
  const again = await write(`/conversations/${id}`, { status: "resolved" }, "resolve-once-1");
  expect([...both, again].map(({ status }) => status)).toEqual([200, 200, 200]);
  expect([...both, again].map(({ body }) => body)).toEqual(Array(3).fill(again.body));
  expect(again.replayed).toBe("true");
  expect(again.body.data.status).toBe("resolved");
  expect(await epochOf(id)).toBe(epoch + 2);
  expect((await app.api.data<ConversationView>(`/conversations/${id}`)).status).toBe("open");
});

test("the same key with another body is refused; at another address or by another client it is another request", async () => {
  const first = await talk();
  const second = await talk();
  expect((await write(`/conversations/${first.id}`, { isAIEnabled: false }, "same-key-1")).status).toBe(200);
  const refused = await write(`/conversations/${first.id}`, { isAIEnabled: true }, "same-key-1");
  expect([refused.status, refused.body.code]).toEqual([422, "request.key-reused"]);
  const other = await write(`/conversations/${second.id}`, { isAIEnabled: false }, "same-key-1");
  expect([other.status, other.replayed]).toEqual([200, null]);
});

test("a refusal is not kept: the same request may succeed later", async () => {
  const { id } = await talk();
  const path = `/conversations/${id}/messages`;
  await app.api.patch(`/conversations/${id}`, { status: "closed" });
  const refused = await write(path, { text: "hola" }, "later-it-works", { method: "POST" });
  expect([refused.status, refused.body.code]).toEqual([409, "conversation.closed"]);
  await app.api.patch(`/conversations/${id}`, { status: "open" });
  expect((await write(path, { text: "hola" }, "later-it-works", { method: "POST" })).status).toBe(200);
});

test("whoever is not signed in learns nothing of a kept answer", async () => {
  const { id } = await talk();
  await write(`/conversations/${id}`, { isAIEnabled: false }, "secret-key-1");
  const stranger = await write(`/conversations/${id}`, { isAIEnabled: false }, "secret-key-1", { token: "no-token" });
  expect([stranger.status, stranger.replayed]).toEqual([401, null]);
});

test.each(["short", "x".repeat(121)])("a key of a wrong length is refused: %s", async (key) => {
  const { id } = await talk();
  const refused = await write(`/conversations/${id}`, { isAIEnabled: false }, key);
  expect([refused.status, refused.body.code]).toEqual([422, "request.invalid"]);
});

describe("a process that died before it answered", () => {
  /** Takes back what the first process noted at the end, as if it had not come that far, and starts anew. */
  async function crashed(hasEffect: boolean) {
    const dir = tempDir();
    const first = await createTestApp({ dataDir: dir.path, env: { ASSISTANT: "off" } });
    const { id, epoch } = await talk(first);
    const options = { url: first.url, token: first.api.token };
    await write(`/conversations/${id}`, { status: "resolved" }, "patch-before-crash", options);
    const sent = await write(`/conversations/${id}/messages`, { text: "una vez" }, "send-before-crash", {
      ...options,
      method: "POST",
    });
    expect(sent.status).toBe(200);
    {
      await using rooms = await first.openStored();
      const keys = idempotencyKeyModel(rooms.store.connection);
      const undone = { state: "running", owner: "dead", status: null, body: null, ...(hasEffect ? {} : { hasEffect }) };
      expect((await keys.collection.updateMany({ hasEffect: true }, { $set: undone } as never)).matchedCount).toBe(2);
    }
    await first[Symbol.asyncDispose]();
    const second = await createTestApp({ dataDir: dir.path, env: { ASSISTANT: "off" } });
    return {
      id,
      epoch,
      second,
      sent,
      options: { url: second.url, token: (await new ApiClient(second.url).signIn(ADMIN)).token },
    };
  }

  test("after its change: it is not done twice, and a message is answered with the first one", async () => {
    const { id, second, sent, options } = await crashed(true);
    await using _ = second;
    const before = await epochOf(id, second);
    const lost = await write(`/conversations/${id}`, { status: "resolved" }, "patch-before-crash", options);
    expect([lost.status, lost.body.code]).toEqual([409, "request.answer-lost"]);
    expect(await epochOf(id, second)).toBe(before);
    const again = await write(`/conversations/${id}/messages`, { text: "una vez" }, "send-before-crash", {
      ...options,
      method: "POST",
    });
    expect(again.body.data.id).toBe(sent.body.data.id);
    const thread = await second.api.data<MessageView[]>(`/conversations/${id}/messages`);
    expect(thread.filter(({ content }) => content === "una vez")).toHaveLength(1);
  });

  test("before its change: it is done now", async () => {
    const { id, second, options } = await crashed(false);
    await using _ = second;
    const before = await epochOf(id, second);
    const done = await write(`/conversations/${id}`, { status: "resolved" }, "patch-before-crash", options);
    expect(done.status).toBe(200);
    expect(await epochOf(id, second)).toBe(before + 1);
  });
});
