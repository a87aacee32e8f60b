/**
 * What the assistant does besides answering: it reaches the customer's phone and the agents' inbox once, with the reply and not before,
 * and nothing of it happens when a person comes first. The provider is played; the product, the number and the phone are real.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import type { ScheduledMessageView } from "../../src/events/writing-view";
import type { FullRunView, RunView } from "../../src/features/ai-runs/ai-run.schema";
import { type ScriptedProvider, startScriptedProvider, toolCall } from "../ai/scripted-provider";
import { createSandboxApp, pngOf, type SandboxApp, type ThreadLine } from "../features/channels/sandbox-app";
import { makeTeam } from "../helpers/people";
import { until } from "../helpers/until";
import { signInLive } from "../http/live-client";

setDefaultTimeout(60_000);

let provider: ScriptedProvider;
let app: SandboxApp;
beforeAll(async () => {
  provider = await startScriptedProvider();
  app = await createSandboxApp({
    env: { ...provider.env },
  });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await provider.ai.stop();
});

const plays = (text: string) => app.plays({ type: "text", text });
const heard = async () => (await app.thread()).filter(({ from }) => from === "business");
const say = async (text: string, times = 1): Promise<ThreadLine[]> => {
  const before = (await heard()).length;
  await plays(text);
  return until(
    async () => {
      const now = await heard();
      return now.length >= before + times ? now.slice(before) : null;
    },
    { what: `${times} messages on the phone` },
  );
};
const lastRun = async (): Promise<FullRunView> => {
  const [run] = await app.api.data<RunView[]>("/assistant/runs?limit=1");
  return app.api.data(`/assistant/runs/${run?.id}`);
};
const toolResults = () => provider.results().map((one) => JSON.parse(one));

test("labels, priority and the customer file change with the reply; agents see it at once, each change once", async () => {
  await app.api.post("/labels", { name: "vip" });
  await app.api.post("/attributes", { key: "city", name: "Ciudad", type: "text" });
  await app.api.post("/attributes", { key: "salary", name: "Sueldo", type: "number" });
  const { version } = await app.api.data<{ version: number }>("/settings/assistant");
  const set = await app.api.patch("/settings/assistant", { version, values: { contactFields: ["name", "email", "city"] } });
  expect(set.status).toBe(200);
  await using live = Object.assign(await signInLive(app.url, app.api.token), { [Symbol.asyncDispose]: async () => live.drop() });
  provider.next(
    {
      calls: [
        toolCall("label_conversation", { add: ["vip"], remove: [] }),
        toolCall("set_priority", { priority: "high" }),
        toolCall("update_contact", { name: "Rosa Quispe", email: "rosa@example.com", company: null, attribute_city: "Puno" }),
        toolCall("get_contact", {}),
      ],
    },
    { text: "Listo, ya lo anoté." },
  );
  const [reply] = await say("soy Rosa Quispe, de Puno, rosa@example.com");
  expect(reply?.content.text).toBe("Listo, ya lo anoté.");
  expect(await app.conversation()).toMatchObject({ labels: ["vip"], priority: "high", isAIEnabled: true });
  const [contact] = await app.api.data<ContactView[]>("/contacts?identity=51987000111");
  expect(contact).toMatchObject({ name: "Rosa Quispe", email: "rosa@example.com", attributes: { city: "Puno" } });
  await live.waitFor(
    "the conversation with its label",
    ({ event, data }) =>
      event === "conversation:updated" && (data?.conversation as ConversationView | undefined)?.labels.includes("vip") === true,
  );
  // What nobody allowed is not even on offer.
  const offered = provider.asked();
  expect(offered).toContain("attribute_city");
  expect(offered).not.toContain("salary");
  const run = await lastRun();
  expect(run.toolCalls?.map(({ name, ok }) => [name, ok])).toEqual([
    ["label_conversation", true],
    ["set_priority", true],
    ["update_contact", true],
    ["get_contact", true],
  ]);
  const lines = (await app.messages()).filter(({ type }) => type === "activity").map(({ content }) => content);
  expect(lines.filter((line) => line.includes("added vip"))).toHaveLength(1);
});

test("buttons and a list arrive as such, and what is tapped is the next message", async () => {
  provider.next({ calls: [toolCall("send_buttons", { text: "¿Para qué día?", buttons: ["Lunes", "Martes"] })] });
  const [buttons] = await say("quiero una cita");
  expect(buttons?.content).toMatchObject({ type: "interactive", text: expect.stringContaining("¿Para qué día?") });
  expect(JSON.stringify(buttons?.content.body)).toContain("Martes");
  expect(await lastRun()).toMatchObject({ outcome: "reply", answer: "¿Para qué día?" });
  provider.next({
    calls: [toolCall("send_list", { text: "¿Qué hora?", button: "Horas", rows: [{ title: "09:00", description: null }] })],
  });
  const before = (await heard()).length;
  await app.plays({ type: "button_reply", id: "choice-2", title: "Martes", replyTo: buttons?.id });
  const [list] = await until(async () => ((await heard()).length > before ? (await heard()).slice(before) : null), {
    what: "the list",
  });
  expect(provider.asked()).toContain("Martes");
  expect(JSON.stringify(list?.content.body)).toContain("09:00");
  const stored = (await app.messages()).findLast(({ role }) => role === "assistant") as MessageView;
  expect(stored.aiRun?.model).toBe(provider.ai.model);
});

test("a file of the library is sent beside the text; others of its kind stay what they are", async () => {
  const upload = await fetch(`${app.url}/api/v2/media?type=image&filename=precios.png`, {
    method: "POST",
    body: await pngOf(8),
    headers: { authorization: `Bearer ${app.api.token}`, "content-type": "image/png" },
  });
  const { data } = (await upload.json()) as { data: { id: string } };
  const item = { name: "Lista de precios", media: data.id, description: "Todos los precios", caption: "Precios 2026" };
  expect((await app.api.post("/media-library", item)).status).toBe(200);
  expect((await app.api.post("/media-library", item)).status).toBe(409);
  provider.next({ calls: [toolCall("send_media", { name: "Lista de precios" })] }, { text: "Aquí va la lista." });
  const sent = await say("¿me manda los precios?", 2);
  expect(sent.map(({ content }) => content.type)).toEqual(["text", "image"]);
  expect(JSON.stringify(sent[1]?.content)).toContain("Precios 2026");
  provider.next({ calls: [toolCall("send_media", { name: "Contrato secreto" })] }, { text: "No lo tengo." });
  await say("¿y el contrato?");
  expect(toolResults()).toMatchObject([{ error: { code: "invalid_arguments" } }]);
});

test("a follow-up is only promised inside the window, is written down once and falls away when the customer writes", async () => {
  provider.next(
    { calls: [toolCall("schedule_follow_up", { in_minutes: 3_000, text: "¿Pudo ver la lista?" })] },
    { calls: [toolCall("schedule_follow_up", { in_minutes: 60, text: "¿Pudo ver la lista?" })] },
    { text: "Le escribo en una hora." },
  );
  await say("recuérdemelo luego");
  expect(toolResults()[0]).toMatchObject({ error: { code: "window_closes" } });
  const { id } = await app.conversation();
  const waiting = await app.api.data<ScheduledMessageView[]>(`/conversations/${id}/scheduled`);
  expect(waiting).toMatchObject([{ state: "scheduled", cancelOnReply: true, content: { text: "¿Pudo ver la lista?" } }]);
});

test("nothing of it happens when a person comes first", async () => {
  await app.api.post("/labels", { name: "urgente" });
  provider.ai.faults = { kind: "none", latencyMs: 700 };
  provider.next(
    {
      calls: [toolCall("label_conversation", { add: ["urgente"], remove: [] }), toolCall("set_priority", { priority: "urgent" })],
    },
    { text: "Nunca dicho." },
  );
  const calls = provider.ai.requests.length;
  await plays("¿hay alguien?");
  await until(() => provider.ai.requests.length >= calls + 2, { what: "the second call of the turn" });
  await app.send({ text: "Soy Lucía, le ayudo yo." });
  await Bun.sleep(1_500);
  provider.ai.faults = { kind: "none", latencyMs: 0 };
  expect((await heard()).map(({ content }) => content.text)).not.toContain("Nunca dicho.");
  const conversation = await app.conversation();
  expect(conversation.priority).toBe("high");
  expect(conversation.labels).not.toContain("urgente");
  await app.api.patch(`/conversations/${conversation.id}`, { isAIEnabled: true });
});

test("a hand-off goes to the team it names, with its summary, and a closed matter is resolved", async () => {
  const team = await makeTeam(app, "Reclamos");
  const handOff = { reason: "complaint", summary: "La manta llegó rota.", team: "Reclamos" };
  provider.next({ text: "Le paso con Reclamos.", calls: [toolCall("hand_off", handOff)] });
  await say("la manta llegó con un hueco");
  const given = await until(
    async () => {
      const now = await app.conversation();
      return now.team === team ? now : null;
    },
    { what: "the team" },
  );
  expect(given).toMatchObject({ isAIEnabled: false, status: "open" });
  const lines = (await app.messages()).filter(({ type }) => type === "activity").map(({ content }) => content);
  expect(lines.some((line) => line.includes("La manta llegó rota."))).toBe(true);
  await app.api.patch(`/conversations/${given.id}`, { isAIEnabled: true });
  provider.next({ text: "¡Hasta pronto!", calls: [toolCall("close_conversation", { resolution: "Resuelto" })] });
  await say("listo, muchas cosas resueltas, adiós");
  await until(async () => (await app.conversation()).status === "resolved", { what: "the resolved conversation" });
});

test("a tool that is not allowed is not offered, and asking for it all the same does nothing", async () => {
  const { version } = await app.api.data<{ version: number }>("/settings/assistant");
  await app.api.patch("/settings/assistant", { version, values: { tools: ["get_contact"] } });
  provider.next({ calls: [toolCall("set_priority", { priority: "low" })] }, { text: "Claro." });
  await say("otra pregunta sobre tallas");
  expect(toolResults()).toMatchObject([{ error: { code: "unknown_tool" } }]);
  expect((await app.conversation()).priority).toBe("high");
});
