/** WhatsApp or the assistant's provider is away: nothing is lost, the order stays, and afterwards everybody is answered. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { startSandboxOpenAI } from "../../src/ai/sandbox/server";
import { systemClock } from "../../src/core/clock";
import { createLog, silentLog } from "../../src/core/log";
import type { ConversationView, MessageView } from "../../src/events/view";
import { startGraphRecorder } from "../helpers/graph-recorder";
import { breathe, ManualClock, untilAdvancing } from "../helpers/manual-clock";
import { createTestApp } from "../helpers/test-app";
import { until } from "../helpers/until";
import { startFaultGraph } from "./fault-graph";

setDefaultTimeout(60_000);

let count = 0;
const wamid = () => `wamid.fault.${++count}`;
const HOLDING = "En un momento le responde una persona";

describe("WhatsApp is away", () => {
  test("refuses for minutes: few calls, nobody fails, and after it everybody is answered once and in order", async () => {
    await using graph = startFaultGraph();
    const clock = new ManualClock();
    await using app = await createTestApp({ clock, env: { WHATSAPP_GRAPH_URL: graph.url } });
    graph.mode = "refuse";
    const customers = Array.from({ length: 8 }, (_, index) => `5198766000${index}`);
    const say = async (from: string, text: string) => {
      expect(await app.receive({ from, id: wamid(), text, at: clock.now() })).toBe(200);
    };
    for (const from of customers) await say(from, `primera de ${from}`);
    const isQueued = async () => (await app.api.data<{ waiting: number }>("/deliveries/counts")).waiting === customers.length;
    await untilAdvancing(clock, async () => graph.calls >= 5 && (await isQueued()), { what: "the first refusals" });
    for (const from of customers) await say(from, `segunda de ${from}`);
    for (let minute = 0; minute < 6; minute++)
      for (let second = 0; second < 60; second += 2) {
        clock.advance(2_000);
        await breathe(2_000);
      }
    expect(graph.taken).toEqual([]);
    // Eight customers asked every second would be thousands of calls.
    expect(graph.calls).toBeLessThan(60);
    expect(await app.api.data<unknown[]>("/deliveries?state=failed")).toEqual([]);

    graph.mode = "well";
    await untilAdvancing(clock, () => graph.taken.length >= 16, { step: 500, what: "sixteen replies" });
    clock.advance(60_000);
    await Bun.sleep(50);
    expect(graph.taken).toHaveLength(16);
    for (const from of customers) {
      const mine = graph.taken.filter(({ to }) => to.includes(from)).map(({ text }) => text);
      expect(mine.map((text) => [text.includes("primera"), text.includes("segunda")])).toEqual([
        [true, false],
        [false, true],
      ]);
    }
  });

  test("asks to slow down: it is left alone for as long as it asked, and no try is lost", async () => {
    await using graph = startFaultGraph();
    const clock = new ManualClock();
    await using app = await createTestApp({ clock, env: { WHATSAPP_GRAPH_URL: graph.url } });
    graph.mode = "slow-down";
    await app.receive({ from: "51987661001", id: wamid(), text: "¿tienen stock?", at: clock.now() });
    for (let round = 1; round <= 5; round++) {
      await untilAdvancing(clock, () => graph.calls === round, { what: `call ${round}` });
      // Retry-After says 20 s.
      for (let second = 0; second < 18; second++) {
        clock.advance(1_000);
        await breathe(1_000);
      }
      expect(graph.calls).toBe(round);
    }
    graph.mode = "well";
    await untilAdvancing(clock, () => graph.taken.length === 1, { what: "the reply" });
  });
});

describe("both are slow, but they answer", () => {
  test("everybody is answered once and in order, no line is cut, and nobody is told to wait", async () => {
    const provider = await startSandboxOpenAI({ clock: systemClock, log: silentLog, latencyMs: 1_500 });
    await using graph = startGraphRecorder();
    graph.delayMs = 2_500;
    const lines: string[] = [];
    await using app = await createTestApp({
      log: createLog({ level: "warn", write: (line) => void lines.push(line) }),
      env: { WHATSAPP_GRAPH_URL: graph.url, OPENAI_BASE_URL: provider.url, OPENAI_API_KEY: provider.apiKey },
    });
    const customers = Array.from({ length: 12 }, (_, index) => `519876670${String(index).padStart(2, "0")}`);
    const say = (from: string, text: string) => app.receive({ from, id: wamid(), text, at: Date.now() });
    for (const from of customers) expect(await say(from, `primera de ${from}`)).toBe(200);
    // The second one is asked while the first reply is still on its way.
    await until(() => graph.tried.length === customers.length, { within: 20_000, what: "the first calls" });
    for (const from of customers) expect(await say(from, `segunda de ${from}`)).toBe(200);
    await until(() => graph.sent.length === customers.length * 2, { within: 40_000, what: "every reply" });
    await until(async () => (await app.api.data<{ waiting: number }>("/deliveries/counts")).waiting === 0);
    expect(graph.tried).toHaveLength(customers.length * 2);
    for (const from of customers) {
      const mine = graph.sent.filter(({ to }) => to.includes(from)).map(({ text }) => text);
      expect(mine.map((text) => [text.includes("primera"), text.includes("segunda"), text.includes(HOLDING)])).toEqual([
        [true, false, false],
        [false, true, false],
      ]);
    }
    expect(lines.filter((line) => /does not answer|not known|failed/.test(line))).toEqual([]);
    await provider.stop();
  });
});

describe("the assistant's provider is away", () => {
  test("customers hear once that it takes longer, agents see them, and after it they are answered", async () => {
    const provider = await startSandboxOpenAI({ clock: systemClock, log: silentLog, latencyMs: 0 });
    const clock = new ManualClock();
    await using graph = startFaultGraph();
    await using app = await createTestApp({
      clock,
      env: { WHATSAPP_GRAPH_URL: graph.url, OPENAI_BASE_URL: provider.url, OPENAI_API_KEY: provider.apiKey },
    });
    provider.faults = { kind: "server-error" };
    const customers = Array.from({ length: 7 }, (_, index) => `5198766200${index}`);
    for (const from of customers) await app.receive({ from, id: wamid(), text: `¿hay mantas? ${from}`, at: clock.now() });
    await untilAdvancing(clock, () => graph.taken.length >= customers.length, { step: 250, what: "the holding messages" });
    await app.receive({ from: customers[0] ?? "", id: wamid(), text: "¿siguen ahí?", at: clock.now() });
    for (let second = 0; second < 180; second++) {
      clock.advance(1_000);
      await breathe(1_000);
    }
    expect(graph.taken.map(({ text }) => text.includes(HOLDING))).toEqual(customers.map(() => true));
    expect(new Set(graph.taken.map(({ to }) => to)).size).toBe(customers.length);
    const waiting = await app.api.data<ConversationView[]>("/conversations?status=open");
    expect(waiting.map(({ isAIEnabled }) => isAIEnabled)).toEqual(customers.map(() => true));

    provider.faults = { kind: "none" };
    const answers = () => graph.taken.filter(({ text }) => !text.includes(HOLDING));
    await untilAdvancing(clock, () => answers().length >= customers.length, { step: 250, what: "the answers" });
    clock.advance(60_000);
    await Bun.sleep(50);
    for (const from of customers) expect(answers().filter(({ to }) => to.includes(from)).length).toBe(1);
    expect(answers().find(({ to }) => to.includes(customers[0] ?? ""))?.text).toContain("¿siguen ahí?");
    expect(graph.taken).toHaveLength(customers.length * 2);
    await provider.stop();
  });

  test("what waiting cannot mend goes to a person after three tries, with one holding message", async () => {
    const provider = await startSandboxOpenAI({ clock: systemClock, log: silentLog, latencyMs: 0 });
    const clock = new ManualClock();
    await using graph = startFaultGraph();
    await using app = await createTestApp({
      clock,
      env: {
        WHATSAPP_GRAPH_URL: graph.url,
        OPENAI_BASE_URL: provider.url,
        OPENAI_API_KEY: provider.apiKey,
        HOLDING_MESSAGE: "La doctora le escribe hoy mismo.",
      },
    });
    provider.faults = { kind: "refused-key" };
    await app.receive({ from: "51987663001", id: wamid(), text: "¿hay mantas?", at: clock.now() });
    await untilAdvancing(clock, () => graph.taken.length === 1, { step: 250, what: "the holding message" });
    expect(graph.taken[0]?.text).toBe("La doctora le escribe hoy mismo.");
    const [conversation] = await app.api.data<ConversationView[]>("/conversations?status=open");
    expect(conversation?.isAIEnabled).toBe(false);
    clock.advance(120_000);
    await Bun.sleep(50);
    expect(graph.taken).toHaveLength(1);
    await provider.stop();
  });
});

describe("the clock jumps", () => {
  test("back by an hour while a customer waits: the answer comes all the same", async () => {
    const clock = new ManualClock();
    await using graph = startFaultGraph();
    await using app = await createTestApp({ clock, env: { WHATSAPP_GRAPH_URL: graph.url } });
    await app.receive({ from: "51987664001", id: wamid(), text: "¿qué hora es?", at: clock.now() });
    clock.setWall(clock.now() - 3_600_000);
    await untilAdvancing(clock, () => graph.taken.length === 1, { limit: 60_000, what: "the reply" });
    await app.receive({ from: "51987664001", id: wamid(), text: "¿y ahora?", at: clock.now() });
    await untilAdvancing(clock, () => graph.taken.length === 2, { limit: 60_000, what: "the second reply" });
    expect(graph.taken.map(({ text }) => text.includes("ahora"))).toEqual([false, true]);
  });

  test("back by an hour between queuing and sending: the reply leaves as soon as it can", async () => {
    const clock = new ManualClock();
    await using graph = startFaultGraph();
    await using app = await createTestApp({ clock, env: { WHATSAPP_GRAPH_URL: graph.url } });
    graph.mode = "slow-down";
    await app.receive({ from: "51987664002", id: wamid(), text: "¿qué día es?", at: clock.now() });
    await untilAdvancing(clock, () => graph.calls === 1, { what: "the refusal" });
    // Its retry is planned, and the lane has gone to sleep until then.
    const [conversation] = await app.api.data<ConversationView[]>("/conversations");
    const path = `/conversations/${conversation?.id}/messages`;
    await until(async () => (await app.api.data<MessageView[]>(path)).some(({ delivery }) => delivery?.error?.code === 4));
    await app.api.data("/deliveries/counts");
    graph.mode = "well";
    clock.setWall(clock.now() - 3_600_000);
    await untilAdvancing(clock, () => graph.taken.length === 1, { limit: 60_000, what: "the reply" });
  });

  test("a message from the future neither keeps its window open for ever nor stops the answer", async () => {
    const clock = new ManualClock();
    await using graph = startFaultGraph();
    await using app = await createTestApp({ clock, env: { WHATSAPP_GRAPH_URL: graph.url } });
    const at = clock.now() + 30 * 86_400_000;
    await app.receive({ from: "51987664003", id: wamid(), text: "vengo del futuro", at });
    await untilAdvancing(clock, () => graph.taken.length === 1, { limit: 60_000, what: "the reply" });
    const [conversation] = await app.api.data<ConversationView[]>("/conversations");
    expect(Date.parse(conversation?.windowExpiresAt ?? "")).toBeLessThanOrEqual(clock.now() + 86_400_000);
    expect(Date.parse(conversation?.lastMessageAt ?? "")).toBeLessThanOrEqual(clock.now());
  });
});
