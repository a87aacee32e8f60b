/** Every timer of the corridor is rebuilt from what is stored: what was planned before a stop happens after the start, at its time. */
import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { startSandboxOpenAI } from "../../src/ai/sandbox/server";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import type { MessageView } from "../../src/events/view";
import { webhookOf } from "../helpers/api-client";
import { type GraphRecorder, graphFailure, startGraphRecorder } from "../helpers/graph-recorder";
import { breathe, ManualClock, untilAdvancing } from "../helpers/manual-clock";
import { tempDir } from "../helpers/temp-dir";
import { createTestApp, NUMBER, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

const HOLDING = "En un momento le responde una persona";
const opened: TestApp[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app[Symbol.asyncDispose]();
});

/** The product on this data, with this Graph API; whoever ran on it before has to be stopped. */
async function open(dataDir: string, graph: GraphRecorder, clock: ManualClock, env: Record<string, string> = {}) {
  const app = await createTestApp({ dataDir, clock, env: { WHATSAPP_GRAPH_URL: graph.url, SETTLE_MS: "60000", ...env } });
  opened.push(app);
  return app;
}

const say = async (app: TestApp, clock: ManualClock, text: string): Promise<void> => {
  expect(await app.receive({ from: "51987682001", id: `wamid.restart.${text}`, text, at: clock.now() })).toBe(200);
};
const counts = (app: TestApp) => app.api.data<{ waiting: number; unknown: number }>("/deliveries/counts");

test("a batch that waits: answered once its time has come, not before", async () => {
  using dir = tempDir();
  await using graph = startGraphRecorder();
  const clock = new ManualClock();
  const env = { BATCH_WAIT_MS: "20000", BATCH_MAX_WAIT_MS: "60000" };
  const before = await open(dir.path, graph, clock, env);
  await say(before, clock, "hola");
  await until(async () => (await before.api.data<unknown[]>("/conversations")).length === 1);
  await before.stop();
  clock.advance(5_000);
  await open(dir.path, graph, clock, env);
  for (let second = 0; second < 14; second++) {
    clock.advance(1_000);
    await breathe(1_000);
  }
  expect(graph.sent).toEqual([]);
  await untilAdvancing(clock, () => graph.sent.length === 1, { limit: 5_000, what: "the reply" });
});

test("a send that is tried again later: not before its time, and then once", async () => {
  using dir = tempDir();
  await using graph = startGraphRecorder();
  const clock = new ManualClock();
  const before = await open(dir.path, graph, clock);
  graph.failures.push(
    Response.json({ error: { message: "slow down", code: 4 } }, { status: 429, headers: { "retry-after": "30" } }),
  );
  await say(before, clock, "hola");
  await untilAdvancing(clock, () => graph.tried.length === 1, { what: "the refusal" });
  await until(async () => (await counts(before)).waiting === 1);
  await before.stop();
  const after = await open(dir.path, graph, clock);
  for (let second = 0; second < 25; second++) {
    clock.advance(1_000);
    await breathe(1_000);
  }
  expect(graph.tried).toHaveLength(1);
  await untilAdvancing(clock, () => graph.sent.length === 1, { limit: 20_000, what: "the second try" });
  await until(async () => (await counts(after)).waiting === 0);
});

test("a retry that was planned by a clock since set back: it does not wait for that time to come again", async () => {
  using dir = tempDir();
  await using graph = startGraphRecorder();
  const clock = new ManualClock();
  const before = await open(dir.path, graph, clock);
  graph.failures.push(graphFailure(130_429, 429));
  await say(before, clock, "hola");
  await untilAdvancing(clock, () => graph.tried.length === 1, { what: "the refusal" });
  await until(async () => (await counts(before)).waiting === 1);
  await before.stop();
  clock.setWall(clock.now() - 6 * 3_600_000);
  await open(dir.path, graph, clock);
  await untilAdvancing(clock, () => graph.sent.length === 1, { limit: 120_000, what: "the second try" });
});

