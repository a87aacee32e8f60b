/** Voice notes and pictures become words: answered, shown, searched; tried again, within bounds, and no answer waits for them for long. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../src/ai/sandbox/server";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import type { MessageView } from "../../src/events/view";
import type { RunView, UsageRow } from "../../src/features/ai-runs/ai-run.schema";
import { createSandboxApp, type SandboxApp } from "../features/channels/sandbox-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

const WORDS = "quisiera una manta roja de alpaca";
const RECORDING = join(import.meta.dir, "../fixtures/media/half-second.ogg");
let ai: SandboxOpenAI;
let app: SandboxApp;
beforeAll(async () => {
  ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0, hear: () => WORDS });
  app = await createSandboxApp({
    env: { ASSISTANT: "auto", OPENAI_BASE_URL: ai.url, OPENAI_API_KEY: ai.apiKey, OPENAI_MODEL: ai.model },
  });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await ai.stop();
});

const heard = async () => (await app.thread()).filter(({ from }) => from === "business");
const after = async (work: () => Promise<unknown>) => {
  const before = (await heard()).length;
  await work();
  return until(async () => (await heard())[before], { what: "the answer" });
};
const speak = async () => app.plays({ type: "audio", voice: true, ...(await sound()) });
const sound = async () => ({
  mimeType: "audio/ogg; codecs=opus",
  data: Buffer.from(await Bun.file(RECORDING).arrayBuffer()).toString("base64"),
});
const set = async (values: object) => {
  const { version } = await app.api.data<{ version: number }>("/settings/assistant-hearing");
  expect((await app.api.patch("/settings/assistant-hearing", { version, values })).status).toBe(200);
};
const asked = (path: string) => ai.requests.filter((one) => one.path === path).length;

test("a voice note is answered by what was said in it, shown in the thread and found by the search; its cost is in the book", async () => {
  const price = { input: 0, cached: 0, cacheWrite: 0, cacheWrite12h: 0, output: 0, perMinute: 0.0123 };
  const row = { model: "gpt-transcribe", effectiveFrom: "2026-11-01", source: "assumed", ...price };
  const prices = (version: number, rows: object[]) => app.api.patch("/settings/assistant-prices", { version, values: { rows } });
  expect((await prices(0, [{ ...row, perMinute: 0.00000001 }])).status).toBe(422);
  expect((await prices(0, [row])).status).toBe(200);
  const reply = await after(speak);
  expect(reply.content.text).toContain("manta roja");
  const note = (await app.messages()).find(({ type }) => type === "audio") as MessageView;
  expect(note.attachments[0]?.fileDescription).toBe(WORDS);
  await until(async () => JSON.stringify(await app.api.data("/search?q=alpaca")).includes(note.id), { what: "the search" });
  const [run] = (await app.api.data<RunView[]>("/assistant/runs?limit=50")).filter(({ kind }) => kind === "hearing");
  expect(run).toMatchObject({ outcome: "transcript", model: "gpt-transcribe" });
  // Seconds by the price of a minute, to the micro-dollar.
  const { seconds } = { seconds: Math.max(1, Math.ceil((await Bun.file(RECORDING).arrayBuffer()).byteLength / 2_000)) };
  expect(run?.costMicros).toBe(Math.round((seconds / 60) * 12_300));
  const day = new Date().toISOString().slice(0, 10);
  const { rows } = await app.api.data<{ rows: UsageRow[] }>(`/assistant/usage?from=${day}&to=${day}&by=kind`);
  expect(rows.find(({ key }) => key === "hearing")).toMatchObject({ runs: 1, costMicros: run?.costMicros, unpriced: 0 });
});

test("a provider that fails is asked again, and the words come later", async () => {
  await set({ waitSeconds: 0 });
  ai.faults = { kind: "server-error", times: 3 };
  const before = asked("/v1/audio/transcriptions");
  await speak();
  await until(() => asked("/v1/audio/transcriptions") >= before + 2, { what: "the second try", within: 20_000 });
  await until(
    async () =>
      (await app.messages())
        .filter(({ type }) => type === "audio")
        .every(({ attachments }) => attachments[0]?.fileDescription === WORDS),
    {
      what: "the words",
    },
  );
});

test("an answer to a text beside a voice note waits no longer than is set", async () => {
  await set({ waitSeconds: 1 });
  ai.faults = { kind: "hang" };
  const startedAt = performance.now();
  const before = (await heard()).length;
  await speak();
  await app.plays({ type: "text", text: "¿y tienen gorros?" });
  // The provider hangs for the sound alone: what it is asked after the wait is answered.
  await until(() => asked("/v1/audio/transcriptions") > 0, { what: "the transcription" });
  await Bun.sleep(300);
  ai.faults = { kind: "none" };
  const reply = await until(async () => (await heard())[before], { what: "the answer", within: 8_000 });
  expect(reply.content.text).toContain("gorros");
  expect(performance.now() - startedAt).toBeLessThan(6_000);
  await set({ waitSeconds: 8 });
});

test("a key that is refused ends the tries at once, and switched off nothing is sent", async () => {
  await set({ waitSeconds: 1 });
  const before = asked("/v1/audio/transcriptions");
  ai.faults = { kind: "refused-key", times: 1 };
  await after(speak);
  expect(asked("/v1/audio/transcriptions")).toBe(before + 1);
  await set({ transcribe: false });
  await after(speak);
  expect(asked("/v1/audio/transcriptions")).toBe(before + 1);
  await set({ transcribe: true });
});

test("pictures are described only where that is wanted, on a wire that carries them", async () => {
  await after(() => app.plays({ type: "image", caption: "mi pedido" }));
  expect(JSON.stringify(ai.requests)).not.toContain("image_url");
  await set({ describe: true, waitSeconds: 8 });
  await after(() => app.plays({ type: "image", caption: "otra foto" }));
  expect(JSON.stringify(ai.requests)).toContain("image_url");
  const picture = (await app.messages()).findLast(({ type }) => type === "image") as MessageView;
  expect(picture).toMatchObject({ content: "otra foto" });
  expect(picture.attachments[0]?.fileDescription).toContain("Una imagen");
});
