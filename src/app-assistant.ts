/** The assistant as one thing: its connection to a provider, and what people have set about it, read anew for every turn. */
import type { ClientSession } from "mongoose";
import { type Assistant, createAssistant } from "./ai/assistant";
import { type AiConnection, createAiPort } from "./ai/connection";
import { probeConnection } from "./ai/connection-probe";
import { listModels } from "./ai/model-list";
import { createModerate } from "./ai/moderation";
import { redactPersonalData } from "./ai/personal-data";
import { PRICE_TABLE } from "./ai/price-table";
import { startSandboxOpenAI } from "./ai/sandbox/server";
import { defaults } from "./config/defaults";
import type { Config } from "./config/env";
import type { Auditor } from "./core/audit-port";
import type { Clock } from "./core/clock";
import { shortHash } from "./core/id";
import type { Log } from "./core/log";
import { createUrlGuard } from "./core/url-guard";
import type { EventBus } from "./events/bus";
import type { EventLog } from "./events/log";
import { aiRunModel } from "./features/ai-runs/ai-run.model";
import {
  type AssistantConnectionModel,
  assistantConnectionModel,
} from "./features/assistant-connection/assistant-connection.model";
import { createAssistantConnectionService } from "./features/assistant-connection/assistant-connection.service";
import type { CredentialBox } from "./features/channels/credential-box";
import { assistantPrices } from "./features/settings/assistant-prices";
import { assistantSettings } from "./features/settings/assistant-settings";
import type { SettingsService } from "./features/settings/setting.service";
import type { TurnSettings } from "./flow";

/** Their indexes are made at start, so they are registered before. */
export const assistantModels = (connection: Parameters<typeof assistantConnectionModel>[0]) => ({
  assistantConnections: assistantConnectionModel(connection),
  aiRuns: aiRunModel(connection),
});

export interface AssistantDeps {
  config: Config;
  models: { assistantConnections: AssistantConnectionModel };
  settings: SettingsService;
  box: CredentialBox;
  /** Milliseconds the sandbox assistant takes to answer. */
  latencyMs?: number | undefined;
  /** Name of the number, for an assistant nobody has named a business for. */
  channelName: string;
  audit: Auditor<ClientSession>;
  eventLog: EventLog;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

export async function openAssistant(deps: AssistantDeps) {
  const { config, models, settings, box, channelName, audit, eventLog, bus, clock, log } = deps;
  const { enabled, apiKey, baseUrl, model } = config.assistant;
  const now = () => settings.get(assistantSettings);
  const closers: (() => unknown)[] = [];
  const environment =
    enabled && (apiKey || baseUrl) ? { apiKey: apiKey ?? "none", ...(baseUrl ? { baseUrl } : {}), model } : null;
  const connection = createAssistantConnectionService({
    connections: models.assistantConnections,
    environment,
    sandbox: enabled && !environment && config.sandbox ? await startSandbox() : null,
    isOff: !enabled,
    defaultModel: model || defaults.OPENAI_MODEL,
    box,
    guard: createUrlGuard({ allowed: config.allowedPrivateUrls }),
    probe: (trial, signal) => probeConnection(trial, { clock, log }, signal),
    fetchModels: (to, signal) => listModels(to, clock, signal),
    audit,
    log: eventLog,
    bus,
    clock,
  });
  await connection.load();
  closers.push(() => connection.stop());

  async function startSandbox(): Promise<AiConnection> {
    const fake = await startSandboxOpenAI({
      log: log.child({ part: "sandbox-assistant" }),
      clock,
      ...(deps.latencyMs === undefined ? {} : { latencyMs: deps.latencyMs }),
    });
    closers.push(() => fake.stop());
    return { apiKey: fake.apiKey, baseUrl: fake.url, model: fake.model, provider: "sandbox" };
  }

  let speaking: { to: AiConnection; assistant: Assistant } | null = null;

  /** The assistant on the connection that counts now. Turns that run go on with the one they began with. */
  function assistant(): Assistant | null {
    const to = connection.current();
    if (!to) return null;
    if (speaking?.to !== to)
      speaking = {
        to,
        assistant: createAssistant({
          port: createAiPort(to, { clock, log }),
          moderate: createModerate(to, { clock, log }),
          redact: (text) => (now().redaction ? redactPersonalData(text) : text),
          prices: () => [...settings.get(assistantPrices).rows, ...PRICE_TABLE],
          clock,
          log,
        }),
      };
    return speaking.assistant;
  }

  return {
    assistant,
    services: { assistantConnection: connection },
    turnSettings: () => turnSettings(now(), channelName),
    async stop() {
      for (const close of closers.splice(0)) await close();
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
