/**
 * `npm run bench -- assistant`: what a chat of 40 turns costs in input tokens, with notes instead of old messages, and as an append-only
 * thread, which is what a conversation kept at a provider sends. Tokens are counted by the sandbox provider, not billed.
 */
import { Type } from "@sinclair/typebox";
import { createAssistant } from "../../ai/assistant";
import { createAiPort } from "../../ai/connection";
import { type HistoryEntry, needsCompaction } from "../../ai/context";
import { findPrice } from "../../ai/cost";
import { staticText } from "../../ai/prompt";
import type { SandboxAnswer } from "../../ai/sandbox/dialogue";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../ai/sandbox/server";
import { BUILT_IN_TOOLS, defineTool, toolSpec } from "../../ai/tools";
import { systemClock } from "../../core/clock";
import { type Log, silentLog } from "../../core/log";
import { ARTICLES, CLINIC_TURNS } from "./clinic-conversation";
import { writeJson } from "./report";
import type { Suite } from "./suite";

const NOW = Date.UTC(2026, 10, 20, 15, 30);
const never = (): AbortSignal => new AbortController().signal;

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
async function appendOnlyTokens(sandbox: SandboxOpenAI): Promise<number> {
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
async function compactedTokens(
  sandbox: SandboxOpenAI,
  log: Log,
): Promise<{ tokens: number; calls: number; summaries: number; wrong: string[] }> {
  const connection = { apiKey: sandbox.apiKey, baseUrl: sandbox.url, model: sandbox.model, provider: "sandbox" as const };
  const port = createAiPort({ ...connection, wire: "responses" }, { clock: systemClock, log });
  const assistant = createAssistant({ port, clock: systemClock, log });
  let history: HistoryEntry[] = [];
  let summary: string | undefined;
  const total = { tokens: 0, calls: 0, summaries: 0, wrong: [] as string[] };
  const add = ({ usage, calls }: { usage: { input: number }; calls: number }) => {
    total.tokens += usage.input;
    total.calls += calls;
  };
  for (const [index, turn] of CLINIC_TURNS.entries()) {
    const now = NOW + index * 60_000;
    sandbox.script(scriptOf(turn));
    const result = await assistant.reply(
      {
        turnId: `bench-${index}`,
        business,
        contact: { name: "Ana" },
        history,
        incoming: [{ text: turn.customer, at: now, type: "text" }],
        tools: [searchKnowledge],
        ...(summary && { summary }),
        cacheKey: "assistant-1",
        safetyId: "customer-hash",
        now,
      },
      never(),
    );
    if (result.kind !== "reply" || result.text !== turn.assistant) total.wrong.push(turn.customer);
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

/** Both ways through the same conversation. `wrong`: turns whose answer was not the prepared one. */
export async function measureClinic(): Promise<{
  appendOnly: number;
  compacted: number;
  calls: number;
  summaries: number;
  wrong: string[];
}> {
  const sandbox = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0 });
  try {
    const appendOnly = await appendOnlyTokens(sandbox);
    const { tokens, ...rest } = await compactedTokens(sandbox, silentLog);
    return { appendOnly, compacted: tokens, ...rest };
  } finally {
    await sandbox.stop();
  }
}

const PRICED_AS = "gpt-6-luna";

export const assistant: Suite = {
  summary: "input tokens of a chat of 40 turns, compacted and append-only",
  flags: {},
  quick: {},
  async run({ out, tell }) {
    const { appendOnly, compacted, calls, summaries } = await measureClinic();
    const price = findPrice(PRICED_AS, NOW);
    // Call by call: none of them is long enough for the price of long contexts.
    const dollars = (input: number) => ((price?.input ?? 0) * input) / 1_000_000;
    const saved = 1 - compacted / appendOnly;
    tell(`40 turns, 23 of them with a look into the knowledge, ${calls} calls, ${summaries} of them for notes`);
    tell(`append-only  ${appendOnly} input tokens  $${dollars(appendOnly).toFixed(5)} as ${PRICED_AS}, nothing cached`);
    tell(`compacted    ${compacted} input tokens  $${dollars(compacted).toFixed(5)} as ${PRICED_AS}, nothing cached`);
    tell(`saved        ${(saved * 100).toFixed(1)} % (tokens as the sandbox counts them)`);
    await writeJson(out, "assistant", { appendOnly, compacted, calls, summaries, saved });
  },
};
