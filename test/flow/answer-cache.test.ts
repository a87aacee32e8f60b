/** The same question of anybody costs one answer, as long as neither the text, the knowledge nor the person matters. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { TurnInput, TurnResult } from "../../src/ai/assistant";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../src/ai/sandbox/server";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { EventBus } from "../../src/events/bus";
import type { RunView } from "../../src/features/ai-runs/ai-run.schema";
import { createAnswerCache } from "../../src/flow/answer-cache";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

let ai: SandboxOpenAI;
let app: TestApp;
beforeAll(async () => {
  ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0 });
  app = await createTestApp({ env: { OPENAI_BASE_URL: ai.url, OPENAI_API_KEY: ai.apiKey, OPENAI_MODEL: ai.model } });
  await write("Los envíos a Cusco cuestan 15 soles.");
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await ai.stop();
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

test("what is about a person, a day, or what was said before is never kept", () => {
  const cache = createAnswerCache({ minutes: () => 60, bus: new EventBus(silentLog), clock: systemClock });
  const input = (text: string, more: Partial<TurnInput> = {}) =>
    ({
      incoming: [{ text, at: 0, type: "text" }],
      history: [],
      hasKnowledge: true,
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
      run: { toolCalls: [] },
      ...more,
    }) as unknown as TurnResult;
  const isKept = (asked: TurnInput, said: TurnResult) => {
    cache.find(asked);
    cache.keep(asked, said);
    return cache.find({ ...asked }) !== null;
  };
  expect(isKept(input("¿Hacen envíos a Puno?"), result("Sí, a todo el país."))).toBe(true);
  for (const text of [
    "¿Dónde está mi pedido?",
    "¿Abren hoy hasta tarde?",
    "¿Llegó el pedido 4711123?",
    "hola, buenas tardes",
    "Do you ship my order?",
  ])
    expect(isKept(input(text), result("Sí."))).toBe(false);
  const question = "¿Hacen envíos a Tacna?";
  expect(isKept(input(question, { history: [{ role: "user", text: "x", at: 0 }] }), result("Sí."))).toBe(false);
  expect(isKept(input(question, { variables: { "contact.name": "Rosa" } }), result("Sí."))).toBe(false);
  expect(isKept(input(question), result("Claro, Rosa: sí."))).toBe(false);
  expect(isKept(input(question), result("Sí.", { citations: [] }))).toBe(false);
  expect(isKept(input(question), result("Sí.", { run: { toolCalls: [{ name: "get_contact" }] } }))).toBe(false);
  expect(isKept(input(question), result("Sí.", { kind: "hand-off" }))).toBe(false);
});