test("a send whose outcome is not known: it still waits for its status, and then a person is asked", async () => {
  using dir = tempDir();
  await using graph = startGraphRecorder();
  const clock = new ManualClock();
  const before = await open(dir.path, graph, clock);
  graph.judge = () => new Response("<html>", { status: 502 });
  await say(before, clock, "hola");
  await untilAdvancing(clock, async () => (await counts(before)).unknown === 1, { what: "the unknown send" });
  await before.stop();
  graph.judge = null;
  const after = await open(dir.path, graph, clock);
  const [waiting] = await after.api.data<MessageView[]>("/deliveries?state=unknown");
  expect(waiting?.delivery?.needsDecision).toBe(false);
  const decided = async () => (await after.api.data<MessageView[]>("/deliveries?state=unknown"))[0]?.delivery?.needsDecision;
  await untilAdvancing(clock, decided, { step: 1_000, limit: 200_000, what: "the question to a person" });
  expect(graph.sent).toEqual([]);
});

test("an outage in which the customer has been told: they are not told again, and are answered after it", async () => {
  using dir = tempDir();
  await using graph = startGraphRecorder();
  const provider = await startSandboxOpenAI({ clock: systemClock, log: silentLog, latencyMs: 0 });
  provider.faults = { kind: "server-error" };
  const clock = new ManualClock();
  const env = { OPENAI_BASE_URL: provider.url, OPENAI_API_KEY: provider.apiKey };
  const before = await open(dir.path, graph, clock, env);
  await say(before, clock, "¿hay mantas?");
  await untilAdvancing(clock, () => graph.sent.length === 1, { step: 500, what: "the holding message" });
  expect(graph.sent[0]?.text).toContain(HOLDING);
  // A turn may be waiting for its next try: it is given its time to end, which only this clock can do.
  let isStopped = false;
  void before.stop().then(() => (isStopped = true));
  await untilAdvancing(clock, () => isStopped, { what: "the stop" });
  await open(dir.path, graph, clock, env);
  for (let second = 0; second < 90; second++) {
    clock.advance(1_000);
    await breathe(1_000);
  }
  expect(graph.sent).toHaveLength(1);
  provider.faults = { kind: "none" };
  await untilAdvancing(clock, () => graph.sent.length === 2, { step: 500, what: "the answer" });
  expect(graph.sent[1]?.text).toContain("mantas");
  await provider.stop();
});

test("the clock jumps two hours ahead while a customer waits: one answer", async () => {
  using dir = tempDir();
  await using graph = startGraphRecorder();
  const clock = new ManualClock();
  const app = await open(dir.path, graph, clock, { BATCH_WAIT_MS: "2000", BATCH_MAX_WAIT_MS: "8000" });
  await say(app, clock, "hola");
  clock.setWall(clock.now() + 2 * 3_600_000);
  await untilAdvancing(clock, () => graph.sent.length === 1, { limit: 20_000, what: "the reply" });
  for (let second = 0; second < 20; second++) {
    clock.advance(1_000);
    await breathe(1_000);
  }
  expect(graph.sent).toHaveLength(1);
});

test("a status that came before its send was answered, and a process that died before it had shown it: the next one shows it", async () => {
  using dir = tempDir();
  await using graph = startGraphRecorder();
  const clock = new ManualClock();
  const before = await open(dir.path, graph, clock);
  await say(before, clock, "hola");
  await untilAdvancing(clock, () => graph.sent.length === 1, { what: "the reply" });
  const wamid = "wamid.known.late";
  const status = { id: wamid, status: "read", timestamp: String(Math.floor(clock.now() / 1_000)), recipient_id: "51987682001" };
  const body = webhookOf(NUMBER, []) as { entry: { changes: { value: Record<string, unknown> }[] }[] };
  for (const { value } of body.entry[0]?.changes ?? []) Object.assign(value, { messages: undefined, statuses: [status] });
  expect(await before.post(body)).toBe(200);
  const id = await until(async () => {
    const [conversation] = await before.api.data<{ id: string }[]>("/conversations");
    const all = await before.api.data<MessageView[]>(`/conversations/${conversation?.id}/messages`);
    return all.find(({ delivery }) => delivery?.state === "sent")?.id;
  });
  {
    await using rooms = await before.openStored();
    expect(await rooms.models.inboundEvents.countDocuments({ state: "orphan" })).toBe(1);
    // The answer of the call was written, and that was the last that this process did.
    await rooms.models.messages.updateOne({ _id: id }, { $set: { wamid } });
  }
  const after = await open(dir.path, graph, clock);
  await until(
    async () => {
      const [conversation] = await after.api.data<{ id: string }[]>("/conversations");
      const all = await after.api.data<MessageView[]>(`/conversations/${conversation?.id}/messages`);
      return all.find((one) => one.id === id)?.delivery?.state === "read";
    },
    { what: "the tick" },
  );
});

