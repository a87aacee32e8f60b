/** What was promised for later and falls outside WhatsApp's 24 hours: a template reaches the phone where there is one, else a person hears of it. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import type { ConversationView } from "../../src/events/view";
import type { ScheduledMessageView } from "../../src/events/writing-view";
import { type ScriptedProvider, startScriptedProvider, toolCall } from "../ai/scripted-provider";
import { createSandboxApp, type SandboxApp } from "../features/channels/sandbox-app";
import { ManualClock, untilAdvancing } from "../helpers/manual-clock";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

const HOUR = 3_600_000;
const TEMPLATE = {
  name: "saludo_inicial",
  language: "es",
  values: ["{{contact.first_name|amigo}}", "{{follow_up}}"],
};
let provider: ScriptedProvider;
let clock: ManualClock;
let app: SandboxApp;
beforeEach(async () => {
  provider = await startScriptedProvider();
  clock = new ManualClock();
  app = await createSandboxApp({ clock, env: provider.env });
  await app.api.post("/templates/sync", {});
});
afterEach(async () => {
  const ticking = setInterval(() => clock.advance(1_000), 5);
  await app[Symbol.asyncDispose]();
  clearInterval(ticking);
  await provider.ai.stop();
});

const heard = async () => (await app.thread()).filter(({ from }) => from === "business").map(({ content }) => content);
async function set(values: object): Promise<{ status: number }> {
  const { version } = await app.api.data<{ version: number }>("/settings/assistant");
  return app.api.patch("/settings/assistant", { version, values });
}
async function promise(minutes: number): Promise<void> {
  provider.next(
    { calls: [toolCall("schedule_follow_up", { in_minutes: minutes, text: "la lista\nde precios" })] },
    { text: "Le escribo." },
  );
  await app.plays({ type: "text", text: "recuérdemelo luego" });
  await untilAdvancing(clock, async () => (await heard()).length === 1, { what: "the answer", step: 10 });
}
const scheduled = async () => app.api.data<ScheduledMessageView[]>(`/conversations/${(await app.conversation()).id}/scheduled`);
const ended = () => until(async () => (await scheduled()).find(({ state }) => state !== "scheduled"), { what: "its end" });

test("two days later: the template with the promised words reaches the phone, once", async () => {
  expect((await set({ followUpTemplate: TEMPLATE })).status).toBe(200);
  expect((await set({ followUpTemplate: { ...TEMPLATE, values: ["{{secret}}"] } })).status).toBe(422);
  await promise(2 * 24 * 60);
  expect(await scheduled()).toMatchObject([{ state: "scheduled", fallback: { type: "template" } }]);
  clock.advance(49 * HOUR);
  const [, late] = await untilAdvancing(clock, async () => ((await heard()).length > 1 ? heard() : null), {
    what: "the follow-up on the phone",
  });
  expect(late).toMatchObject({ type: "template" });
  expect(JSON.stringify(late)).toContain("Hola Rosa, seguimos con tu consulta sobre la lista de precios.");
  expect(await ended()).toMatchObject({ state: "sent", usedFallback: true, error: null });
  clock.advance(HOUR);
  expect(await heard()).toHaveLength(2);
});

test("within the window the words themselves are sent, template or not", async () => {
  await set({ followUpTemplate: TEMPLATE });
  await promise(60);
  clock.advance(61 * 60_000);
  const [, later] = await untilAdvancing(clock, async () => ((await heard()).length > 1 ? heard() : null), { what: "it" });
  expect(later).toMatchObject({ type: "text", text: "la lista\nde precios" });
});

test.each([
  ["no template is set", null, /24/],
  ["the template is not approved", { ...TEMPLATE, name: "nunca_aprobada" }, /template/i],
])("it comes too late and %s: nothing is sent, and the conversation is in front of people", async (_, template, why) => {
  await set({ followUpTemplate: template });
  await promise(60);
  const { id } = await app.conversation();
  await app.api.patch(`/conversations/${id}`, { status: "resolved" });
  // The server was away for a day: its time has come and gone.
  clock.advance(25 * HOUR);
  const { state, error } = await ended();
  expect({ state, error }).toEqual({ state: "failed", error: expect.stringMatching(why) });
  expect(await app.api.data<ConversationView>(`/conversations/${id}`)).toMatchObject({ status: "open", isUnattended: true });
  const lines = (await app.messages()).filter(({ type }) => type === "activity").map(({ content }) => content);
  expect(lines.filter((line) => line.startsWith("A scheduled message was not sent"))).toHaveLength(1);
  expect(await heard()).toHaveLength(1);
});
