/** The same question of anybody costs one answer, as long as neither the text, the knowledge nor the person matters. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { TurnInput, TurnResult } from "../../src/ai/assistant";
import { PassageBook } from "../../src/ai/passages";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../src/ai/sandbox/server";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import type { RunView, UsageRow } from "../../src/features/ai-runs/ai-run.schema";
import { createAnswerCache } from "../../src/flow/answer-cache";
import { cachedAnswerModel } from "../../src/flow/answer-cache.model";
import { openRooms } from "../helpers/rooms";
import { tempDir } from "../helpers/temp-dir";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

let ai: SandboxOpenAI;
let app: TestApp;
const dir = tempDir();
const open = () =>
  createTestApp({
    env: { OPENAI_BASE_URL: ai.url, OPENAI_API_KEY: ai.apiKey, OPENAI_MODEL: ai.model },
    dataDir: `${dir.path}/data`,
  });
beforeAll(async () => {
  ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0 });
  app = await open();
  const price = {
    effectiveFrom: "2026-01-02",
    source: "assumed",
    input: 1,
    cached: 1,
    cacheWrite: 1,
    cacheWrite12h: 1,
    output: 5,
  };
  const values = { rows: [{ model: ai.model, ...price }] };
  expect((await app.api.patch("/settings/assistant-prices", { version: 0, values })).status).toBe(200);
  await write("Los envíos a Cusco cuestan 15 soles.");
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await ai.stop();
  dir[Symbol.dispose]();
});

let article: { id: string; version: number } | null = null;
async function write(text: string): Promise<void> {
  const path = article ? `/knowledge/articles/${article.id}` : "/knowledge/articles";
  const made = article
    ? await app.api.patch<{ id: string; version: number }>(path, { version: article.version, values: { text } })
    : await app.api.post<{ id: string; version: number }>(path, { title: "Envíos", text });
  expect(made.body).toMatchObject({ success: true });
  article = made.body.data;
  const words = text.split(" ").at(-2) ?? "";
  await until(
    async () =>
      JSON.stringify(await app.api.data(`/knowledge/search?q=${encodeURIComponent(`envíos Cusco ${words}`)}`)).includes(text),
    {
      what: "the article",
    },
  );
}
const runs = () => app.api.data<RunView[]>("/assistant/runs?limit=100");
const saved = async () => {
  const day = new Date().toISOString().slice(0, 10);
  return (await app.api.data<{ total: UsageRow }>(`/assistant/usage?from=${day}&to=${day}`)).total.savedMicros;
};
let customers = 0;
async function ask(text: string): Promise<{ answer: string; run: RunView }> {
  const from = `519000003${String(++customers).padStart(2, "0")}`;
  const before = (await runs()).length;
  await app.receive({ from, id: `wamid.cache.${customers}`, text, name: "Rosa Díaz" });
  const heard = () => app.graph.sent.filter(({ to }) => to === `+${from}`);
  await until(() => heard().length > 0, { what: "the answer" });
  const all = await until(async () => ((await runs()).length > before ? runs() : null), { what: "the run" });
  return { answer: heard()[0]?.text ?? "", run: all[0] as RunView };
}

test("the second to ask gets the same answer with its sources and no call; a change of the knowledge or the text asks again", async () => {
  const first = await ask("¿Cuánto cuestan los envíos a Cusco?");
  expect(first.answer).toContain("15 soles");
  expect(first.run).toMatchObject({ calls: 1, isUngrounded: false });
  const second = await ask("cuanto CUESTAN los envíos a Cusco??".replace("cuanto", "cuánto"));
  expect(second.run).toMatchObject({ calls: 0, outcome: "reply", reason: "answer-cache", costMicros: 0 });
  expect(second.answer).toBe(first.answer);
  // What it would have cost again, to the micro-dollar.
  expect(first.run.costMicros).toBeGreaterThan(0);
  expect(first.run.savedMicros).toBeNull();
  expect(second.run.savedMicros).toBe(first.run.costMicros);
  expect(await saved()).toBe(first.run.costMicros ?? Number.NaN);
  await write("Los envíos a Cusco cuestan 18 soles.");
  const third = await ask("¿Cuánto cuestan los envíos a Cusco?");
  expect(third.run.calls).toBe(1);
  expect(third.answer).toContain("18 soles");
  const { version } = await app.api.data<{ version: number }>("/settings/assistant");
  await app.api.patch("/settings/assistant", { version, values: { persona: "Eres Inti." } });
  expect((await ask("¿Cuánto cuestan los envíos a Cusco?")).run.calls).toBe(1);
  expect((await ask("¿Cuánto cuestan los envíos a Cusco?")).run.calls).toBe(0);
  const off = await app.api.patch("/settings/assistant", { version: version + 1, values: { answerCacheMinutes: 0 } });
  expect(off.status).toBe(200);
  expect((await ask("¿Cuánto cuestan los envíos a Cusco?")).run.calls).toBe(1);
  expect((await app.api.data<{ embeddingMicros: number }>("/knowledge/state")).embeddingMicros).toBeGreaterThan(0);
});

test("it is known after a restart, answers where no money is left, and a prompt that is published asks anew", async () => {
  const question = "¿Cuánto cuestan los envíos a Cusco?";
  const { version } = await app.api.data<{ version: number }>("/settings/assistant");
  await app.api.patch("/settings/assistant", { version, values: { answerCacheMinutes: 60 } });
  await ask(question);
  await app.stop();
  app = await open();
  const kept = await ask(question);
  expect(kept.run).toMatchObject({ calls: 0, reason: "answer-cache" });
  expect((await app.api.patch("/settings/assistant-budgets", { version: 0, values: { dayMicros: 0 } })).status).toBe(200);
  expect((await ask(question)).answer).toBe(kept.answer);
  await app.api.patch("/settings/assistant-budgets", { version: 1, values: { dayMicros: null } });
  const { body } = await app.api.post<{ id: string }>("/assistant/prompts", { name: "Ventas", text: "Eres Killa." });
  expect((await ask(question)).run.calls).toBe(0);
  expect((await app.api.post(`/assistant/prompts/${body.data.id}/publish`, {})).status).toBe(200);
  expect((await ask(question)).run.calls).toBe(1);
  expect((await ask(question)).run.calls).toBe(0);
  // Another article that answers it too: what was said before may be only half of it.
  const more = await app.api.post("/knowledge/articles", {
    title: "Envíos gratis",
    text: "Los envíos a Cusco son gratis desde 200 soles.",
  });
  expect(more.status).toBe(200);
  await until(async () => JSON.stringify(await app.api.data("/knowledge/search?q=env%C3%ADos%20gratis")).includes("200 soles"), {
    what: "the other article",
  });
  expect((await ask(question)).run.calls).toBe(1);
});

test("what is about a person, a day, or what was said before is never kept; what is kept holds nobody's words", async () => {
  await using rooms = await openRooms();
  const answers = cachedAnswerModel(rooms.store.connection);
  const cache = createAnswerCache({ answers, minutes: () => 60, clock: systemClock, log: silentLog });
  const book = new PassageBook();
  book.add({ id: "x", title: "Envíos", text: "Enviamos a todo el país, también a Puno." });
  const input = (text: string, more: Partial<TurnInput> = {}) =>
    ({
      incoming: [{ text, at: 0, type: "text" }],
      history: [],
      hasKnowledge: true,
      book,
      passages: 1,
      cacheKey: "c",
      contact: { name: "Rosa Díaz" },
      ...more,
    }) as unknown as TurnInput;
  const result = (text: string, more: object = {}) =>
    ({
      kind: "reply",
      text,
      citations: [{ sentence: text, chunks: ["x"] }],
      isUngrounded: false,
      run: { toolCalls: [], costMicros: 12 },
      ...more,
    }) as unknown as TurnResult;
  const isKept = async (asked: TurnInput, said: TurnResult) => {
    await cache.keep(asked, said);
    return (await cache.find({ ...asked })) !== null;
  };
  expect(await isKept(input("¿Hacen envíos a Puno?"), result("Sí, a todo el país, a Puno también."))).toBe(true);
  expect(JSON.stringify(await answers.find({}).lean())).not.toContain("Hacen");
  for (const text of [
    "¿Dónde está mi pedido?",
    "¿Abren hoy hasta tarde?",
    "¿Llegó el pedido 4711123?",
    "hola, buenas tardes",
    "Do you ship my order?",
  ])
    expect(await isKept(input(text), result("Sí."))).toBe(false);
  const question = "¿Hacen envíos a Tacna?";
  expect(await isKept(input(question, { history: [{ role: "user", text: "x", at: 0 }] }), result("Sí."))).toBe(false);
  expect(await isKept(input(question, { variables: { "contact.name": "Rosa" } }), result("Sí."))).toBe(false);
  expect(await isKept(input(question, { contact: { labels: ["vip"] } }), result("Sí."))).toBe(false);
  expect(await isKept(input(question), result("Claro, Rosa: sí."))).toBe(false);
  expect(await isKept(input("¿Hacen envíos para Tomasa?"), result("Sí, también para Tomasa."))).toBe(false);
  expect(await isKept(input(question), result("Sí.", { citations: [] }))).toBe(false);
  expect(await isKept(input(question), result("Sí.", { citations: [{ sentence: "Sí.", chunks: ["found by a tool"] }] }))).toBe(
    false,
  );
  for (const name of ["get_contact", "search_knowledge"])
    expect(await isKept(input(question), result("Sí.", { run: { toolCalls: [{ name }] } }))).toBe(false);
  expect(await isKept(input(question), result("Sí.", { kind: "hand-off" }))).toBe(false);
  expect(await isKept(input(question), result("Sí."))).toBe(true);
  // The same words of somebody with another language are another question.
  expect(await cache.find(input(question, { contact: { language: "pt" } }))).toBeNull();
});
