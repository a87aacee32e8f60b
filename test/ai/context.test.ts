/** Which messages a call carries and when old ones become a summary; and that this costs at least 70 % fewer input tokens. */
import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { COMPACTION, type HistoryEntry, needsCompaction, planCompaction, selectHistory } from "../../src/ai/context";
import { staticText } from "../../src/ai/prompt";
import type { SandboxAnswer } from "../../src/ai/sandbox/dialogue";
import { estimateTokens } from "../../src/ai/token-estimate";
import { BUILT_IN_TOOLS, defineTool, toolSpec } from "../../src/ai/tools";
import { ARTICLES, CLINIC_TURNS } from "./clinic-conversation";
import { NOW, never, openWorld, turnOf, type World } from "./sandbox-world";

const messages = (count: number, text = "hola"): HistoryEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    role: index % 2 ? "assistant" : "user",
    text: `${text} ${index}`,
    at: NOW - count + index,
  }));

describe("when to compact", () => {
  test("at sixteen messages, not at fifteen", () => {
    expect(needsCompaction(messages(15), NOW)).toBe(false);
    expect(needsCompaction(messages(16), NOW)).toBe(true);
  });

  test("earlier when the messages are long", () => {
    expect(needsCompaction(messages(8, "palabra ".repeat(400)), NOW)).toBe(true);
    expect(needsCompaction(messages(6, "palabra ".repeat(400)), NOW)).toBe(false);
  });

  test("after a day of silence, when there is something to fold", () => {
    const late = NOW + COMPACTION.idleMs + 1;
    expect(needsCompaction(messages(5), late)).toBe(true);
    expect(needsCompaction(messages(4), late)).toBe(false);
    expect(needsCompaction([], late)).toBe(false);
  });

  test("the last six messages stay word for word, four after a day", () => {
    const history = messages(16);
    expect(planCompaction(history, NOW)).toEqual({ fold: history.slice(0, 10), keep: history.slice(10) });
    expect(planCompaction(history, NOW + COMPACTION.idleMs + 1).keep).toEqual(history.slice(12));
    expect(planCompaction(history.slice(0, 3), NOW).fold).toEqual([]);
  });
});

describe("what a call carries while a compaction is late", () => {
  test("everything up to 26 messages, then a start that moves in steps of ten", () => {
    expect(selectHistory(messages(26))).toHaveLength(26);
    const starts = [27, 30, 36, 37, 46].map((count) => count - selectHistory(messages(count)).length);
    expect(starts).toEqual([10, 10, 10, 20, 20]);
  });

  test("never more than the token bound, and always the newest message", () => {
    const long = messages(12, "palabra ".repeat(1_500));
    const selected = selectHistory(long);
    expect(selected.length).toBeLessThan(12);
    expect(selected.at(-1)).toBe(long.at(-1)!);
    expect(selected.reduce((sum, { text }) => sum + estimateTokens(text), 0)).toBeLessThanOrEqual(8_000);
    expect(selectHistory([{ role: "user", text: "palabra ".repeat(20_000), at: 1 }])).toHaveLength(1);
  });
});

describe("the summary", () => {
  test("folds the older messages into the notes and tells how many", async () => {
    await using world = await openWorld();
    const history = messages(16, "quiero talla 38");
    const { summary, folded, run } = await world
      .assistantOn("responses")
      .summarise({ summary: "Facts:\n- Ana", history, now: NOW }, never());
    expect(folded).toBe(10);
    expect(summary).toContain("- Ana");
    expect(summary).toContain("quiero talla 38 8");
    expect(summary).not.toContain("quiero talla 38 10");
    expect(run).toMatchObject({ calls: 1, costMicros: 0 });
  });

  test("a provider that fails leaves no half summary", async () => {
    await using world = await openWorld();
    for (const kind of ["server-error", "refusal", "content-filter", "hang"] as const) {
      world.sandbox.faults = { kind };
      const failed: unknown = await world
        .assistantOn("responses", { turnMs: 50 })
        .summarise({ history: messages(16), now: NOW }, never())
        .catch((error: unknown) => error);
      expect(failed).toMatchObject({ name: "AiError", run: { calls: expect.any(Number) } });
    }
  });

  test("nothing to fold asks nobody", async () => {
    await using world = await openWorld();
    expect(
      await world.assistantOn("responses").summarise({ summary: "s", history: messages(4), now: NOW }, never()),
    ).toMatchObject({
      summary: "s",
      folded: 0,
      run: { calls: 0 },
    });
    expect(world.sandbox.requests).toEqual([]);
  });
});

