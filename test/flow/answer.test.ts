/** The assistant's turn against people, newer messages and a provider that fails: one reply, never two, never silence. */
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../src/ai/sandbox/server";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import { ManualClock, untilAdvancing } from "../helpers/manual-clock";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

let ai: SandboxOpenAI;
let app: TestApp;
afterEach(async () => {
  await app[Symbol.asyncDispose]();
  await ai.stop();
});

async function open({
  clock,
  latencyMs = 0,
  env = {},
}: {
  clock?: ManualClock;
  latencyMs?: number;
  env?: Record<string, string>;
} = {}) {
  // The provider keeps the real time: only our own waiting is skipped.
  ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs });
  app = await createTestApp({
    env: { OPENAI_BASE_URL: ai.url, OPENAI_API_KEY: ai.apiKey, OPENAI_MODEL: ai.model, ...env },
    ...(clock ? { clock } : {}),
  });
}

const ROSA = "51987650800";
let count = 0;
const write = (text: string, at?: number) =>
  app.receive({ from: ROSA, id: `wamid.answer.${++count}`, text, ...(at === undefined ? {} : { at }) });
const heard = () => app.graph.sent.map(({ text }) => text);

async function conversation(): Promise<ConversationView> {
  return until(async () => {
    const [contact] = await app.api.data<ContactView[]>(`/contacts?identity=${ROSA}`);
    return contact ? (await app.api.data<ConversationView[]>(`/conversations?contact=${contact.id}`))[0] : null;
  });
}
const thread = async () => (await app.api.data<MessageView[]>(`/conversations/${(await conversation()).id}/messages`)).reverse();
const operator = async (text: string) => {
  const { status } = await app.api.post(`/conversations/${(await conversation()).id}/messages`, { text });
  expect(status).toBe(200);
};

/** Long enough for a reply that should not come. */
const QUIET_MS = 600;

test("a person answers while the assistant thinks: its turn is aborted and nothing of it is sent", async () => {
  await open({ latencyMs: 1_500 });
  await write("¿tienen mantas?");
  await until(() => ai.requests.length === 1, { what: "the assistant's turn" });
  await operator("Soy Lucía, ya le ayudo.");
  await until(() => ai.closedByClient === 1, { what: "the aborted call" });
  await Bun.sleep(1_500 + QUIET_MS);
  expect(heard()).toEqual(["Soy Lucía, ya le ayudo."]);
  expect((await thread()).map(({ role }) => role)).toEqual(["user", "operator"]);
  expect(ai.requests).toHaveLength(1);
});

test("switched off while the assistant thinks: nothing of it is sent", async () => {
  await open({ latencyMs: 700 });
  await write("¿tienen mantas?");
  await until(() => ai.requests.length === 1, { what: "the assistant's turn" });
  await app.api.patch(`/conversations/${(await conversation()).id}`, { isAIEnabled: false });
  await Bun.sleep(700 + QUIET_MS);
  expect(heard()).toEqual([]);
});

test("the customer writes again while the assistant thinks: one reply to everything", async () => {
  await open({ latencyMs: 600 });
  await write("¿tienen mantas?");
  await until(() => ai.requests.length === 1, { what: "the assistant's turn" });
  await write("rojas, por favor");
  await until(() => heard().length > 0, { what: "the reply" });
  await Bun.sleep(QUIET_MS + 600);
  expect(heard()).toHaveLength(1);
  for (const text of ["¿tienen mantas?", "rojas, por favor"]) expect(heard()[0]).toContain(text);
  expect(ai.closedByClient).toBe(1);
  expect((await thread()).find(({ role }) => role === "assistant")?.aiRun?.fragments).toBe(2);
});

