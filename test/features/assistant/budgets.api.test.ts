/** Money under control: reserved before the call, to the micro-dollar; near the limit the second model, beyond it a person. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../../src/ai/sandbox/server";
import { systemClock } from "../../../src/core/clock";
import { silentLog } from "../../../src/core/log";
import type { ConversationView } from "../../../src/events/view";
import { aiBudgetModel } from "../../../src/features/ai-budgets/ai-budget.model";
import { createAiBudgets, type Verdict } from "../../../src/features/ai-budgets/ai-budget.service";
import type { RunView } from "../../../src/features/ai-runs/ai-run.schema";
import { ManualClock } from "../../helpers/manual-clock";
import { openRooms } from "../../helpers/rooms";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

const PRICE = { effectiveFrom: "2026-01-02", source: "assumed", input: 1, cached: 1, cacheWrite: 1, cacheWrite12h: 1, output: 5 };
let ai: SandboxOpenAI;
let app: TestApp;
beforeAll(async () => {
  ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0 });
  app = await createTestApp({ env: { OPENAI_BASE_URL: ai.url, OPENAI_API_KEY: ai.apiKey, OPENAI_MODEL: ai.model } });
  await set("assistant-prices", {
    rows: [
      { model: ai.model, ...PRICE },
      { model: "small-model", ...PRICE, input: 0.001, cached: 0.001, cacheWrite: 0.001, cacheWrite12h: 0.001, output: 0.001 },
    ],
  });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await ai.stop();
});

async function set(group: string, values: object): Promise<void> {
  const { version } = await app.api.data<{ version: number }>(`/settings/${group}`);
  const { body } = await app.api.patch(`/settings/${group}`, { version, values });
  expect(body).toMatchObject({ success: true });
}
const say = async (from: string, text: string, times = 1) => {
  await app.receive({ from, id: `wamid.money.${crypto.randomUUID()}`, text });
  const heard = () => app.graph.sent.filter(({ to }) => to === `+${from}`);
  await until(() => heard().length >= times, { what: "the answer" });
  return heard().at(-1)?.text ?? "";
};
const runs = () => app.api.data<RunView[]>("/assistant/runs?limit=100");
const modelAsked = () => (ai.requests.at(-1)?.body as { model: string } | undefined)?.model;

test("what was spent before a budget was set counts; beyond it a person takes over, told in the company's words, and no call is made", async () => {
  await say("51900000001", "¿tienen mantas?");
  const [spent] = await runs();
  expect(spent?.costMicros).toBeGreaterThan(0);
  await set("assistant-budgets", { dayMicros: spent?.costMicros ?? 0, cannedReply: "Hoy le responde una persona." });
  const before = ai.requests.length;
  expect(await say("51900000002", "¿tienen gorros?")).toBe("Hoy le responde una persona.");
  expect(ai.requests).toHaveLength(before);
  const [one] = await app.api.data<ConversationView[]>("/conversations?status=open");
  expect(one).toMatchObject({ isAIEnabled: false });
});

test("near a limit the second model is asked", async () => {
  await set("assistant", { models: [ai.model, "small-model"] });
  await set("assistant-budgets", { dayMicros: 1_000_000, stepDownPercent: 100 });
  await say("51900000003", "¿tienen chompas?");
  expect(modelAsked()).toBe(ai.model);
  await set("assistant-budgets", { stepDownPercent: 1, dayMicros: 100_000 });
  await say("51900000004", "¿tienen guantes?");
  expect(modelAsked()).toBe("small-model");
  await set("assistant-budgets", { dayMicros: null });
  await say("51900000005", "¿tienen medias?");
  expect(modelAsked()).toBe(ai.model);
});

test("one conversation may use up its own budget without touching the others", async () => {
  await set("assistant", { models: [] });
  await set("assistant-budgets", { conversationMicros: 15_000, stepDownPercent: 100 });
  await say("51900000006", "¿tienen ponchos?");
  const [first] = await runs();
  await set("assistant-budgets", { conversationMicros: first?.costMicros ?? 0 });
  expect(await say("51900000006", "¿y de qué color?", 2)).toBe("Hoy le responde una persona.");
  await set("assistant-budgets", { conversationMicros: 15_000 });
  expect(await say("51900000007", "¿tienen ponchos?")).not.toBe("Hoy le responde una persona.");
});

test("what is spent while a limit is taken away is known when it is set again", async () => {
  const total = async () => {
    const day = new Date().toISOString().slice(0, 10);
    return (await app.api.data<{ total: { costMicros: number } }>(`/assistant/usage?from=${day}&to=${day}`)).total.costMicros;
  };
  await set("assistant-budgets", { conversationMicros: null, dayMicros: 10_000_000 });
  await say("51900000008", "¿tienen ponchos?");
  await set("assistant-budgets", { dayMicros: null });
  await say("51900000009", "¿tienen chompas?");
  await set("assistant-budgets", { dayMicros: await total() });
  const calls = ai.requests.length;
  expect(await say("51900000010", "¿tienen gorros?")).toBe("Hoy le responde una persona.");
  expect(ai.requests).toHaveLength(calls);
  await set("assistant-budgets", { dayMicros: null });
});

test("many turns at once never reserve more than there is; what is settled is counted to the micro-dollar; what a crash left comes free", async () => {
  const clock = new ManualClock();
  await using rooms = await openRooms({ clock });
  const told: unknown[] = [];
  rooms.bus.subscribe(({ event, data }) => void (event === "assistant:budget" && told.push(data)));
  const limits = { conversationMicros: null, contactDayMicros: null, dayMicros: 1_000, monthMicros: null, stepDownPercent: 80 };
  const budgets = createAiBudgets({
    budgets: aiBudgetModel(rooms.store.connection),
    runs: { spent: async () => 100 },
    limits: () => limits,
    log: rooms.eventLog,
    clock,
  });
  const reserve = (id: string) => budgets.reserve({ id, conversation: "c", contact: "p", estimates: [100] });
  const all = await Promise.all(Array.from({ length: 20 }, (_, n) => reserve(`turn-${n}`)));
  const granted = all.filter((one): one is Extract<Verdict, { choice: number }> => one.choice !== null);
  expect(granted).toHaveLength(9);
  expect(all.find(({ choice }) => choice === null)).toEqual({ choice: null, scope: "day" });
  await budgets.settle(granted[0]!.hold!, 37, null);
  await budgets.settle(granted[0]!.hold!, 37, null);
  // 100 before, 37 settled, 8 times 100 reserved: 63 are left.
  expect((await budgets.reserve({ id: "x", conversation: "c", contact: "p", estimates: [64] })).choice).toBeNull();
  expect((await budgets.reserve({ id: "y", conversation: "c", contact: "p", estimates: [63] })).choice).toBe(0);
  clock.advance(130_000);
  expect((await budgets.reserve({ id: "z", conversation: "c", contact: "p", estimates: [863] })).choice).toBe(0);
  expect(told).toEqual([
    { scope: "day", budget: expect.stringContaining("day:"), level: 80 },
    { scope: "day", budget: expect.stringContaining("day:"), level: 100 },
  ]);
});
