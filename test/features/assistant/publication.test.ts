/** Publishing behind golden conversations and a slow model: nobody's request hangs, it is published once, and a killed process goes on. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { PromptView, PublicationView, PublishedView, VersionRow } from "../../../src/features/ai-prompts/ai-prompt.schema";
import type { UsageRow } from "../../../src/features/ai-runs/ai-run.schema";
import { type ScriptedProvider, startScriptedProvider } from "../../ai/scripted-provider";
import { type Journey, startJourney } from "../../flow/journey";
import { until } from "../../helpers/until";

setDefaultTimeout(90_000);

const TESTS = 12;
const yaml = "messages:\n  - ¿Cuánto cuesta la manta?\nexpect:\n  outcome: reply\n";

async function open(): Promise<{ provider: ScriptedProvider; journey: Journey; prompt: string }> {
  const provider = await startScriptedProvider();
  const journey = await startJourney(provider.env);
  for (let n = 0; n < TESTS; n++)
    expect((await journey.api.post("/assistant/goldens", { name: `manta ${n}`, yaml })).status).toBe(200);
  const { body } = await journey.api.post<PromptView>("/assistant/prompts", { name: "Ventas", text: "Eres Inti." });
  return { provider, journey, prompt: body.data.id };
}
const publish = (journey: Journey, id: string) => journey.api.post<PublishedView>(`/assistant/prompts/${id}/publish`, {});
const progress = (journey: Journey, id: string) =>
  journey.api.data<PublicationView | null>(`/assistant/prompts/${id}/publication`);
const promptOf = (journey: Journey, id: string) => journey.api.data<PromptView>(`/assistant/prompts/${id}`);
const turns = ({ ai }: ScriptedProvider) => ai.requests.filter(({ path }) => !path.includes("embeddings")).length;

test("the request comes back within seconds, progress is told, two who publish publish once, and a kill in the middle loses nothing", async () => {
  const { provider, journey, prompt } = await open();
  await using _ = journey;
  expect(await progress(journey, prompt)).toBeNull();
  provider.ai.faults = { kind: "none", latencyMs: 6_000 };
  const startedAt = performance.now();
  const [one, two] = await Promise.all([publish(journey, prompt), publish(journey, prompt)]);
  expect(performance.now() - startedAt).toBeLessThan(11_000);
  expect([one.status, two.status]).toEqual([202, 202]);
  expect(one.body.data.publication).toMatchObject({ state: "testing", total: TESTS });
  expect(two.body.data.publication?.id).toBe(one.body.data.publication?.id);
  expect((await promptOf(journey, prompt)).published).toBeNull();
  // The first six are through; the others are with the provider when the process dies.
  expect(await progress(journey, prompt)).toMatchObject({ state: "testing", done: 6 });
  await until(() => turns(provider) === TESTS, { what: "the second half" });
  await journey.killAndRestart();
  provider.ai.faults = { kind: "none", latencyMs: 0 };
  const end = await until(
    async () => {
      const now = await progress(journey, prompt);
      return now && now.state !== "testing" ? now : null;
    },
    { what: "the end of the tests", within: 30_000 },
  );
  expect(end).toMatchObject({ state: "published", done: TESTS, total: TESTS, failed: [] });
  // What was passed before is not played again.
  expect(turns(provider)).toBe(TESTS + 6);
  expect(await promptOf(journey, prompt)).toMatchObject({ published: { number: 1, text: "Eres Inti." }, draft: null });
  expect(await journey.api.data<VersionRow[]>(`/assistant/prompts/${prompt}/versions`)).toHaveLength(1);
  expect((await publish(journey, prompt)).body).toMatchObject({ code: "assistant.no-draft" });
  const day = new Date().toISOString().slice(0, 10);
  const { rows } = await journey.api.data<{ rows: UsageRow[] }>(`/assistant/usage?from=${day}&to=${day}&by=kind`);
  // Those that died with the process may have been billed: they are in the book, at an unknown price.
  expect(rows.find(({ key }) => key === "golden")).toMatchObject({ runs: TESTS + 6, calls: TESTS + 6, unpriced: 6 });
  await provider.ai.stop();
});

test("another draft meanwhile is not published by the old one's tests, and a test that fails refuses the draft with its reason", async () => {
  const { provider, journey, prompt } = await open();
  await using _ = journey;
  provider.ai.faults = { kind: "none", latencyMs: 1_500 };
  const first = publish(journey, prompt);
  await until(async () => (await progress(journey, prompt))?.state === "testing", { what: "the tests" });
  expect((await journey.api.put(`/assistant/prompts/${prompt}/draft`, { text: "Eres Killa." })).status).toBe(200);
  expect(await first).toMatchObject({ status: 409, body: { code: "request.stale" } });
  expect(await promptOf(journey, prompt)).toMatchObject({ published: null, draft: { text: "Eres Killa." } });
  provider.ai.faults = { kind: "refused-key" };
  const refused = await publish(journey, prompt);
  expect(refused).toMatchObject({ status: 409, body: { code: "assistant.tests-failed" } });
  expect(await progress(journey, prompt)).toMatchObject({ state: "failed", done: TESTS });
  expect((await progress(journey, prompt))?.failed[0]?.failures[0]).toContain("key");
  provider.ai.faults = { kind: "none", latencyMs: 0 };
  expect(await publish(journey, prompt)).toMatchObject({ status: 200, body: { data: { published: { text: "Eres Killa." } } } });
  await provider.ai.stop();
});
