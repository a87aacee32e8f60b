/** The assistant as one thing: its connection to a provider, and what people have set about it, read anew for every turn. */
import { type Assistant, createAssistant } from "./ai/assistant";
import { type AiConnection, createAiPort } from "./ai/connection";
import { createModerate } from "./ai/moderation";
import { redactPersonalData } from "./ai/personal-data";
import { startSandboxOpenAI } from "./ai/sandbox/server";
import type { Config } from "./config/env";
import type { Clock } from "./core/clock";
import { shortHash } from "./core/id";
import type { Log } from "./core/log";
import { assistantSettings } from "./features/settings/assistant-settings";
import type { SettingsService } from "./features/settings/setting.service";
import type { TurnSettings } from "./flow";

export interface AssistantDeps {
  config: Config;
  settings: SettingsService;
  /** Milliseconds the sandbox assistant takes to answer. */
  latencyMs?: number | undefined;
  /** Name of the number, for an assistant nobody has named a business for. */
  channelName: string;
  clock: Clock;
  log: Log;
}

export async function openAssistant(deps: AssistantDeps) {
  const { config, settings, channelName, clock, log } = deps;
  const now = () => settings.get(assistantSettings);
  const closers: (() => unknown)[] = [];
  const connection = await connect();
  const assistant = connection && speak(connection);

  function speak(to: AiConnection): Assistant {
    return createAssistant({
      port: createAiPort(to, { clock, log }),
      moderate: createModerate(to, { clock, log }),
      redact: (text) => (now().redaction ? redactPersonalData(text) : text),
      clock,
      log,
    });
  }

  /** The environment's provider, or the sandbox's. */
  async function connect(): Promise<AiConnection | null> {
    const { enabled, apiKey, baseUrl, model } = config.assistant;
    if (!enabled) return null;
    if (apiKey || baseUrl) return { apiKey: apiKey ?? "none", ...(baseUrl ? { baseUrl } : {}), model };
    if (!config.sandbox) return null;
    const fake = await startSandboxOpenAI({
      log: log.child({ part: "sandbox-assistant" }),
      clock,
      ...(deps.latencyMs === undefined ? {} : { latencyMs: deps.latencyMs }),
    });
    closers.push(() => fake.stop());
    return { apiKey: fake.apiKey, baseUrl: fake.url, model: fake.model, provider: "sandbox" };
  }

  return {
    assistant,
    turnSettings: () => turnSettings(now(), channelName),
    async stop() {
      for (const close of closers) await close();
    },
  };
}

/** What the settings mean for one turn. */
function turnSettings(values: typeof assistantSettings.defaults, channelName: string): TurnSettings {
  const { persona, language, timeZone, models, moderation, modelCalls, toolCalls, turnSeconds, maxOutputTokens } = values;
  const [model, fallbackModel] = models;
  return {
    business: {
      name: values.businessName || channelName,
      ...(persona && { persona }),
      ...(language && { language }),
      ...(timeZone && { timeZone }),
    },
    ...(model !== undefined && { model }),
    ...(fallbackModel !== undefined && { fallbackModel }),
    rules: values,
    moderated: moderation,
    limits: { modelCalls, toolCalls, turnMs: turnSeconds * 1_000, maxOutputTokens },
    // The provider's cache is shared by the conversations that share this text.
    cacheKey: `assistant-${shortHash(JSON.stringify([values.businessName, persona, language]))}`,
  };
}
