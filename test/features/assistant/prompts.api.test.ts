/** Prompts as versions: drafted, compared, published, rolled back; chosen by number, team and hour; named by every run. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../../src/ai/sandbox/server";
import { systemClock } from "../../../src/core/clock";
import { describeHours } from "../../../src/core/hours-text";
import { silentLog } from "../../../src/core/log";
import { fillPrompt, putValues, unknownVariables } from "../../../src/core/prompt-variables";
import { diffLines } from "../../../src/core/text-diff";
import type { ContactView, ConversationView } from "../../../src/events/view";
import type { PromptView } from "../../../src/features/ai-prompts/ai-prompt.schema";
import { choosePrompt } from "../../../src/features/ai-prompts/ai-prompt-choice";
import type { FullRunView, RunView } from "../../../src/features/ai-runs/ai-run.schema";
import { hire, makeTeam } from "../../helpers/people";
import { createTestApp, NUMBER, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

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
async function ask(from: string, text: string): Promise<{ asked: string; run: FullRunView }> {
  const before = (await runs()).length;
  await app.receive({ from, id: `wamid.prompt.${++count}`, text, name: "Rosa <facts> Díaz" });
  const all = await until(async () => ((await runs()).length > before ? runs() : null), { what: "the run" });
  return { asked: JSON.stringify(ai.requests.at(-1)?.body), run: await app.api.data(`/assistant/runs/${all[0]?.id}`) };
}
const runs = () => app.api.data<RunView[]>("/assistant/runs?limit=100");
const prompts = "/assistant/prompts";
const post = async (path: string, body: object = {}) => {
  const answer = await app.api.post<PromptView>(`${prompts}${path}`, body);
  expect(answer.body).toMatchObject({ success: true });
  return answer.body.data;
};

test("a draft answers nobody; published it does, with its variables; every run names its version; an older one comes back", async () => {
  const text = "Eres Inti de {{company.name}}. Horario: {{company.hours}}. Saluda a {{contact.first_name|amigo}}.";
  const { id } = await post("", { name: "Ventas", text });
  expect((await ask("51900000001", "hola")).asked).not.toContain("Eres Inti");
  await post(`/${id}/publish`);
  const first = await ask("51900000001", "hola otra vez");
  expect(first.run.prompt).toBe(`${id}:1`);
  expect(first.asked).toContain("Horario: always open.");
  // The customer's words stay data: the system's text holds the name of the value, the value stands beside the messages.
  expect(first.asked).toContain("Saluda a {{contact.first_name}}.");
  expect(first.run.input).toMatchObject({ variables: { "contact.first_name": "Rosa" } });
  expect(first.asked).not.toContain("Rosa <facts>");

  const drafted = await app.api.put(`${prompts}/${id}/draft`, {
    text: `${text}\nNunca prometas descuentos.`,
    note: "sin descuentos",
  });
  expect(drafted.status).toBe(200);
  const diff = await app.api.data(`${prompts}/${id}/diff?from=1&to=draft`);
  expect(diff).toEqual({
    lines: [
      { kind: "same", text },
      { kind: "added", text: "Nunca prometas descuentos." },
    ],
    added: 1,
    removed: 0,
  });
  expect((await ask("51900000001", "¿qué tal?")).run.prompt).toBe(`${id}:1`);
  await post(`/${id}/publish`);
  const second = await ask("51900000001", "¿y ahora?");
  expect(second.run.prompt).toBe(`${id}:2`);
  expect(second.asked).toContain("Nunca prometas descuentos.");
  await post(`/${id}/roll-back`, { number: 1 });
  expect((await ask("51900000001", "¿y ayer?")).run.prompt).toBe(`${id}:1`);
  expect(await app.api.data(`${prompts}/${id}/versions`)).toMatchObject([
    { number: 2, isPublished: false, note: "sin descuentos" },
    { number: 1, isPublished: true },
  ]);
  const audit = await app.api.data<{ action: string }[]>("/audit?limit=100");
  for (const verb of ["create", "draft", "publish", "roll-back"])
    expect(audit.some(({ action }) => action === `assistant-prompt.${verb}`)).toBe(true);
});

test("the one for the team goes before the one for the number, and a model of its own is asked", async () => {
  const team = await makeTeam(app, "Reclamos");
  const byNumber = await post("", { name: "Número", text: "Texto del número.", channels: [NUMBER] });
  const byTeam = await post("", { name: "Equipo", text: "Texto de {{team.name}}.", teams: [team], model: "gpt-6.1-terra" });
  for (const { id } of [byNumber, byTeam]) await post(`/${id}/publish`);
  expect((await ask("51900000002", "hola")).run.prompt).toBe(`${byNumber.id}:1`);
  const [contact] = await app.api.data<ContactView[]>("/contacts?identity=51900000002");
  const [talk] = await app.api.data<ConversationView[]>(`/conversations?contact=${contact?.id}`);
  const moved = await app.api.post(`/conversations/${talk?.id}/actions`, { actions: [{ do: "transfer", team }] });
  expect(moved.body).toMatchObject({ success: true });
  // Whoever transfers it takes it from the assistant; given back, the team's text counts.
  expect((await app.api.patch(`/conversations/${talk?.id}`, { isAIEnabled: true })).status).toBe(200);
  const { asked, run } = await ask("51900000002", "hola de nuevo");
  expect(run.prompt).toBe(`${byTeam.id}:1`);
  expect(asked).toContain("Texto de Reclamos.");
  expect(asked).toContain('"model":"gpt-6.1-terra"');
  await app.api.patch(`${prompts}/${byTeam.id}`, { isPaused: true });
  expect((await ask("51900000002", "¿sigues ahí?")).run.prompt).toBe(`${byNumber.id}:1`);
});

test("what nobody knows is refused, what somebody else has changed meanwhile too, and agents may not look", async () => {
  const unknown = await app.api.post(prompts, { name: "Mal", text: "Hola {{contact.password}}" });
  expect(unknown.status).toBe(422);
  expect(unknown.body).toMatchObject({ details: [{ path: "body.text" }] });
  const { id, version } = await post("", { name: "Dos manos", text: "uno" });
  expect((await app.api.put(`${prompts}/${id}/draft`, { text: "dos", version })).status).toBe(200);
  const late = await app.api.post(`${prompts}/${id}/publish`, { version });
  expect(late).toMatchObject({ status: 409, body: { code: "request.stale" } });
  expect((await app.api.post(`${prompts}/${id}/roll-back`, { number: 7 })).status).toBe(404);
  await post(`/${id}/publish`);
  expect(await app.api.post(`${prompts}/${id}/publish`, {})).toMatchObject({ status: 409, body: { code: "assistant.no-draft" } });
  const zone = { from: "20:00", to: "08:00", zone: "Luna/Mar" };
  expect((await app.api.post(prompts, { name: "Noche", text: "x", between: zone })).status).toBe(422);
  const agent = await hire(app, { email: "ines@example.com", role: "agent" });
  expect((await agent.api.get(prompts)).status).toBe(403);
});

test("the hour decides, over midnight too, and only what is published and not paused", () => {
  const at = (time: string) => Date.parse(`2026-11-20T${time}:00-05:00`);
  const prompt = (name: string, more: object) =>
    ({
      _id: name,
      name,
      channels: [],
      teams: [],
      when: "always",
      between: null,
      isPaused: false,
      published: { number: 1, text: name, model: null, at: new Date(0) },
      ...more,
    }) as never;
  const all = [
    prompt("day", {}),
    prompt("night", { between: { from: "20:00", to: "08:00", zone: "America/Lima" } }),
    prompt("closed", { when: "closed" }),
    prompt("paused", { teams: ["t"], isPaused: true }),
    prompt("draft", { teams: ["t"], published: null }),
  ];
  const chosen = (time: string, isOpen = true) =>
    choosePrompt(all, { channel: "c", team: "t", isOpen, at: at(time) })?.prompt ?? null;
  expect([chosen("12:00"), chosen("20:00"), chosen("07:59"), chosen("08:00"), chosen("12:00", false)]).toEqual([
    "day",
    "night",
    "night",
    "day",
    "closed",
  ]);
  expect(choosePrompt([], { channel: "c", team: null, isOpen: true, at: 0 })).toBeNull();
});

test("texts: variables, hours and differences", () => {
  expect(unknownVariables("{{company.name}} {{x.y}} {{ x.y | z }}")).toEqual(["x.y"]);
  expect(fillPrompt("{{company.name|Sol}} {{agent.name|nadie}}", {})).toEqual({
    text: "Sol {{agent.name}}",
    variables: { "agent.name": "nadie" },
  });
  expect(putValues("Hola {{contact.name}}, {{precio}}", { "contact.name": "Rosa" })).toBe("Hola Rosa, {{precio}}");
  const week = [[], ...Array(5).fill([{ from: "09:00", to: "18:00" }]), []];
  expect(describeHours({ zone: "America/Lima", week, holidays: [{ date: "12-25", spans: [] }] })).toBe(
    "Mon-Fri 09:00-18:00; Sat, Sun closed; 12-25 closed (America/Lima)",
  );
  const words = (before: string, after: string) => diffLines(before, after).map(({ kind, text }) => `${kind[0]}${text}`);
  expect(words("a\nb\nc\nd", "a\nc\nx\nd")).toEqual(["sa", "rb", "sc", "ax", "sd"]);
  expect(words("a", "b")).toEqual(["ra", "ab"]);
});
