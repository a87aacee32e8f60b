/** What watches over the rest: the door every request passes, the audit log, and the settings everybody reads. */
import type { Config } from "./config/env";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import type { EventBus } from "./events/bus";
import type { EventLog } from "./events/log";
import type { AuditModel } from "./features/audit/audit.model";
import { createAuditService } from "./features/audit/audit.service";
import { autoCloseSettings } from "./features/auto-close/auto-close-settings";
import { awaySettings, welcomeSettings } from "./features/away/away-settings";
import { consentSettings } from "./features/consent-words/consent-settings";
import { csatSettings } from "./features/csat/csat-settings";
import { createReferenceService, type ReferenceModels } from "./features/references/reference.service";
import { assignmentSettings } from "./features/settings/assignment-settings.service";
import { assistantBudgets } from "./features/settings/assistant-budgets";
import { assistantPrices } from "./features/settings/assistant-prices";
import { assistantSettings } from "./features/settings/assistant-settings";
import { hearingSettings } from "./features/settings/hearing-settings";
import { knowledgeSettings } from "./features/settings/knowledge-settings";
import { keptAddress, privacySettings } from "./features/settings/privacy-settings";
import { retentionSettings } from "./features/settings/retention-settings.service";
import { securitySettings } from "./features/settings/security-settings";
import type { SettingModel } from "./features/settings/setting.model";
import { createSettingsService, type SettingsService } from "./features/settings/setting.service";
import { createEdge } from "./http/edge";

/** A feature that has settings adds its group here. */
const SETTING_GROUPS = [
  securitySettings,
  privacySettings,
  retentionSettings,
  assistantSettings,
  hearingSettings,
  assistantPrices,
  assignmentSettings,
  consentSettings,
  welcomeSettings,
  awaySettings,
  autoCloseSettings,
  csatSettings,
  assistantBudgets,
  knowledgeSettings,
];

export interface ProtectionDeps {
  config: Config;
  models: ReferenceModels & { auditEntries: AuditModel; settings: SettingModel };
  eventLog: EventLog;
  bus: EventBus;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

export async function openProtection({ config, models, eventLog, bus, isAlone, clock, log }: ProtectionDeps) {
  const audit = createAuditService({
    entries: models.auditEntries,
    clock,
    shownAddress: (address) => keptAddress(address, settings.get(privacySettings).auditAddresses),
  });
  const references = createReferenceService(models);
  const settings: SettingsService = createSettingsService({
    settings: models.settings,
    groups: SETTING_GROUPS,
    log: eventLog,
    bus,
    audit,
    references,
    isAlone,
    clock,
    logger: log,
  });
  await settings.load();
  const edge = createEdge({ ...config, ...config.edge, clock });
  return { audit, settings, references, edge };
}
