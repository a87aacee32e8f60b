/** The copilot beside the composer: five tasks over REST and live, piece by piece, within reach, permission and budget; nothing is sent. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { AiError } from "../../../src/ai/ai-error";
import type { Wire } from "../../../src/ai/ai-port";
import { createAiPort } from "../../../src/ai/connection";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../../src/ai/sandbox/server";
import { systemClock } from "../../../src/core/clock";
import { silentLog } from "../../../src/core/log";
import type { ContactView, ConversationView } from "../../../src/events/view";
import type { RunView } from "../../../src/features/ai-runs/ai-run.schema";
import type { CopilotView } from "../../../src/features/copilot/copilot.schema";
import { hire, makeRole } from "../../helpers/people";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";
import { signInLive } from "../../http/live-client";

setDefaultTimeout(60_000);

let ai: SandboxOpenAI;
let app: TestApp;
let talk: ConversationView;
beforeAll(async () => {
  ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0 });
  app = await createTestApp({ env: { OPENAI_BASE_URL: ai.url, OPENAI_API_KEY: ai.apiKey, OPENAI_MODEL: ai.model } });
  const price = { input: 0.1, cached: 0.01, cacheWrite: 0.125, cacheWrite12h: 0.25, output: 0.5 };
  const rows = [{ model: ai.model, effectiveFrom: "2026-01-02", source: "assumed", ...price }];
  await app.api.patch("/settings/assistant-prices", { version: 0, values: { rows } });
  await app.api.post("/knowledge/articles", {
    title: "Envíos",
    text: "Los envíos a Cusco cuestan 15 soles y tardan tres días.",
  });
  await until(async () => (await app.api.data<{ chunk: string }[]>("/knowledge/search?q=env%C3%ADos")).length > 0, {
    what: "the article",
  });
  await app.receive({
    from: "51900000200",
    id: "wamid.copilot.1",
    text: "¿cuánto cuestan los envíos a Cusco? mi tarjeta es 4111 1111 1111 1111",
  });
  await until(() => app.graph.sent.length === 1, { what: "the answer" });
  const [contact] = await app.api.data<ContactView[]>("/contacts?identity=51900000200");
  talk = (await app.api.data<ConversationView[]>(`/conversations?contact=${contact?.id}`))[0] as ConversationView;
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await ai.stop();
});

const ask = (body: object, client = app.api) => client.post<CopilotView>(`/conversations/${talk.id}/copilot`, body);
const copilotRuns = async () =>
  (await app.api.data<RunView[]>("/assistant/runs?limit=100")).filter(({ kind }) => kind === "copilot");

test("suggests, summarises, translates, rewrites and answers with sources; costs are in the book, and nothing is sent", async () => {
  const { data } = (await ask({ task: "suggest" })).body;
  expect(data.texts).toHaveLength(2);
  expect(data.texts[0]).toContain("15 soles");
  const [article] = await app.api.data<{ id: string }[]>("/knowledge/articles");
  expect(data.sources).toMatchObject([{ article: article?.id as string, title: expect.stringContaining("Envíos") }]);
  expect(data).toMatchObject({ model: ai.model, costMicros: expect.any(Number) });
  // Secrets of customers stay here, as with the assistant itself.
  expect(JSON.stringify(ai.requests.at(-1)?.body)).not.toContain("4111");
  expect((await ask({ task: "summarise", language: "es" })).body.data.texts[0]).toContain("- ¿cuánto cuestan");
  expect((await ask({ task: "translate", text: "Good morning", language: "es" })).body.data.texts).toEqual(["[es] Good morning"]);
  expect((await ask({ task: "rewrite", text: "no hay", tone: "formal" })).body.data.texts).toEqual(["[formal] no hay"]);
  const answered = (await ask({ task: "answer", text: "¿cuánto tardan los envíos a Cusco?" })).body.data;
  expect(answered.texts[0]).toContain("tres días");
  expect(answered.texts[0]).not.toContain("[k");
  expect(answered.sources).toHaveLength(1);
  const runs = await copilotRuns();
  expect(runs.map(({ outcome }) => outcome)).toEqual(["answer", "rewrite", "translate", "summarise", "suggest"]);
  expect(runs.every(({ costMicros }) => (costMicros ?? 0) > 0)).toBe(true);
  expect(app.graph.sent).toHaveLength(1);
  expect((await ask({ task: "translate" })).status).toBe(422);
});

test("over the live connection the text comes piece by piece to the agent who has asked, and to nobody else", async () => {
  const agent = await hire(app, { email: "ines@example.com", role: "agent" });
  using live = await signInLive(app.url, agent.api.token);
  using other = await signInLive(app.url, app.api.token);
  live.send({ type: "subscribe", topics: [`agent:${agent.id}`] });
  await live.settle();
  live.send({
    type: "rpc",
    id: `copilot-${talk.id}`,
    method: "copilot.ask",
    params: { id: talk.id, task: "summarise", language: "es", stream: "composer-1" },
  });
  const reply = await live.waitFor("the reply", ({ type }) => type === "reply");
  const pieces = live.frames
    .filter(({ event }) => event === "copilot:text")
    .map(({ data }) => data as { text: string; isLast: boolean; stream: string });
  expect(pieces.at(-1)?.isLast).toBe(true);
  expect(pieces.every(({ stream }) => stream === "composer-1")).toBe(true);
  expect(pieces.map(({ text }) => text).join("")).toBe((reply.data as unknown as CopilotView).texts[0] ?? "");
  await other.settle();
  expect(other.frames.filter(({ event }) => event === "copilot:text")).toEqual([]);
});

test("whoever may not use it, or does not see the conversation, gets nothing", async () => {
  await makeRole(app, { name: "reader", permissions: ["conversations.read"], reach: "all" });
  await makeRole(app, { name: "own", permissions: ["conversations.read", "assistant.use"], reach: "own" });
  const reader = await hire(app, { email: "lea@example.com", role: "reader" });
  const own = await hire(app, { email: "olga@example.com", role: "own" });
  expect((await ask({ task: "suggest" }, reader.api)).status).toBe(403);
  expect((await ask({ task: "suggest" }, own.api)).status).toBe(404);
});

test("whoever stops asking ends the call to the provider, too", async () => {
  ai.faults = { kind: "hang", times: 1 };
  const stop = new AbortController();
  const asked = fetch(`${app.url}/api/v2/conversations/${talk.id}/copilot`, {
    method: "POST",
    headers: { authorization: `Bearer ${app.api.token}`, "content-type": "application/json" },
    body: JSON.stringify({ task: "suggest", stream: "stopped-1" }),
    signal: stop.signal,
  });
  const calls = ai.requests.length;
  await until(() => ai.requests.length > calls + 1, { what: "the call to the provider" });
  stop.abort();
  expect(asked).rejects.toThrow();
  const run = await until(async () => (await copilotRuns()).find(({ outcome }) => outcome === "aborted"), { what: "the run" });
  expect(run?.ms).toBeLessThan(10_000);
});

test("a provider that fails is told and booked; a budget that is used up refuses before any call", async () => {
  ai.faults = { kind: "server-error", times: 1 };
  expect(await ask({ task: "suggest" })).toMatchObject({ status: 502, body: { code: "assistant.provider-failed" } });
  expect((await copilotRuns())[0]).toMatchObject({ outcome: "failed" });
  const { version } = await app.api.data<{ version: number }>("/settings/assistant-budgets");
  await app.api.patch("/settings/assistant-budgets", { version, values: { dayMicros: 1 } });
  const asked = () => ai.requests.filter(({ path }) => path !== "/v1/embeddings").length;
  const calls = asked();
  expect(await ask({ task: "suggest" })).toMatchObject({ status: 409, body: { code: "assistant.budget-used" } });
  expect(asked()).toBe(calls);
});

describe.each(["responses", "chat"] as const)("a stream on %s", (wire: Wire) => {
  const generate = (provider: SandboxOpenAI, onText?: (piece: string) => void) =>
    createAiPort(
      { apiKey: provider.apiKey, baseUrl: provider.url, model: provider.model, provider: "sandbox", wire },
      { clock: systemClock, log: silentLog },
    ).generate(
      {
        system: "Be brief.",
        items: [{ kind: "message", role: "user", text: "hola, ¿qué tal el día de hoy?" }],
        tools: [],
        toolChoice: "none",
        maxOutputTokens: 200,
        timeoutMs: 1_000,
        ...(onText && { onText }),
      },
      new AbortController().signal,
    );

  test("gives the same answer as a plain call, in pieces", async () => {
    const plain = await generate(ai);
    const pieces: string[] = [];
    const streamed = await generate(ai, (piece) => void pieces.push(piece));
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join("").trim()).toBe(plain.text);
    expect(streamed).toMatchObject({ text: plain.text, finish: plain.finish, model: plain.model, wire });
    expect(streamed.usage?.output).toBe(plain.usage?.output as number);
  });

  test.each(["server-error", "reset", "hang", "wrong-shape", "refused-key"] as const)(
    "that meets %s ends in an error",
    async (kind) => {
      await using own = Object.assign(await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0 }), {
        async [Symbol.asyncDispose]() {
          await own.stop();
        },
      });
      own.faults = { kind };
      expect(generate(own, () => {})).rejects.toBeInstanceOf(AiError);
      await generate(own, () => {}).catch(() => {});
    },
  );
});
