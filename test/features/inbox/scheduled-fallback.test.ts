/** A message that was to be sent later, and the 24 hours are over by then: the template chosen for that goes out instead, once. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { TemplateView } from "../../../src/events/view";
import type { ScheduledMessageView } from "../../../src/events/writing-view";
import { ManualClock, untilAdvancing } from "../../helpers/manual-clock";
import { createSandboxApp } from "../channels/sandbox-app";

setDefaultTimeout(90_000);

const HOUR = 3_600_000;

test("the template reaches the phone in its place, once; within the 24 hours it is the message itself", async () => {
  const clock = new ManualClock();
  await using app = await createSandboxApp({ clock, env: { ASSISTANT: "off" } });
  const { api } = app;
  await app.plays({ type: "text", text: "hola" });
  const talk = await untilAdvancing(clock, async () => {
    const found = (await api.data<{ id: string; windowExpiresAt: string | null }[]>("/conversations"))[0];
    return found?.windowExpiresAt ? found : null;
  });
  await untilAdvancing(
    clock,
    async () => (await api.data<TemplateView[]>("/templates?name=saludo_inicial"))[0]?.status === "APPROVED",
    { step: 1_000, what: "an approved template" },
  );
  const fallback = { type: "template", template: { name: "saludo_inicial", language: "es", body: ["Rosa", "su pedido"] } };
  const path = `/conversations/${talk.id}/scheduled`;
  const later = async (ms: number, text: string) => {
    const dueAt = new Date(clock.now() + ms).toISOString();
    const made = await api.post<ScheduledMessageView>(path, { dueAt, content: { text }, fallback });
    expect(made.status).toBe(200);
    return made.body.data.id;
  };
  const [inTime, tooLate] = [await later(HOUR, "ya está su pedido"), await later(25 * HOUR, "¿recibió su pedido?")];
  const ended = async (id: string) => {
    const one = (await api.data<ScheduledMessageView[]>(path)).find((row) => row.id === id);
    return one && one.state !== "scheduled" ? one : null;
  };
  const first = await untilAdvancing(clock, () => ended(inTime), { step: 60_000, limit: 2 * HOUR, what: "the first one" });
  expect(first).toMatchObject({ state: "sent", usedFallback: false });
  const second = await untilAdvancing(clock, () => ended(tooLate), {
    step: 10 * 60_000,
    limit: 26 * HOUR,
    what: "the second one",
  });
  expect(second).toMatchObject({ state: "sent", usedFallback: true, error: null });
  const said = async () => (await app.thread()).filter(({ from }) => from === "business").map(({ content }) => content.text);
  await untilAdvancing(clock, async () => (await said()).length >= 2, { step: 1_000, what: "both on the phone" });
  clock.advance(10 * 60_000);
  const texts = await said();
  expect(texts).toHaveLength(2);
  expect(texts[0]).toBe("ya está su pedido");
  expect(texts[1]).toContain("seguimos con tu consulta sobre su pedido");
  expect(texts.join()).not.toContain("¿recibió su pedido?");
});
