/** Every turn in the book: what it was given, what it used, what it cost to the micro-dollar, and what all of that adds up to. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../../src/ai/sandbox/server";
import { systemClock } from "../../../src/core/clock";
import { silentLog } from "../../../src/core/log";
import type { MessageView } from "../../../src/events/view";
import type { FullRunView, RunView, UsageRow } from "../../../src/features/ai-runs/ai-run.schema";
import { hire, makeRole } from "../../helpers/people";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

/** What the sandbox would cost if it were sold, so that there is something to count. */
const PRICE = { input: 0.1, cached: 0.01, cacheWrite: 0.125, cacheWrite12h: 0.25, output: 0.5 };
let ai: SandboxOpenAI;
let app: TestApp;
beforeAll(async () => {
  ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0 });
  app = await createTestApp({ env: { OPENAI_BASE_URL: ai.url, OPENAI_API_KEY: ai.apiKey, OPENAI_MODEL: ai.model } });
  const rows = [{ model: ai.model, effectiveFrom: "2026-01-02", source: "assumed", ...PRICE }];
  const priced = await app.api.patch("/settings/assistant-prices", { version: 0, values: { rows } });
  expect(priced.status).toBe(200);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await ai.stop();
});

const runs = (query = "") => app.api.data<RunView[]>(`/assistant/runs${query}`);
const today = () => new Date().toISOString().slice(0, 10);

test("a reply is in the book with all it was given and costs what its tokens cost", async () => {
  await app.receive({ from: "51900000001", id: "wamid.run.1", text: "¿tienen mantas?" });
  await until(() => app.graph.sent.length === 1, { what: "the answer" });
  const [run] = await until(async () => ((await runs()).length === 1 ? runs() : null), { what: "the run" });
  const full = await app.api.data<FullRunView>(`/assistant/runs/${run?.id}`);
  expect(full).toMatchObject({ kind: "reply", outcome: "reply", calls: 1, fragments: 1, answer: app.graph.sent[0]?.text });
  expect(full.input).toMatchObject({ incoming: [{ text: "¿tienen mantas?" }], history: [] });
  const [call] = full.modelCalls ?? [];
  expect(call).toMatchObject({ model: ai.model, ok: true, input: full.usage.input, output: full.usage.output });
  expect((call?.at ?? -1) + (call?.ms ?? 0)).toBeLessThanOrEqual(full.ms);
  const { input, cached, cacheWrite, output } = full.usage;
  expect(input).toBeGreaterThan(500);
  // Recounted by hand: dollars per million tokens are micro-dollars per token.
  const micros =
    (input - cached - cacheWrite) * PRICE.input + cached * PRICE.cached + cacheWrite * PRICE.cacheWrite + output * PRICE.output;
  expect(full.costMicros).toBeGreaterThan(0);
  expect(full.costMicros).toBe(Math.round(micros));
  const [reply] = (await app.api.data<MessageView[]>(`/conversations/${full.conversation}/messages`)).filter(
    ({ role }) => role === "assistant",
  );
  expect(reply?.aiRun).toMatchObject({ costMicros: full.costMicros, inputTokens: input });
});

test("what fails is in the book, too: it may have been billed", async () => {
  ai.faults = { kind: "server-error", times: 2 };
  await app.receive({ from: "51900000002", id: "wamid.run.2", text: "¿hasta qué hora?" });
  const failed = await until(async () => (await runs()).find(({ outcome }) => outcome === "failed"), { what: "the failed run" });
  expect(failed).toMatchObject({ reason: "unavailable", calls: 2, usage: { input: 0 } });
});

test("runs are found by kind and by how they ended", async () => {
  expect((await runs("?outcome=failed")).map(({ outcome }) => outcome)).toEqual(["failed"]);
  expect((await runs("?kind=reply")).length).toBe((await runs()).length);
  expect(await runs("?kind=hearing")).toEqual([]);
  const [failed] = await runs("?outcome=failed");
  const { modelCalls } = await app.api.data<FullRunView>(`/assistant/runs/${failed?.id}`);
  expect(modelCalls?.map(({ ok }) => ok)).toEqual([false, false]);
});

test("usage adds up by day, model, prompt and conversation", async () => {
  const all = await runs("?limit=100");
  const sum = (pick: (run: RunView) => number) => all.reduce((total, run) => total + pick(run), 0);
  for (const by of ["day", "model", "prompt", "conversation", "contact"]) {
    const { rows, total } = await app.api.data<{ rows: UsageRow[]; total: UsageRow }>(
      `/assistant/usage?from=${today()}&to=${today()}&by=${by}`,
    );
    expect(total).toMatchObject({
      runs: all.length,
      input: sum(({ usage }) => usage.input),
      output: sum(({ usage }) => usage.output),
      costMicros: sum(({ costMicros }) => costMicros ?? 0),
    });
    expect(rows.reduce((runsOfRows, row) => runsOfRows + row.runs, 0)).toBe(all.length);
  }
  const wrong = await app.api.get(`/assistant/usage?from=2026-01-01&to=2026-12-31`);
  expect(wrong.status).toBe(422);
});

test("pages follow each other without gaps", async () => {
  const first = await app.api.get<RunView[]>("/assistant/runs?limit=1");
  const { next } = (first.body as unknown as { page: { next: string } }).page;
  const second = await app.api.data<RunView[]>(`/assistant/runs?limit=1&cursor=${next}`);
  expect([first.body.data[0]?.id, second[0]?.id]).toEqual((await runs()).slice(0, 2).map(({ id }) => id));
});

test("whoever sees only their own conversations sees only the runs of these", async () => {
  await makeRole(app, { name: "trainer", permissions: ["assistant.manage", "conversations.read"], reach: "own" });
  const trainer = await hire(app, { email: "tito@example.com", role: "trainer" });
  const [run] = await runs();
  expect((await trainer.api.get("/assistant/runs")).status).toBe(403);
  expect((await trainer.api.get(`/assistant/runs/${run?.id}`)).status).toBe(404);
  expect((await trainer.api.get(`/assistant/runs?conversation=${run?.conversation}`)).status).toBe(404);
});

test("a person who is erased takes the runs along", async () => {
  const [run] = (await runs("?limit=100")).filter(({ outcome }) => outcome === "reply");
  const answer = await app.api.post(`/data-protection/contacts/${run?.contact}/erase`, {});
  expect(answer.status).toBe(200);
  await until(async () => !(await runs("?limit=100")).some(({ contact }) => contact === run?.contact), { what: "the erasure" });
});
