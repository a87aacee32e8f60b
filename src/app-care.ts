/** The rooms that protect: what a person has asked to be forgotten and what is too old goes, and the key of the credentials is replaced. */
import { type SealedModels, sealedFields } from "./app-sealed";
import type { MediaStorage } from "./channels/whatsapp/media-storage";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import type { EventLog } from "./events/log";
import type { AuditService } from "./features/audit/audit.service";
import { MACHINE } from "./features/auth/password.service";
import { createDataProtectionService } from "./features/data-protection/data-protection.service";
import type { PersonalDataModels } from "./features/data-protection/erase-messages.service";
import type { ErasureModel } from "./features/data-protection/erasure.model";
import { createKeyRotation, type KeyRotationDeps } from "./features/data-protection/key-rotation.service";
import type { RetentionModel } from "./features/retention/retention.model";
import { createRetentionService } from "./features/retention/retention.service";
import { retentionRules } from "./features/retention/retention-rules";
import type { SearchService } from "./features/search/search.service";
import type { SettingsService } from "./features/settings/setting.service";

export interface CareDeps {
  models: PersonalDataModels & SealedModels & { erasures: ErasureModel; retentionRuns: RetentionModel };
  whatsapp: { storage: MediaStorage } & Pick<KeyRotationDeps, "keys" | "box">;
  search: SearchService;
  audit: AuditService;
  settings: SettingsService;
  eventLog: EventLog;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

export function openCare({ models, whatsapp, eventLog, log: logger, settings, ...rest }: CareDeps) {
  const common = { ...rest, ...whatsapp, models, log: eventLog, logger };
  const protection = createDataProtectionService({ ...common, erasures: models.erasures });
  const rules = retentionRules(common);
  const retention = createRetentionService({ runs: models.retentionRuns, rules, settings, clock: rest.clock, logger });
  const rotation = createKeyRotation({ ...rest, ...whatsapp, fields: sealedFields(models), log: logger });
  return {
    services: { protection, retention },
    rotateKey: () => rotation.rotate(MACHINE),
    async start() {
      await protection.start();
      retention.start();
      rotation.start();
    },
    async stop() {
      await Promise.all([protection.stop(), retention.stop(), rotation.stop()]);
    },
  };
}