/** The three best passages, as a knowledge base gives them: the one that answers first. */
function passagesFor(query: string): object {
  const topics = Object.keys(ARTICLES) as (keyof typeof ARTICLES)[];
  const ranked = topics.sort((a, b) => Number(b === query) - Number(a === query)).slice(0, 3);
  return { passages: ranked.map((topic) => ({ source: topic, text: ARTICLES[topic] })) };
}

const searchKnowledge = defineTool({
  name: "search_knowledge",
  description: "Searches the articles of the clinic.",
  parameters: Type.Object({ query: Type.String() }, { additionalProperties: false }),
  effect: "read",
  execute: async ({ query }) => passagesFor(query),
});
const business = { name: "Clínica Sonrisa", persona: "Dental clinic in Lima. Kind and precise.", language: "es" };

/** What the model says in a turn: the look-up first, where there is one. */
const scriptOf = ({ assistant, looksUp }: (typeof CLINIC_TURNS)[number]): SandboxAnswer[] => [
  ...(looksUp ? [{ calls: [{ name: "search_knowledge", arguments: JSON.stringify({ query: looksUp }) }] }] : []),
  { text: assistant },
];

/** Baseline: an append-only thread. Every message, tool call and tool result of earlier turns is sent again with each call. */
async function appendOnlyTokens({ sandbox }: World): Promise<number> {
  const tools = [searchKnowledge, ...BUILT_IN_TOOLS].map((tool) => {
    const { name, description, schema } = toolSpec(tool);
    return { type: "function", name, description, parameters: schema, strict: true };
  });
  const input: object[] = [{ role: "developer", content: [{ type: "input_text", text: staticText(business) }] }];
  let tokens = 0;
  for (const turn of CLINIC_TURNS) {
    input.push({ role: "user", content: turn.customer });
    const answers = scriptOf(turn);
    sandbox.script(answers);
    for (const { calls } of answers) {
      const response = await fetch(`${sandbox.url}/responses`, {
        method: "POST",
        headers: { authorization: `Bearer ${sandbox.apiKey}` },
        body: JSON.stringify({ model: "m", store: false, input, tools }),
      });
      const body = (await response.json()) as { output: { type: string; call_id?: string }[]; usage: { input_tokens: number } };
      tokens += body.usage.input_tokens;
      input.push(...body.output);
      if (calls) {
        const { call_id } = body.output.find(({ type }) => type === "function_call")!;
        input.push({ type: "function_call_output", call_id, output: JSON.stringify(passagesFor(turn.looksUp!)) });
      }
    }
  }
  return tokens;
}

/** Ours: notes, at most fifteen messages and no old tool results; the calls that write the notes are counted too. */
async function compactedTokens(world: World): Promise<{ tokens: number; calls: number; summaries: number }> {
  const assistant = world.assistantOn("responses");
  let history: HistoryEntry[] = [];
  let summary: string | undefined;
  const total = { tokens: 0, calls: 0, summaries: 0 };
  const add = ({ usage, calls }: { usage: { input: number }; calls: number }) => {
    total.tokens += usage.input;
    total.calls += calls;
  };
  for (const [index, turn] of CLINIC_TURNS.entries()) {
    const now = NOW + index * 60_000;
    world.sandbox.script(scriptOf(turn));
    const result = await assistant.reply(
      turnOf(turn.customer, { business, history, now, tools: [searchKnowledge], ...(summary && { summary }) }),
      never(),
    );
    expect(result).toMatchObject({ kind: "reply", text: turn.assistant });
    add(result.run);
    history.push({ role: "user", text: turn.customer, at: now }, { role: "assistant", text: turn.assistant, at: now });
    if (!needsCompaction(history, now)) continue;
    const compacted = await assistant.summarise({ history, now, ...(summary && { summary }) }, never());
    add(compacted.run);
    total.summaries++;
    summary = compacted.summary;
    history = history.slice(compacted.folded);
  }
  return total;
}

test("40 turns cost at least 70 % fewer input tokens than the append-only history", async () => {
  expect(CLINIC_TURNS).toHaveLength(40);
  expect(CLINIC_TURNS.filter(({ looksUp }) => looksUp)).toHaveLength(23);
  await using world = await openWorld();
  const baseline = await appendOnlyTokens(world);
  const ours = await compactedTokens(world);
  expect(ours.calls).toBe(63 + ours.summaries);
  expect(ours.summaries).toBeGreaterThan(3);
  const saved = 1 - ours.tokens / baseline;
  console.log(
    `input tokens of 40 turns (estimated): append-only history ${baseline}, compacted ${ours.tokens}, saved ${(saved * 100).toFixed(1)} %`,
  );
  expect(saved).toBeGreaterThanOrEqual(0.7);
});
