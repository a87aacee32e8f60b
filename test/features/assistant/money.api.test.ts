/** Everything the provider is paid for is in the usage by its kind, priced from the one table, reserved in the budgets: to the micro-dollar. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { ConversationView } from "../../../src/events/view";
import type { GoldenView, ReplayView } from "../../../src/features/ai-replays/ai-replay.schema";
import type { RunView, UsageRow } from "../../../src/features/ai-runs/ai-run.schema";
import { type ScriptedProvider, startScriptedProvider } from "../../ai/scripted-provider";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

const PRICE = { effectiveFrom: "2026-01-02", source: "assumed", cached: 1, cacheWrite: 1, cacheWrite12h: 1 };
/** Dollars per million tokens are micro-dollars per token: 7 for one that is made a vector. */
const VECTOR_PRICE = 7;
const VECTORS = "text-embedding-3-small";
let provider: ScriptedProvider;
let app: TestApp;
beforeAll(async () => {
  provider = await startScriptedProvider();
  app = await createTestApp({ env: provider.env });
  const rows = [
    { model: provider.ai.model, ...PRICE, input: 1, output: 5 },
    { model: VECTORS, ...PRICE, input: VECTOR_PRICE, output: 0 },
  ];
  await set("assistant-prices", { rows });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await provider.ai.stop();
});

async function set(group: string, values: object): Promise<void> {
  const { version } = await app.api.data<{ version: number }>(`/settings/${group}`);
  const { body } = await app.api.patch(`/settings/${group}`, { version, values });
  expect(body).toMatchObject({ success: true });
}
const today = () => new Date().toISOString().slice(0, 10);
const usage = () => app.api.data<{ rows: UsageRow[]; total: UsageRow }>(`/assistant/usage?from=${today()}&to=${today()}&by=kind`);
const kind = async (name: string): Promise<UsageRow | undefined> => (await usage()).rows.find(({ key }) => key === name);
const asked = (path: string) => provider.ai.requests.filter((one) => one.path === path);
const say = async (from: string, text: string) => {
  await app.receive({ from, id: `wamid.kinds.${crypto.randomUUID()}`, text });
  await until(() => app.graph.sent.some(({ to }) => to === `+${from}`), { what: "the answer" });
};
const ended = (id: string, wanted = "done") =>
  until(
    async () => {
      const now = await app.api.data<ReplayView>(`/assistant/replays/${id}`);
      return now.state === wanted ? now : null;
    },
    { what: `the replay to be ${wanted}` },
  );
const replay = async (body: object): Promise<ReplayView> => {
  const made = await app.api.post<ReplayView>("/assistant/replays", { last: 50, maxMicros: 10_000_000, ...body });
  expect(made.body).toMatchObject({ success: true });
  return made.body.data;
};
test("vectors of articles and of single questions, checks, turns, the copilot and a tried connection: each kind with its money", async () => {
  await set("assistant", { moderation: true, answerCacheMinutes: 0 });
  const made = await app.api.post("/knowledge/articles", { title: "Envíos", text: "Los envíos a Cusco cuestan 15 soles." });
  expect(made.status).toBe(200);
  await until(async () => (await kind("embedding"))?.calls === 1, { what: "the vectors of the article" });
  await say("51900000201", "¿Cuánto cuestan los envíos a Cusco?");
  await say("51900000202", "¿Venden mantas?");
  const [talk] = await app.api.data<ConversationView[]>("/conversations");
  expect((await app.api.post(`/conversations/${talk?.id}/copilot`, { task: "summarise" })).status).toBe(200);
  expect((await app.api.post("/assistant/connection/test", {})).status).toBe(200);

  const vectors = await kind("embedding");
  expect(vectors?.calls).toBe(asked("/v1/embeddings").length);
  expect(vectors?.calls).toBeGreaterThanOrEqual(3);
  expect(vectors?.input).toBeGreaterThan(10);
  expect(vectors).toMatchObject({ costMicros: (vectors?.input ?? 0) * VECTOR_PRICE, unpriced: 0 });
  expect(await kind("moderation")).toMatchObject({ calls: 2, costMicros: 0, unpriced: 0 });
  expect(await kind("probe")).toMatchObject({ runs: 1, calls: 3, unpriced: 0 });
  expect((await kind("probe"))?.costMicros).toBeGreaterThan(0);
  const runs = await app.api.data<RunView[]>("/assistant/runs?limit=100");
  for (const name of ["reply", "copilot"]) {
    const costs = runs.filter((run) => run.kind === name).map(({ costMicros }) => costMicros ?? Number.NaN);
    expect(costs.length).toBeGreaterThan(0);
    expect((await kind(name))?.costMicros).toBe(costs.reduce((sum, cost) => sum + cost, 0));
  }
  const { rows, total } = await usage();
  expect(total.costMicros).toBe(rows.reduce((sum, row) => sum + row.costMicros, 0));
  await set("assistant", { moderation: false });
});