test("a reaction that came before its send was answered, and a process that died before it had shown it: the next one shows it", async () => {
  using dir = tempDir();
  await using graph = startGraphRecorder();
  const clock = new ManualClock();
  const before = await open(dir.path, graph, clock);
  await say(before, clock, "hola");
  await untilAdvancing(clock, () => graph.sent.length === 1, { what: "the reply" });
  const wamid = "wamid.known.late";
  const body = webhookOf(NUMBER, [{ from: "51987682001", id: "wamid.restart.reaction", text: "", at: clock.now() }]) as {
    entry: { changes: { value: { messages: Record<string, unknown>[] } }[] }[];
  };
  const [message] = body.entry[0]?.changes[0]?.value.messages ?? [];
  Object.assign(message ?? {}, { type: "reaction", text: undefined, reaction: { message_id: wamid, emoji: "🎉" } });
  expect(await before.post(body)).toBe(200);
  const thread = async (app: TestApp) => {
    const [conversation] = await app.api.data<{ id: string }[]>("/conversations");
    return app.api.data<MessageView[]>(`/conversations/${conversation?.id}/messages`);
  };
  await until(async () => (await thread(before)).some(({ type }) => type === "reaction"), { what: "a message of its own" });
  const id = await until(async () => (await thread(before)).find(({ delivery }) => delivery?.state === "sent")?.id);
  {
    await using rooms = await before.openStored();
    // The answer of the call was written, and that was the last that this process did.
    await rooms.models.messages.updateOne({ _id: id }, { $set: { wamid } });
  }
  const after = await open(dir.path, graph, clock);
  const shown = await until(async () => (await thread(after)).find((one) => one.id === id && one.reactions.length > 0), {
    what: "the reaction",
  });
  expect(shown.reactions).toMatchObject([{ by: "customer", emoji: "🎉" }]);
  expect((await thread(after)).some(({ type }) => type === "reaction")).toBe(false);
});

test("a reaction that waits for its message survives a restart: it is shown when the message comes", async () => {
  using dir = tempDir();
  await using graph = startGraphRecorder();
  const clock = new ManualClock();
  const env = { ASSISTANT: "off" };
  const about = (type: string, content: Record<string, unknown>, id: string) => {
    const body = webhookOf(NUMBER, [{ from: "51987682001", id, text: "", at: clock.now() }]) as {
      entry: { changes: { value: { messages: Record<string, unknown>[] } }[] }[];
    };
    Object.assign(body.entry[0]?.changes[0]?.value.messages[0] ?? {}, { type, text: undefined, ...content });
    return body;
  };
  const thread = async (app: TestApp) => {
    const [conversation] = await app.api.data<{ id: string }[]>("/conversations");
    return conversation ? app.api.data<MessageView[]>(`/conversations/${conversation.id}/messages`) : [];
  };
  const before = await open(dir.path, graph, clock, env);
  const early = about("reaction", { reaction: { message_id: "wamid.comes.later", emoji: "👍" } }, "wamid.early");
  expect(await before.post(early)).toBe(200);
  await until(async () => (await thread(before)).length === 1, { what: "a message of its own" });
  await before.stop();
  const after = await open(dir.path, graph, clock, env);
  expect(await after.receive({ from: "51987682001", id: "wamid.comes.later", text: "hola", at: clock.now() })).toBe(200);
  const all = await until(async () => {
    const now = await thread(after);
    return now.length === 1 && now[0]?.reactions.length === 1 ? now : null;
  });
  expect(all).toMatchObject([{ content: "hola", reactions: [{ by: "customer", emoji: "👍" }] }]);
});
