/** The routes of what acts by itself. */
import { Elysia } from "elysia";
import type { AuthPlugin } from "../features/auth/auth.plugin";
import { automationRunController } from "../features/automation-actions/automation-run.controller";
import type { AutomationRunService } from "../features/automation-actions/automation-run.service";
import { automationRuleController } from "../features/automation-rules/automation-rule.controller";
import type { AutomationRuleService } from "../features/automation-rules/automation-rule.service";
import { businessHoursController } from "../features/business-hours/business-hours.controller";
import type { BusinessHoursService } from "../features/business-hours/business-hours.service";
import { csatController } from "../features/csat/csat.controller";
import type { CsatService } from "../features/csat/csat.service";
import { macroController } from "../features/macros/macro.controller";
import type { MacroService } from "../features/macros/macro.service";
import { referenceController } from "../features/references/reference.controller";
import type { ReferenceService } from "../features/references/reference.service";
import { slaController } from "../features/sla/sla.controller";
import type { SlaService } from "../features/sla/sla.service";
import type { SlaPolicyService } from "../features/sla/sla-policy.service";

export interface AutomationServices {
  references: ReferenceService;
  hours: BusinessHoursService;
  runs: AutomationRunService;
  rules: AutomationRuleService;
  macros: MacroService;
  policies: SlaPolicyService;
  sla: SlaService;
  csat: CsatService;
}

export const automationRoutes = (auth: AuthPlugin, services: AutomationServices) =>
  new Elysia()
    .use(referenceController(auth, services.references))
    .use(businessHoursController(auth, services.hours))
    .use(automationRuleController(auth, services.rules))
    .use(automationRunController(auth, services.runs))
    .use(macroController(auth, services.macros))
    .use(slaController(auth, services.policies, services.sla))
    .use(csatController(auth, services.csat));