test("a customer who always writes again is answered all the same, each message once", async () => {
  await open({ latencyMs: 400, env: { BATCH_WAIT_MS: "20", BATCH_MAX_WAIT_MS: "100" } });
  const texts: string[] = [];
  // They go on until something has been sent, as somebody does who types faster than we think.
  for (let round = 1; heard().length === 0 && round <= 12; round++) {
    const before = ai.requests.length;
    texts.push(`mensaje número ${round}.`);
    await write(`mensaje número ${round}.`);
    await until(() => ai.requests.length > before || heard().length > 0, { what: `turn ${round}` });
  }
  expect(heard().length).toBe(1);
  expect(texts.length).toBeLessThan(12);
  await until(() => texts.every((text) => heard().some((reply) => reply.includes(text))), { what: "replies to everything" });
  await Bun.sleep(QUIET_MS);
  for (const text of texts) expect(heard().filter((reply) => reply.includes(text))).toHaveLength(1);
});

test("inside a batch the customer's own clock decides, then arrival", async () => {
  await open({ env: { BATCH_WAIT_MS: "400", BATCH_MAX_WAIT_MS: "2000" } });
  const now = Date.now();
  await write("segundo mensaje", now);
  await write("primer mensaje", now - 60_000);
  await write("tercer mensaje", now);
  await until(() => heard().length > 0, { what: "the reply" });
  const [reply = ""] = heard();
  const order = ["primer", "segundo", "tercer"].map((word) => reply.indexOf(word));
  expect(order.every((at) => at >= 0)).toBe(true);
  expect([...order].sort((a, b) => a - b)).toEqual(order);
});

describe("a provider that fails", () => {
  test("in a way that waiting does not mend: tried three times, then a person is asked and the customer is told once", async () => {
    const clock = new ManualClock();
    await open({ clock });
    ai.faults = { kind: "refused-key" };
    await write("¿tienen mantas?");
    await untilAdvancing(clock, () => heard().length > 0, { what: "the holding text" });
    await untilAdvancing(clock, async () => !(await conversation()).isAIEnabled, { what: "the hand-over" });
    expect(heard()).toEqual([expect.stringContaining("una persona")]);
    expect(await conversation()).toMatchObject({ isAIEnabled: false, status: "open", waitingFor: null });
    expect((await thread()).filter(({ private: isPrivate }) => isPrivate)).toHaveLength(1);
    const calls = ai.requests.length;
    ai.faults = { kind: "none" };
    await write("¿hola?");
    for (let round = 0; round < 30; round++) {
      clock.advance(1_000);
      await Bun.sleep(5);
    }
    expect(heard()).toHaveLength(1);
    expect(ai.requests).toHaveLength(calls);
  });

  test("for a while: the question waits and is answered once when it is back", async () => {
    const clock = new ManualClock();
    await open({ clock });
    ai.faults = { kind: "server-error" };
    await write("¿tienen mantas?");
    await untilAdvancing(clock, () => ai.requests.length >= 3, { what: "some tries" });
    ai.faults = { kind: "none" };
    await untilAdvancing(clock, () => heard().some((text) => text.includes("mantas")), { what: "the reply" });
    for (let round = 0; round < 20; round++) {
      clock.advance(1_000);
      await Bun.sleep(5);
    }
    expect(heard().filter((text) => text.includes("mantas"))).toHaveLength(1);
    expect((await conversation()).isAIEnabled).toBe(true);
  });
});

test("who asks for a person gets the last word of the assistant, and the agents' queue gets the conversation", async () => {
  await open();
  await write("quiero hablar con una persona");
  await until(() => heard().length === 1, { what: "the last word" });
  const handed = await until(async () => {
    const one = await conversation();
    return one.isAIEnabled ? null : one;
  });
  expect(handed).toMatchObject({ status: "open", waitingFor: null });
  const note = (await thread()).find(({ private: isPrivate }) => isPrivate);
  expect(note?.content).toContain("persona");
  await write("¿hola?");
  await Bun.sleep(QUIET_MS);
  expect(heard()).toHaveLength(1);
  expect(app.graph.tried.map(({ text }) => text).join()).not.toContain(note?.content ?? "?");
});

test("without an assistant every conversation goes to the agents' queue, in silence", async () => {
  await open({ env: { ASSISTANT: "off" } });
  await write("hola");
  expect(await conversation()).toMatchObject({ isAIEnabled: false, status: "open", unreadCount: 1 });
  await Bun.sleep(QUIET_MS);
  expect(heard()).toEqual([]);
  expect(ai.requests).toEqual([]);
});
