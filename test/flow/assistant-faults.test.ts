/**
 * Whatever a provider does, for ever: the customer hears something, once, and where no answer can come a person gets the conversation.
 * The whole product on each wire, with a clock that is moved.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Wire } from "../../src/ai/ai-port";
import type { SandboxFaults } from "../../src/ai/sandbox/faults";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../src/ai/sandbox/server";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import type { ContactView, ConversationView } from "../../src/events/view";
import { ManualClock, untilAdvancing } from "../helpers/manual-clock";
import { createTestApp, type TestApp } from "../helpers/test-app";

setDefaultTimeout(60_000);

const ROSA = "51987650900";
/** What the customer hears: an answer of the model, or that a person will answer. */
type Ending = "answer" | "person" | "told to wait";

const FAULTS: readonly [string, Partial<SandboxFaults>, Ending][] = [
  ["down", { kind: "server-error" }, "told to wait"],
  ["cut off in the middle", { kind: "reset" }, "told to wait"],
  ["429 that names no wait", { kind: "rate-limited" }, "told to wait"],
  ["429 that names a wait", { kind: "rate-limited", retryAfterMs: 60_000 }, "told to wait"],
  ["out of quota", { kind: "quota-exceeded" }, "told to wait"],
  ["a refusal", { kind: "refusal" }, "answer"],
  ["filtered content", { kind: "content-filter" }, "person"],
  ["nothing at all", { kind: "empty-output" }, "person"],
  ["half a JSON body", { kind: "malformed-json" }, "person"],
  ["an answer of another shape", { kind: "wrong-shape" }, "person"],
  ["broken arguments of tools", { kind: "invalid-tool-json" }, "person"],
  ["a tool that does not exist", { kind: "unknown-tool" }, "person"],
  ["tools without end", { kind: "tool-loop" }, "person"],
  ["a context that is always too long", { kind: "context-too-long" }, "person"],
  ["a model that has been retired", { kind: "model-retired" }, "person"],
  ["a key that was revoked", { kind: "refused-key" }, "person"],
];

/** A turn that waits for its next try ends by the clock that is moved. */
async function leave(app: TestApp, clock: ManualClock, ai: SandboxOpenAI): Promise<void> {
  ai.faults = { kind: "none" };
  const ticking = setInterval(() => clock.advance(1_000), 5);
  await app[Symbol.asyncDispose]();
  clearInterval(ticking);
  await ai.stop();
}

describe.each<Wire>(["responses", "chat"])("on the %s wire", (wire) => {
  test.each(FAULTS)("%s", async (_, fault, ending) => {
    const ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0 });
    const clock = new ManualClock();
    const app = await createTestApp({ clock, env: { ALLOW_PRIVATE_URLS: new URL(ai.url).host } });
    try {
      const values = { baseUrl: ai.url, apiKey: ai.apiKey, model: ai.model, provider: "compatible", wire };
      const connected = await app.api.patch("/assistant/connection", { version: 0, values });
      expect(connected.body).toMatchObject({ success: true });
      ai.faults = fault;
      await app.receive({ from: ROSA, id: "wamid.fault.1", text: "¿tienen mantas?" });
      const heard = () => app.graph.sent.map(({ text }) => text);
      const talk = async (): Promise<ConversationView | null> => {
        const [contact] = await app.api.data<ContactView[]>(`/contacts?identity=${ROSA}`);
        return contact ? ((await app.api.data<ConversationView[]>(`/conversations?contact=${contact.id}`))[0] ?? null) : null;
      };
      // An answer that comes is no matter of waiting: a busy machine must not be overtaken by the clock.
      const step = ending === "answer" ? 5 : 100;
      await untilAdvancing(clock, () => heard().length > 0, { what: "a word for the customer", step });
      if (ending === "person")
        await untilAdvancing(clock, async () => (await talk())?.isAIEnabled === false, { what: "the hand-over" });
      // They are asked on the wire that was chosen, and the agents see who waits.
      const paths = new Set(ai.requests.map(({ path }) => path).filter((path) => !path.includes("embeddings")));
      expect([...paths]).toEqual([wire === "responses" ? "/v1/responses" : "/v1/chat/completions"]);
      const now = await talk();
      if (ending === "answer") expect(heard()).toEqual([expect.stringContaining("can't help")]);
      else {
        expect(heard()).toEqual([expect.stringMatching(/persona/)]);
        expect(now).toMatchObject({ status: "open", waitingFor: null });
      }
      for (let round = 0; round < 5; round++) {
        clock.advance(2_000);
        await Bun.sleep(5);
      }
      expect(heard()).toHaveLength(1);
    } finally {
      await leave(app, clock, ai);
    }
  });

  test("an outage that ends with a hand-over: told to wait is told that a person answers, and nobody is told twice", async () => {
    const ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0 });
    const clock = new ManualClock();
    const app = await createTestApp({ clock, env: { ALLOW_PRIVATE_URLS: new URL(ai.url).host } });
    const values = { baseUrl: ai.url, apiKey: ai.apiKey, model: ai.model, provider: "compatible", wire };
    await app.api.patch("/assistant/connection", { version: 0, values });
    ai.faults = { kind: "server-error" };
    await app.receive({ from: ROSA, id: "wamid.fault.3", text: "¿tienen mantas?" });
    await untilAdvancing(clock, () => app.graph.sent.length > 0, { what: "a word for the customer" });
    ai.faults = { kind: "tool-loop" };
    const talk = async () => (await app.api.data<ConversationView[]>("/conversations"))[0];
    await untilAdvancing(clock, async () => (await talk())?.isAIEnabled === false, { what: "the hand-over" });
    for (let round = 0; round < 10; round++) {
      clock.advance(500);
      await Bun.sleep(10);
    }
    expect(app.graph.sent.map(({ text }) => text)).toEqual([expect.stringMatching(/persona/)]);
    await leave(app, clock, ai);
  });

  test("too slow for ever", async () => {
    const ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0 });
    const clock = new ManualClock();
    const app = await createTestApp({ clock, env: { ALLOW_PRIVATE_URLS: new URL(ai.url).host } });
    const values = { baseUrl: ai.url, apiKey: ai.apiKey, model: ai.model, provider: "compatible", wire };
    await app.api.patch("/assistant/connection", { version: 0, values });
    ai.faults = { kind: "hang" };
    await app.receive({ from: ROSA, id: "wamid.fault.2", text: "¿tienen mantas?" });
    await untilAdvancing(clock, () => app.graph.sent.length > 0, { what: "a word for the customer" });
    expect(app.graph.sent.map(({ text }) => text)).toEqual([expect.stringMatching(/persona/)]);
    await leave(app, clock, ai);
  });
});
