/** Replays: past turns with something changed, nothing sent; and golden conversations that keep a bad draft from being published. */
import { afterAll, beforeAll, expect, setDefaultTimeout, spyOn, test } from "bun:test";
import { replay as replayCommand } from "../../../src/commands/replay";
import type { PromptView } from "../../../src/features/ai-prompts/ai-prompt.schema";
import type { GoldenView, ReplayItemView, ReplayView, TrialView } from "../../../src/features/ai-replays/ai-replay.schema";
import { checkAnswer } from "../../../src/features/ai-replays/answer-checks";
import { readCase } from "../../../src/features/ai-replays/golden-case";
import type { RunView } from "../../../src/features/ai-runs/ai-run.schema";
import { type ScriptedProvider, startScriptedProvider, toolCall } from "../../ai/scripted-provider";
import { hire, makeRole } from "../../helpers/people";
import { tempDir } from "../../helpers/temp-dir";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

let provider: ScriptedProvider;
let app: TestApp;
const dir = tempDir();
const open = () => createTestApp({ env: provider.env, dataDir: `${dir.path}/data` });
beforeAll(async () => {
  provider = await startScriptedProvider();
  app = await open();
  const price = { input: 0.1, cached: 0.01, cacheWrite: 0.125, cacheWrite12h: 0.25, output: 0.5 };
  const rows = [{ model: provider.ai.model, effectiveFrom: "2026-01-02", source: "assumed", ...price }];
  expect((await app.api.patch("/settings/assistant-prices", { version: 0, values: { rows } })).status).toBe(200);
  for (const [index, text] of ["¿tienen mantas?", "¿hasta qué hora abren?", "¿hacen envíos?"].entries()) {
    await app.receive({ from: `5190000010${index}`, id: `wamid.replay.${index}`, text });
    await until(() => app.graph.sent.length > index, { what: "the answer" });
  }
  await app.receive({ from: "51900000109", id: "wamid.replay.9", text: "quiero hablar con una persona" });
  await until(async () => (await runs()).length === 4 && app.graph.sent.length === 4, { what: "four runs" });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await provider.ai.stop();
  dir[Symbol.dispose]();
});

const runs = () => app.api.data<RunView[]>("/assistant/runs?limit=100");
const start = async (body: object): Promise<ReplayView> => {
  const made = await app.api.post<ReplayView>("/assistant/replays", { last: 10, maxMicros: 1_000_000, ...body });
  expect(made.body).toMatchObject({ success: true });
  return made.body.data;
};
const state = (id: string) => app.api.data<ReplayView>(`/assistant/replays/${id}`);
const ended = (id: string, wanted = "done") =>
  until(
    async () => {
      const now = await state(id);
      return now.state === wanted ? now : null;
    },
    { what: `the replay to be ${wanted}` },
  );
const items = (id: string, query = "") => app.api.data<ReplayItemView[]>(`/assistant/replays/${id}/items?limit=100${query}`);
const draft = async (name: string, text: string): Promise<PromptView> =>
  (await app.api.post<PromptView>("/assistant/prompts", { name, text })).body.data;

test("with nothing changed everything comes out the same, twice, and nothing is sent", async () => {
  const sent = app.graph.sent.length;
  const before = await runs();
  let last = "";
  for (let round = 0; round < 2; round++) {
    const { id, total } = await start({});
    expect(total).toBe(4);
    last = id;
    const now = await ended(id);
    expect(now.sums).toMatchObject({ same: 4, failed: 0, handOffsBefore: 1, handOffsAfter: 1, judged: 0 });
    // To the micro-dollar: the cost of the runs, recounted.
    expect(now.sums.costBefore).toBe(before.reduce((sum, { costMicros }) => sum + (costMicros ?? 0), 0));
    expect(now).toMatchObject({ done: 4, isEvidence: false });
    expect(now.models).toContain(`sandbox/${provider.ai.model}`.replace("sandbox/", "compatible/"));
  }
  expect((await items(last)).map(({ question }) => question)).toContain("¿tienen mantas?");
  expect(app.graph.sent).toHaveLength(sent);
  expect(await runs()).toEqual(before);
});

