/** The rooms that remove: what a person has asked to be forgotten, and what is too old. */
import type { MediaStorage } from "./channels/whatsapp/media-storage";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import type { EventLog } from "./events/log";
import type { AuditService } from "./features/audit/audit.service";
import { createDataProtectionService } from "./features/data-protection/data-protection.service";
import type { PersonalDataModels } from "./features/data-protection/erase-messages.service";
import type { ErasureModel } from "./features/data-protection/erasure.model";
import type { RetentionModel } from "./features/retention/retention.model";
import { createRetentionService } from "./features/retention/retention.service";
import { retentionRules } from "./features/retention/retention-rules";
import type { SearchService } from "./features/search/search.service";
import type { SettingsService } from "./features/settings/setting.service";

export interface CareDeps {
  models: PersonalDataModels & { erasures: ErasureModel; retentionRuns: RetentionModel };
  storage: MediaStorage;
  search: SearchService;
  audit: AuditService;
  settings: SettingsService;
  eventLog: EventLog;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

export function openCare({ models, eventLog, log: logger, settings, ...rest }: CareDeps) {
  const common = { ...rest, models, log: eventLog, logger };
  const protection = createDataProtectionService({ ...common, erasures: models.erasures });
  const rules = retentionRules(common);
  const retention = createRetentionService({ runs: models.retentionRuns, rules, settings, clock: rest.clock, logger });
  return {
    services: { protection, retention },
    async start() {
      await protection.start();
      retention.start();
    },
    async stop() {
      await Promise.all([protection.stop(), retention.stop()]);
    },
  };
}
