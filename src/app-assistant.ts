/** The assistant as one thing: its connection to a provider, and what people have set about it, read anew for every turn. */
import type { ClientSession } from "mongoose";
import type { AiPort } from "./ai/ai-port";
import { type Assistant, createAssistant } from "./ai/assistant";
import { type AiConnection, createAiPort } from "./ai/connection";
import { probeConnection } from "./ai/connection-probe";
import { createHearing, type Hearing } from "./ai/hearing";
import { createJudge } from "./ai/judge";
import { listModels } from "./ai/model-list";
import { createModerate } from "./ai/moderation";
import { redactPersonalData } from "./ai/personal-data";
import { PRICE_TABLE } from "./ai/price-table";
import { startSandboxOpenAI } from "./ai/sandbox/server";
import { defaults } from "./config/defaults";
import type { Config } from "./config/env";
import type { Auditor } from "./core/audit-port";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import { createUrlGuard } from "./core/url-guard";
import type { EventBus } from "./events/bus";
import type { EventLog } from "./events/log";
import { type AiBudgetModel, aiBudgetModel } from "./features/ai-budgets/ai-budget.model";
import { createAiBudgets } from "./features/ai-budgets/ai-budget.service";
import { aiRunModel } from "./features/ai-runs/ai-run.model";
import type { AiRunService } from "./features/ai-runs/ai-run.service";
import { type AiSpendModel, aiSpendModel } from "./features/ai-runs/ai-spend.model";
import { createAiSpends, spendOf } from "./features/ai-runs/ai-spend.service";
import {
  type AssistantConnectionModel,
  assistantConnectionModel,
} from "./features/assistant-connection/assistant-connection.model";
import { createAssistantConnectionService } from "./features/assistant-connection/assistant-connection.service";
import type { CredentialBox } from "./features/channels/credential-box";
import { assistantBudgets } from "./features/settings/assistant-budgets";
import { assistantPrices } from "./features/settings/assistant-prices";
import { assistantSettings } from "./features/settings/assistant-settings";
import type { SettingsService } from "./features/settings/setting.service";

/** Their indexes are made at start, so they are registered before. */
export const assistantModels = (connection: Parameters<typeof assistantConnectionModel>[0]) => ({
  assistantConnections: assistantConnectionModel(connection),
  aiRuns: aiRunModel(connection),
  aiBudgets: aiBudgetModel(connection),
  aiSpends: aiSpendModel(connection),
});

export interface AssistantDeps {
  config: Config;
  models: { assistantConnections: AssistantConnectionModel; aiBudgets: AiBudgetModel; aiSpends: AiSpendModel };
  settings: SettingsService;
  box: CredentialBox;
  /** Milliseconds the sandbox assistant takes to answer. */
  latencyMs?: number | undefined;
  audit: Auditor<ClientSession>;
  eventLog: EventLog;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

export async function openAssistant(deps: AssistantDeps) {
  const { config, models, settings, box, audit, eventLog, bus, clock, log } = deps;
  const { enabled, apiKey, baseUrl, model } = config.assistant;
  const now = () => settings.get(assistantSettings);
  const guard = createUrlGuard({ allowed: config.allowedPrivateUrls });
  const redact = (text: string) => (now().redaction ? redactPersonalData(text) : text);
  const prices = () => [...settings.get(assistantPrices).rows, ...PRICE_TABLE];
  const spends = createAiSpends({ spends: models.aiSpends, clock, log });
  const closers: (() => unknown)[] = [() => spends.stop()];
  const environment =
    enabled && (apiKey || baseUrl) ? { apiKey: apiKey ?? "none", ...(baseUrl ? { baseUrl } : {}), model } : null;
  const connection = createAssistantConnectionService({
    connections: models.assistantConnections,
    environment,
    sandbox: enabled && !environment && config.sandbox ? await startSandbox() : null,
    isOff: !enabled,
    defaultModel: model || defaults.OPENAI_MODEL,
    box,
    guard,
    probe: (trial, signal) =>
      probeConnection(trial, { clock, log, prices, onSpent: (run) => spends.note(spendOf("probe", run)) }, signal),
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

  let ears: { to: AiConnection; hearing: Hearing } | null = null;
  let opened: { to: AiConnection; port: AiPort } | null = null;

  function port(): AiPort | null {
    const to = connection.current();
    if (!to) return null;
    if (opened?.to !== to) opened = { to, port: createAiPort(to, { clock, log }) };
    return opened.port;
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
          port: port() as AiPort,
          moderate: createModerate(to, {
            clock,
            log,
            prices,
            onSpent: (spent) => spends.note({ kind: "moderation", ...spent }),
          }),
          redact,
          prices,
          clock,
          log,
        }),
      };
    return speaking.assistant;
  }

  return {
    assistant,
    /** The provider without the assistant's turns around it; null while there is none. */
    port,
    prices,
    /** Null while there is no provider. */
    hearing() {
      const to = connection.current();
      const line = port();
      if (!to || !line) return null;
      if (ears?.to !== to) ears = { to, hearing: createHearing(to, { port: line, clock, prices }) };
      return ears.hearing;
    },
    judge() {
      const to = port();
      return to && createJudge(to, { clock, prices });
    },
    connection: connection.current,
    /** The money that belongs to no turn. */
    spends,
    redact,
    guard,
    services: { assistantConnection: connection },
    /** The money of the turns; `aiRuns` knows what was spent before. */
    budget: (aiRuns: Pick<AiRunService, "spent">) => ({
      ...createAiBudgets({
        budgets: models.aiBudgets,
        runs: aiRuns,
        limits: () => ({ ...settings.get(assistantBudgets), version: settings.state(assistantBudgets).version }),
        log: eventLog,
        clock,
      }),
      prices,
      cannedReply: () => settings.get(assistantBudgets).cannedReply,
    }),
    async stop() {
      for (const close of closers.splice(0)) await close();
    },
  };
}