test("a draft prompt: what differs is shown line by line, judged with the judge's name, and tools leave nothing behind", async () => {
  await app.api.post("/labels", { name: "vip" });
  const { id: prompt } = await draft("Replay", "Eres Inti de {{company.name|Sol}}.");
  provider.next(
    { calls: [toolCall("label_conversation", { add: ["vip"], remove: [] }), toolCall("set_priority", { priority: "urgent" })] },
    { text: "Claro que sí:\ncuesta 4321 soles, vea https://inventado.example" },
  );
  const { id } = await start({ prompt: { id: prompt, side: "draft" }, judge: true });
  const now = await ended(id);
  expect(now.change.prompt).toEqual({ id: prompt, side: "draft" });
  expect(now.sums).toMatchObject({ same: 3, judged: 1, checksFailedAfter: 1 });
  const [different] = await items(id, "&only=different");
  expect(different?.after?.answer).toContain("4321");
  expect(different?.diff.some(({ kind }) => kind === "added")).toBe(true);
  expect(different?.after?.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([
    "no-invented-numbers",
    "no-invented-links",
  ]);
  expect(different?.judged?.model).toBe(provider.ai.model);
  expect(provider.ai.requests.some(({ body }) => /Eres Inti de [^{}]+\./.test(JSON.stringify(body)))).toBe(true);
  const conversations = await app.api.data<{ labels: string[]; priority: string }[]>("/conversations?limit=50");
  expect(conversations.every(({ labels, priority }) => labels.length === 0 && priority === "normal")).toBe(true);
});

test("it pauses when its money is used up, goes on with more, and can be paused and ended by people", async () => {
  const { id } = await start({ maxMicros: 1 });
  const paused = await ended(id, "paused");
  expect(paused.reason).toBe("budget");
  expect(await app.api.post(`/assistant/replays/${id}/resume`, {})).toMatchObject({
    status: 409,
    body: { code: "assistant.replay-budget" },
  });
  expect((await app.api.post(`/assistant/replays/${id}/resume`, { maxMicros: 1_000_000 })).status).toBe(200);
  expect((await ended(id)).done).toBe(4);
  expect((await app.api.post(`/assistant/replays/${id}/pause`, {})).status).toBe(409);
  provider.ai.faults = { kind: "none", latencyMs: 400 };
  const slow = await start({});
  expect((await app.api.post(`/assistant/replays/${slow.id}/pause`, {})).body).toMatchObject({
    data: { state: "paused", reason: "person" },
  });
  expect((await app.api.post(`/assistant/replays/${slow.id}/cancel`, {})).body).toMatchObject({ data: { state: "cancelled" } });
  provider.ai.faults = { kind: "none", latencyMs: 0 };
});

test("a provider that fails is told answer by answer", async () => {
  provider.ai.faults = { kind: "refused-key" };
  const { id } = await start({});
  const now = await ended(id);
  // The hand-off on request needs no model.
  expect(now.sums).toMatchObject({ failed: 3, same: 1 });
  expect((await items(id, "&only=failed")).length).toBe(3);
  provider.ai.faults = { kind: "none" };
});

test("a replay goes on after the server was stopped in the middle of it, each answer once", async () => {
  provider.ai.faults = { kind: "none", latencyMs: 1_500 };
  const { id } = await start({});
  await until(async () => (await state(id)).state === "running", { what: "the replay" });
  await app.stop();
  provider.ai.faults = { kind: "none", latencyMs: 0 };
  app = await open();
  const now = await ended(id);
  expect(now).toMatchObject({ done: 4, total: 4 });
  expect((await items(id)).every(({ state: one }) => one === "done")).toBe(true);
});

test("a golden conversation recorded from the inbox gates publishing", async () => {
  const [run] = (await runs()).filter(({ outcome }) => outcome === "reply");
  const recorded = await app.api.post<GoldenView>("/assistant/goldens/record", { run: run?.id, name: "mantas" });
  expect(recorded.body).toMatchObject({ success: true });
  const golden = recorded.body.data;
  expect(readCase(golden.yaml)).toMatchObject({ messages: [expect.any(String)], expect: { outcome: "reply" } });
  const yaml = `messages:\n  - ¿Cuánto cuesta la manta?\nknowledge:\n  - title: Mantas\n    text: La manta cuesta 80 soles.\nexpect:\n  outcome: reply\n  includes: ["80 soles"]\n  excludes: ["descuento"]\n`;
  expect((await app.api.patch(`/assistant/goldens/${golden.id}`, { yaml })).status).toBe(200);
  const { id } = await draft("Con pruebas", "Eres Inti.");
  provider.next({ text: "Cuesta 95 soles con descuento." });
  const refused = await app.api.post(`/assistant/prompts/${id}/publish`, {});
  expect(refused).toMatchObject({ status: 409, body: { code: "assistant.tests-failed" } });
  expect(JSON.stringify(refused.body)).toContain("80 soles");
  expect((await app.api.data<PromptView>(`/assistant/prompts/${id}`)).published).toBeNull();
  // The sandbox answers from the passage.
  expect((await app.api.post(`/assistant/prompts/${id}/publish`, {})).status).toBe(200);
  const played = await app.api.post<{ ok: boolean; isEvidence: boolean }>("/assistant/goldens/run", {});
  expect(played.body.data).toMatchObject({ ok: true, isEvidence: false });
  for (const wrong of ["messages: [", "messages: []\nexpect: {}", "messages: [hola]\nexpect: {}\nid: x"])
    expect((await app.api.post("/assistant/goldens", { name: "mal", yaml: `${wrong}\n# padding` })).status).toBe(422);
  expect((await app.api.delete(`/assistant/goldens/${golden.id}`)).status).toBe(200);
});

test("chosen golden conversations are played alone, also those that are switched off", async () => {
  const yaml = "messages:\n  - hola\nexpect:\n  outcome: reply\n";
  const made = await Promise.all(
    ["uno", "dos"].map((name) => app.api.post<GoldenView>("/assistant/goldens", { name, yaml, isEnabled: false })),
  );
  const [first, second] = made.map(({ body }) => body.data.id);
  const play = async (body: object) =>
    (await app.api.post<{ results: { name: string }[] }>("/assistant/goldens/run", body)).body.data.results.map(
      ({ name }) => name,
    );
  expect(await play({ only: [second] })).toEqual(["dos"]);
  expect(await play({})).toEqual([]);
  await Promise.all([first, second].map((id) => app.api.delete(`/assistant/goldens/${id}`)));
});

test("a text is tried out before it is kept: answer, calls, checks and what it cost; nothing is sent", async () => {
  const [sent, before] = [app.graph.sent.length, await runs()];
  provider.next({ text: "Cuesta 4321 soles." });
  const history = [
    { role: "customer", text: "hola" },
    { role: "assistant", text: "Hola, soy Inti." },
  ];
  const body = { text: "Eres Inti de {{company.name|Sol}}.", history, message: "¿cuánto cuesta la manta?" };
  const tried = await app.api.post<TrialView>("/assistant/trial", body);
  expect(tried.body.data).toMatchObject({ outcome: "reply", answer: "Cuesta 4321 soles.", isEvidence: false });
  expect(tried.body.data.costMicros).toBeGreaterThan(0);
  expect(tried.body.data.modelCalls).toMatchObject([{ model: provider.ai.model, ok: true, at: expect.any(Number) }]);
  expect(tried.body.data.checks).toContainEqual({ name: "no-invented-numbers", ok: false, detail: "4321" });
  const asked = JSON.stringify(provider.ai.requests.at(-1)?.body);
  for (const words of ["Eres Inti de", "Hola, soy Inti.", "la manta"]) expect(asked).toContain(words);
  expect(app.graph.sent).toHaveLength(sent);
  expect(await runs()).toEqual(before);
  const today = new Date().toISOString().slice(0, 10);
  const { rows } = await app.api.data<{ rows: { key: string }[] }>(`/assistant/usage?from=${today}&to=${today}&by=kind`);
  expect(rows.map(({ key }) => key)).toContain("trial");
  expect(await app.api.post("/assistant/trial", { ...body, text: "{{contact.nick}}" })).toMatchObject({ status: 422 });
  provider.ai.faults = { kind: "refused-key" };
  expect(await app.api.post("/assistant/trial", body)).toMatchObject({
    status: 502,
    body: { code: "assistant.provider-failed" },
  });
  provider.ai.faults = { kind: "none" };
});

test("from the command line: progress, the models, and that the sandbox proves nothing", async () => {
  process.env.DATA_DIR = app.dataDir;
  const shown = spyOn(console, "log").mockImplementation(() => {});
  try {
    await draft("Desde consola", "Eres Killa.");
    expect(await replayCommand.run(["--last", "2", "--prompt", "Desde consola:draft", "--budget", "0.5"])).toBe(0);
    const said = shown.mock.calls.join("\n");
    expect(said).toContain("2 of 2");
    expect(said).toContain(provider.ai.model);
    expect(said).toContain("no evidence of quality");
    expect(replayCommand.run(["--prompt", "nobody"])).rejects.toThrow('There is no prompt "nobody"');
    expect(replayCommand.run(["--last", "0"])).rejects.toThrow("--last needs a number");
  } finally {
    shown.mockRestore();
    delete process.env.DATA_DIR;
  }
});

test("whoever does not see every conversation may not replay, and erasing somebody takes their rows along", async () => {
  await makeRole(app, { name: "trainer", permissions: ["assistant.manage", "conversations.read"], reach: "own" });
  const trainer = await hire(app, { email: "tito@example.com", role: "trainer" });
  expect((await trainer.api.post("/assistant/replays", { last: 1, maxMicros: 1 })).status).toBe(403);
  const [replay] = await app.api.data<ReplayView[]>("/assistant/replays");
  const rows = await items(replay?.id ?? "");
  const [run] = (await runs()).filter(({ id }) => id === rows[0]?.run);
  await app.api.post(`/data-protection/contacts/${run?.contact}/erase`, {});
  await until(async () => (await items(replay?.id ?? "")).length === rows.length - 1, { what: "the erasure" });
});

test("checks that need no model", () => {
  const facts = {
    outcome: "reply",
    known: ["La manta cuesta 1,200.00 soles"],
    incoming: ["¿precio?"],
    hasKnowledge: true,
    citations: 1,
  };
  const failed = (answer: string, more = {}) =>
    checkAnswer({ ...facts, answer, ...more })
      .filter(({ ok }) => !ok)
      .map(({ name }) => name);
  expect(failed("Cuesta 1200 soles.")).toEqual([]);
  expect(failed("Cuesta 1250 soles.")).toEqual(["no-invented-numbers"]);
  expect(failed("", { citations: 0 })).toEqual(["answered", "grounded"]);
  expect(failed("x".repeat(2_000))).toEqual(["short"]);
});
