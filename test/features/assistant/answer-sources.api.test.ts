/** What an answer rests on: named by the message, told to whoever may read both the conversation and the knowledge. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../../src/ai/sandbox/server";
import { systemClock } from "../../../src/core/clock";
import { silentLog } from "../../../src/core/log";
import type { ContactView, ConversationView, MessageView } from "../../../src/events/view";
import type { AnswerSource } from "../../../src/features/knowledge/answer-source.schema";
import { hire, makeRole } from "../../helpers/people";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);
const TEXT = "Los envíos a Cusco cuestan 15 soles y tardan tres días.";

let ai: SandboxOpenAI;
let app: TestApp;
let article: { id: string };
let reply: MessageView;
beforeAll(async () => {
  ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0 });
  app = await createTestApp({ env: { OPENAI_BASE_URL: ai.url, OPENAI_API_KEY: ai.apiKey, OPENAI_MODEL: ai.model } });
  article = (await app.api.post<{ id: string }>("/knowledge/articles", { title: "Envíos", text: TEXT })).body.data;
  await until(async () => (await app.api.data<unknown[]>("/knowledge/search?q=env%C3%ADos")).length > 0, { what: "the article" });
  await app.receive({ from: "51900000300", id: "wamid.sources.1", text: "¿cuánto cuestan los envíos a Cusco?" });
  await until(() => app.graph.sent.length === 1, { what: "the answer" });
  const [contact] = await app.api.data<ContactView[]>("/contacts?identity=51900000300");
  const [talk] = await app.api.data<ConversationView[]>(`/conversations?contact=${contact?.id}`);
  const all = await app.api.data<MessageView[]>(`/conversations/${talk?.id}/messages`);
  reply = all.find(({ role }) => role === "assistant") as MessageView;
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await ai.stop();
});

const path = () => `/assistant/runs/${reply.aiRun?.id}/sources`;

test("a message names its run and counts its sources; each is the passage with the sentences that cite it", async () => {
  expect(reply.aiRun?.id).toMatch(/^[0-9a-f]{24}$/);
  expect(reply.aiRun?.sources).toBe(1);
  const sources = await app.api.data<AnswerSource[]>(path());
  expect(sources).toHaveLength(1);
  const [source] = sources as [AnswerSource];
  expect(source.article).toBe(article.id);
  expect(source.title).toContain("Envíos");
  expect(source.text).toContain("tres días");
  expect(source.sentences).toHaveLength(1);
  expect(reply.content).toContain(source.sentences[0] as string);
});

test("an agent sees them; whoever reads only one of both, or does not reach the conversation, does not", async () => {
  await makeRole(app, { name: "no-books", permissions: ["conversations.read"], reach: "all" });
  await makeRole(app, { name: "librarian", permissions: ["knowledge.read"], reach: "all" });
  await makeRole(app, { name: "own", permissions: ["conversations.read", "knowledge.read"], reach: "own" });
  const statuses: Record<string, number> = {};
  for (const role of ["agent", "no-books", "librarian", "own"]) {
    const { api } = await hire(app, { email: `${role}@example.com`, role });
    statuses[role] = (await api.get(path())).status;
  }
  expect(statuses).toEqual({ agent: 200, "no-books": 403, librarian: 404, own: 404 });
  expect((await app.api.get(`/assistant/runs/${"0".repeat(24)}/sources`)).status).toBe(404);
  expect((await app.api.get("/assistant/runs/x/sources")).status).toBe(422);
});

test("a passage that was changed since is told as it was then, without an article", async () => {
  const changed = await app.api.patch(`/knowledge/articles/${article.id}`, {
    version: 1,
    values: { text: "Los envíos a Cusco cuestan 20 soles." },
  });
  expect(changed.status).toBe(200);
  await until(async () => (await app.api.data<AnswerSource[]>(path()))[0]?.article === null, { what: "the new passage" });
  expect((await app.api.data<AnswerSource[]>(path()))[0]?.text).toContain("15 soles");
});
