/** The sandbox provider with answers prepared for the turns alone: summaries of long conversations, which come when they come, take none of them. */
import { answerOf } from "../../src/ai/sandbox/brain";
import type { SandboxAnswer } from "../../src/ai/sandbox/dialogue";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../src/ai/sandbox/server";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";

export interface ScriptedProvider {
  ai: SandboxOpenAI;
  /** The next answers of turns, in order. */
  next(...answers: SandboxAnswer[]): void;
  /** The newest request of a turn, as JSON. */
  asked(): string;
  /** What the model was told about its own calls in that request. */
  results(): string[];
  env: Record<string, string>;
}

export async function startScriptedProvider(): Promise<ScriptedProvider> {
  const queue: SandboxAnswer[] = [];
  const ai = await startSandboxOpenAI({
    log: silentLog,
    clock: systemClock,
    latencyMs: 0,
    answer: (dialogue) => (dialogue.tools.length > 0 && queue.shift()) || answerOf(dialogue),
  });
  const body = () =>
    ai.requests.findLast(({ body }) => ((body as { tools?: unknown[] }).tools ?? []).length > 0)?.body as
      | { messages?: { role: string; content: string }[] }
      | undefined;
  return {
    ai,
    next: (...answers) => void queue.push(...answers),
    asked: () => JSON.stringify(body()),
    results: () => (body()?.messages ?? []).filter(({ role }) => role === "tool").map(({ content }) => content),
    env: { ASSISTANT: "auto", OPENAI_BASE_URL: ai.url, OPENAI_API_KEY: ai.apiKey, OPENAI_MODEL: ai.model },
  };
}

/** A tool call as a model writes it. */
export const toolCall = (name: string, args: object) => ({ name, arguments: JSON.stringify(args) });
