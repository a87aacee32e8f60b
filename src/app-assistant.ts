/** The assistant and its provider: a real one, the sandbox's own, or none. Opened by app.ts. */
import { type Assistant, createAssistant } from "./ai/assistant";
import { createAiPort } from "./ai/connection";
import { startSandboxOpenAI } from "./ai/sandbox/server";
import type { Config } from "./config/env";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";

export interface OpenedAssistant {
  assistant: Assistant | null;
  /** The sandbox's provider, to be stopped. */
  fake: { stop(): unknown } | null;
}

export async function openAssistant(
  config: Pick<Config, "assistant" | "sandbox">,
  latencyMs: number | undefined,
  { clock, log }: { clock: Clock; log: Log },
): Promise<OpenedAssistant> {
  const { enabled, apiKey, baseUrl, model } = config.assistant;
  if (!enabled) return { assistant: null, fake: null };
  if (apiKey || baseUrl) {
    const port = createAiPort({ apiKey: apiKey ?? "none", ...(baseUrl ? { baseUrl } : {}), model }, { clock, log });
    return { assistant: createAssistant({ port, clock, log }), fake: null };
  }
  if (!config.sandbox) return { assistant: null, fake: null };
  const fake = await startSandboxOpenAI({
    log: log.child({ part: "sandbox-assistant" }),
    clock,
    ...(latencyMs === undefined ? {} : { latencyMs }),
  });
  const port = createAiPort({ apiKey: fake.apiKey, baseUrl: fake.url, model: fake.model, provider: "sandbox" }, { clock, log });
  return { assistant: createAssistant({ port, clock, log }), fake };
}
