/** Which assistant answers: the configured provider, the sandbox's, or none. */
import { type Assistant, createAssistant } from "./ai/assistant";
import { createAiPort } from "./ai/connection";
import { startSandboxOpenAI } from "./ai/sandbox/server";
import type { Config } from "./config/env";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";

export interface OpenAssistantOptions {
  config: Config;
  /** Milliseconds the sandbox assistant takes to answer. */
  latencyMs: number | undefined;
  onStop: (close: () => unknown) => void;
  clock: Clock;
  log: Log;
}

export async function openAssistant({ config, latencyMs, onStop, clock, log }: OpenAssistantOptions): Promise<Assistant | null> {
  const { enabled, apiKey, baseUrl, model } = config.assistant;
  if (!enabled) return null;
  if (apiKey || baseUrl) {
    const port = createAiPort({ apiKey: apiKey ?? "none", ...(baseUrl ? { baseUrl } : {}), model }, { clock, log });
    return createAssistant({ port, clock, log });
  }
  if (!config.sandbox) return null;
  const fake = await startSandboxOpenAI({
    log: log.child({ part: "sandbox-assistant" }),
    clock,
    ...(latencyMs === undefined ? {} : { latencyMs }),
  });
  onStop(() => fake.stop());
  return createAssistant({
    port: createAiPort({ apiKey: fake.apiKey, baseUrl: fake.url, model: fake.model, provider: "sandbox" }, { clock, log }),
    clock,
    log,
  });
}
