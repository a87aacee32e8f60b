/** kill -9 in the middle of a replay, against a real process: it goes on by itself, nothing is sent, each answer counts once, no money is lost. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { ReplayItemView, ReplayView } from "../../../src/features/ai-replays/ai-replay.schema";
import type { UsageRow } from "../../../src/features/ai-runs/ai-run.schema";
import { startScriptedProvider } from "../../ai/scripted-provider";
import { startJourney } from "../../flow/journey";
import { until } from "../../helpers/until";

setDefaultTimeout(90_000);

test("what was being played when the process died is played again, and what it may have cost counts as spent", async () => {
  const provider = await startScriptedProvider();
  await using journey = await startJourney(provider.env);
  const { graph } = journey;
  const price = { input: 1, cached: 1, cacheWrite: 1, cacheWrite12h: 1, output: 5 };
  const rows = [{ model: provider.ai.model, effectiveFrom: "2026-01-02", source: "assumed", ...price }];
  expect((await journey.api.patch("/settings/assistant-prices", { version: 0, values: { rows } })).status).toBe(200);
  const budget = { version: 0, values: { dayMicros: 50_000_000 } };
  expect((await journey.api.patch("/settings/assistant-budgets", budget)).status).toBe(200);
  const COUNT = 8;
  for (let n = 0; n < COUNT; n++)
    await journey.receive([{ from: `5190000030${n}`, id: `wamid.kill.${n}`, text: `¿tienen mantas de ${n} colores?` }]);
  await until(() => graph.sent.length === COUNT, { what: "the answers", within: 20_000 });
  const sent = graph.sent.length;

  provider.ai.faults = { kind: "none", latencyMs: 700 };
  const calls = () => provider.ai.requests.length;
  const before = calls();
  const { id } = (await journey.api.post<ReplayView>("/assistant/replays", { last: COUNT, maxMicros: 20_000_000 })).body.data;
  const state = () => journey.api.data<ReplayView>(`/assistant/replays/${id}`);
  // Four are done and four are with the provider.
  const half = await until(async () => ((await state()).done === 4 && calls() === before + 8 ? state() : null), {
    what: "the middle of the replay",
    within: 20_000,
  });
  await journey.killAndRestart();
  provider.ai.faults = { kind: "none", latencyMs: 0 };
  const now = await until(
    async () => {
      const one = await state();
      return one.state === "done" ? one : null;
    },
    { what: "the end of the replay", within: 30_000 },
  );
  expect(now).toMatchObject({ total: COUNT, done: COUNT });
  expect(now.sums).toMatchObject({ same: COUNT, failed: 0 });
  const items = await journey.api.data<ReplayItemView[]>(`/assistant/replays/${id}/items?limit=100`);
  expect(items.map(({ state: one }) => one)).toEqual(Array(COUNT).fill("done"));
  expect(graph.sent).toHaveLength(sent);
  // Twelve calls were made for eight answers: the four that died count as what was reserved for them.
  expect(calls()).toBe(before + 12);
  expect(half.spentMicros).toBeGreaterThan(0);
  expect(now.spentMicros).toBeGreaterThan(now.sums.costAfter);
  const day = new Date().toISOString().slice(0, 10);
  const { rows: kinds } = await journey.api.data<{ rows: UsageRow[] }>(`/assistant/usage?from=${day}&to=${day}&by=kind`);
  expect(kinds.find(({ key }) => key === "replay")).toMatchObject({ runs: 12, unpriced: 4, costMicros: now.sums.costAfter });
  // The day has no more left than what is really left: exactly this much more, and nothing is played.
  const replies = kinds.find(({ key }) => key === "reply")?.costMicros ?? 0;
  const used = { version: 1, values: { dayMicros: replies + now.spentMicros } };
  expect((await journey.api.patch("/settings/assistant-budgets", used)).status).toBe(200);
  const next = (await journey.api.post<ReplayView>("/assistant/replays", { last: 1, maxMicros: 20_000_000 })).body.data;
  const held = await until(async () => {
    const one = await journey.api.data<ReplayView>(`/assistant/replays/${next.id}`);
    return one.state === "paused" ? one : null;
  });
  expect(held.reason).toBe("company-budget");
  await provider.ai.stop();
});
