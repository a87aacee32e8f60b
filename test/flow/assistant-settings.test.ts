/** What people set about the assistant holds from the next message on: in the request to the provider and in what is left to people. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../src/ai/sandbox/server";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

let ai: SandboxOpenAI;
let app: TestApp;
beforeAll(async () => {
  ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0 });
  app = await createTestApp({ env: { OPENAI_BASE_URL: ai.url, OPENAI_API_KEY: ai.apiKey, OPENAI_MODEL: ai.model } });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await ai.stop();
});

let count = 0;
const write = (from: string, text: string) => app.receive({ from, id: `wamid.set.${++count}`, text });
const set = async (values: object) => {
  const { version } = await app.api.data<{ version: number }>("/settings/assistant");
  const { status, body } = await app.api.patch("/settings/assistant", { version, values });
  expect(body).toMatchObject({ success: true });
  expect(status).toBe(200);
};
const conversationOf = (phone: string) =>
  until(async () => {
    const [contact] = await app.api.data<ContactView[]>(`/contacts?identity=${phone}`);
    return contact ? (await app.api.data<ConversationView[]>(`/conversations?contact=${contact.id}`))[0] : null;
  });
const handedOver = (phone: string) =>
  until(
    async () => {
      const found = await conversationOf(phone);
      return found?.isAIEnabled === false ? found : null;
    },
    { what: "the hand-over" },
  );
const heard = (phone: string) => app.graph.sent.filter(({ to }) => to.replace(/^\+/, "") === phone).map(({ text }) => text);
const answered = (phone: string, times = 1) => until(() => heard(phone).length >= times, { what: "the answer" });
const lastRequest = () => ai.requests.findLast(({ path }) => path !== "/v1/moderations")?.body as Record<string, unknown>;

test("the text about the business, the models and the room for an answer reach the provider", async () => {
  await set({
    businessName: "Botica Sol",
    persona: "Eres Inti. La botica abre a las 8.",
    models: [ai.model, "gpt-6.1-terra"],
    maxOutputTokens: 321,
  });
  await write("51900000001", "¿a qué hora abren?");
  await answered("51900000001");
  expect(JSON.stringify(lastRequest())).toContain("Botica Sol");
  expect(JSON.stringify(lastRequest())).toContain("Eres Inti. La botica abre a las 8.");
  expect(lastRequest()).toMatchObject({ model: ai.model, max_tokens: 321 });
});

test("the second model is asked when the first one has been retired", async () => {
  await set({ models: ["gpt-of-yesterday", ai.model] });
  ai.faults = { kind: "model-retired", times: 1 };
  await write("51900000002", "¿tienen mantas?");
  await answered("51900000002");
  expect(lastRequest().model).toBe(ai.model);
  await set({ models: [] });
});

test("card numbers stay here unless somebody lets them go", async () => {
  await write("51900000003", "mi tarjeta es 4111 1111 1111 1111");
  await answered("51900000003");
  expect(JSON.stringify(lastRequest())).not.toContain("4111");
  await set({ redaction: false });
  await write("51900000003", "otra vez: 4111 1111 1111 1111");
  await answered("51900000003", 2);
  expect(JSON.stringify(lastRequest())).toContain("4111 1111 1111 1111");
  await set({ redaction: true });
});

test("who asks for a person gets one, told so and without a model; switched off, the model decides", async () => {
  const before = ai.requests.length;
  await write("51900000004", "quiero hablar con una persona");
  await handedOver("51900000004");
  await answered("51900000004");
  expect(heard("51900000004")).toEqual([expect.stringContaining("una persona")]);
  expect(ai.requests).toHaveLength(before);
  await set({ handOffOnRequest: false });
  await write("51900000005", "quiero hablar con una persona");
  await answered("51900000005");
  expect(ai.requests.length).toBeGreaterThan(before);
  await set({ handOffOnRequest: true });
});

const reasonOf = async (conversation: string) => {
  const thread = await app.api.data<MessageView[]>(`/conversations/${conversation}/messages`);
  return thread.map(({ content }) => content).join("\n");
};

test("an angry customer gets a person without a model; switched off, the model answers", async () => {
  const before = ai.requests.length;
  await write("51900000021", "Esto es una estafa, son unos ladrones");
  const { id } = await handedOver("51900000021");
  expect(await reasonOf(id)).toContain("angry");
  expect(ai.requests).toHaveLength(before);
  await set({ handOffOnAnger: false });
  await write("51900000022", "Esto es una estafa, son unos ladrones");
  await answered("51900000022");
  expect(ai.requests.length).toBeGreaterThan(before);
  await set({ handOffOnAnger: true });
});

test("what has been answered as often as is set and is asked again goes to a person", async () => {
  await set({ handOffAfterRepeats: 2 });
  for (const times of [1, 2]) {
    await write("51900000023", "¿cuánto cuesta la manta grande?");
    await answered("51900000023", times);
  }
  await write("51900000023", "¿la manta grande cuánto cuesta?");
  const { id } = await handedOver("51900000023");
  expect(await reasonOf(id)).toContain("repeated-failure");
});

test("a question no article answers goes to a person where only knowledge counts; one it answers is answered", async () => {
  await app.api.post("/knowledge/articles", { title: "Envíos", text: "Los envíos a Cusco cuestan 15 soles y tardan tres días." });
  await until(async () => (await app.api.data<unknown[]>("/knowledge/search?q=env%C3%ADos")).length > 0, { what: "the article" });
  await set({ groundedOnly: true });
  await write("51900000024", "¿cuánto cuestan los envíos a Cusco?");
  await answered("51900000024");
  expect(heard("51900000024")[0]).toContain("15 soles");
  await write("51900000025", "¿quién ganó el mundial de ajedrez?");
  const { id } = await handedOver("51900000025");
  expect(await reasonOf(id)).toContain("low-confidence");
  await set({ groundedOnly: false });
});

test("two machines do not talk all night: a person is told, the other side hears nothing", async () => {
  const auto = "Mensaje automático: gracias por escribir.";
  await write("51900000006", auto);
  await answered("51900000006");
  await write("51900000006", auto);
  const { id } = await handedOver("51900000006");
  expect(heard("51900000006")).toHaveLength(1);
  const thread = await app.api.data<MessageView[]>(`/conversations/${id}/messages`);
  expect(thread[0]).toMatchObject({ private: true, content: expect.stringContaining("bot-loop") });
});

test("harmful content goes to a person when the check is on, and a check that fails keeps nobody from an answer", async () => {
  await set({ moderation: true });
  await write("51900000007", "te voy a matar");
  const { id } = await handedOver("51900000007");
  const thread = await app.api.data<MessageView[]>(`/conversations/${id}/messages`);
  expect(thread.some(({ content }) => content.includes("violence"))).toBe(true);
  ai.faults = { kind: "server-error", times: 1 };
  await write("51900000008", "¿tienen mantas?");
  await answered("51900000008");
  expect(ai.requests.filter(({ path }) => path === "/v1/moderations")).toHaveLength(2);
  await set({ moderation: false });
});

test("a time zone nobody knows is refused", async () => {
  const { version } = await app.api.data<{ version: number }>("/settings/assistant");
  const answer = await app.api.patch("/settings/assistant", { version, values: { timeZone: "Luna/Mar" } });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ details: [{ path: "body.values.timeZone" }] });
});