test("replays and judges are in the usage with what they cost, and the budget of the day holds them back before a call", async () => {
  const before = await usage();
  provider.next({ text: "Con mucho gusto: son 20 soles." });
  const { id } = await replay({ judge: true });
  const now = await ended(id);
  expect(now.sums.judged).toBeGreaterThan(0);
  const [replayed, judged] = [await kind("replay"), await kind("judge")];
  expect(judged).toMatchObject({ costMicros: now.sums.judgeCost, runs: now.sums.judged, unpriced: 0 });
  expect(replayed).toMatchObject({ costMicros: now.spentMicros - now.sums.judgeCost, runs: 2, unpriced: 0 });
  expect(now.sums.judgeCost).toBeGreaterThan(0);
  const after = await usage();
  expect(after.total.costMicros - before.total.costMicros).toBe(now.spentMicros);

  // A budget that is set now knows of all of it; nothing is asked beyond it.
  await set("assistant-budgets", { dayMicros: after.total.costMicros });
  const calls = provider.ai.requests.length;
  const held = await replay({});
  expect(await ended(held.id, "paused")).toMatchObject({ reason: "company-budget", done: 0, spentMicros: 0 });
  expect(provider.ai.requests).toHaveLength(calls);
  // What is spent under a budget is settled in it, so that the next one finds it.
  await set("assistant-budgets", { dayMicros: after.total.costMicros + 1_000_000 });
  expect((await app.api.post(`/assistant/replays/${held.id}/resume`, {})).status).toBe(200);
  const { spentMicros } = await ended(held.id);
  expect(spentMicros).toBeGreaterThan(0);
  await set("assistant-budgets", { dayMicros: after.total.costMicros + spentMicros });
  expect(await ended((await replay({})).id, "paused")).toMatchObject({ reason: "company-budget", done: 0 });
  await set("assistant-budgets", { dayMicros: null });
});

test("its own budget is reserved for all that are played at once: never a micro-dollar more is spent", async () => {
  for (const n of [3, 4, 5, 6]) await say(`5190000020${n}`, `¿Tienen ponchos de la talla ${n}?`);
  const whole = await ended((await replay({})).id);
  const each = whole.spentMicros / whole.total;
  let middle: ReplayView | null = null;
  for (let most = 2; !middle && most < 60; most++) {
    const { id } = await replay({ maxMicros: Math.round(each * most) });
    const now = await until(async () => {
      const one = await app.api.data<ReplayView>(`/assistant/replays/${id}`);
      return one.state === "running" ? null : one;
    });
    expect(now.spentMicros).toBeLessThanOrEqual(now.maxMicros);
    if (now.state === "paused" && now.done > 0) middle = now;
  }
  expect(middle).toMatchObject({ reason: "budget" });
  expect(middle?.done).toBeLessThan(whole.total);
  // There is room for one answer at a time, so only one is asked for at a time.
  provider.ai.faults = { kind: "none", latencyMs: 300 };
  const calls = provider.ai.requests.length;
  const { id } = await replay({ maxMicros: middle?.maxMicros });
  await until(() => provider.ai.requests.length > calls, { what: "the first call" });
  await Bun.sleep(100);
  expect(provider.ai.requests).toHaveLength(calls + 1);
  provider.ai.faults = { kind: "none", latencyMs: 0 };
  await ended(id, "paused");
});

test("golden conversations cost money like any other, and none are played when the day has none left", async () => {
  const yaml = "messages:\n  - ¿Cuánto cuesta la manta?\nexpect:\n  outcome: reply\n";
  const { data: golden } = (await app.api.post<GoldenView>("/assistant/goldens", { name: "manta", yaml })).body;
  expect((await app.api.post("/assistant/goldens/run", {})).status).toBe(200);
  expect(await kind("golden")).toMatchObject({ runs: 1, calls: 1, unpriced: 0 });
  expect((await kind("golden"))?.costMicros).toBeGreaterThan(0);
  await set("assistant-budgets", { monthMicros: (await usage()).total.costMicros });
  const calls = provider.ai.requests.length;
  const refused = await app.api.post<{ ok: boolean }>("/assistant/goldens/run", {});
  expect(refused.body.data.ok).toBe(false);
  expect(JSON.stringify(refused.body)).toContain("budget");
  expect(provider.ai.requests).toHaveLength(calls);
  await set("assistant-budgets", { monthMicros: null });
  await app.api.delete(`/assistant/goldens/${golden.id}`);
});

test("what was cut off nobody knows: it is counted as unknown, and against the budget as what was reserved", async () => {
  provider.ai.faults = { kind: "malformed-json" };
  const before = await kind("replay");
  const { id } = await replay({ last: 1 });
  const now = await ended(id);
  provider.ai.faults = { kind: "none" };
  expect(now.sums.failed).toBe(1);
  expect(now.spentMicros).toBeGreaterThan(0);
  const after = await kind("replay");
  expect(after?.unpriced).toBe((before?.unpriced ?? 0) + 1);
  expect(after?.costMicros).toBe(before?.costMicros ?? Number.NaN);
});
