/** What acts by itself: opening hours, rules, macros, promises of service, messages that nobody types. Opened by app.ts. */
import type { ClientSession, Connection } from "mongoose";
import type { openCustomers } from "./app-customers";
import type { Inbox } from "./app-inbox";
import { seedAutomation } from "./app-seeds";
import { isWindowOpen } from "./channels/whatsapp/window";
import type { Config } from "./config/env";
import type { FindActor } from "./core/actor";
import type { Auditor } from "./core/audit-port";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import { createUrlGuard } from "./core/url-guard";
import type { EventBus } from "./events/bus";
import type { EventModel } from "./events/event.model";
import type { EventLog } from "./events/log";
import { createMailer } from "./features/auth/mailer";
import { createAutoCloseService } from "./features/auto-close/auto-close.service";
import { automationRunModel } from "./features/automation-actions/automation-run.model";
import { createAutomationRunService } from "./features/automation-actions/automation-run.service";
import { createAutomationFeed } from "./features/automation-feed/automation-feed.service";
import { automationPositionModel } from "./features/automation-feed/automation-position.model";
import { automationRuleModel } from "./features/automation-rules/automation-rule.model";
import { createAutomationRuleService } from "./features/automation-rules/automation-rule.service";
import { createAwayService } from "./features/away/away.service";
import { awayNoticeModel } from "./features/away/away-notice.model";
import { businessHoursModel } from "./features/business-hours/business-hours.model";
import { createBusinessHoursService } from "./features/business-hours/business-hours.service";
import type { ChannelService } from "./features/channels/channel.service";
import { createConsentWordService, type Intercept } from "./features/consent-words/consent-word.service";
import type { ContactService } from "./features/contacts/contact.service";
import type { ConversationService } from "./features/conversations/conversation.service";
import { csatModel } from "./features/csat/csat.model";
import { createCsatService } from "./features/csat/csat.service";
import { dueTaskModel } from "./features/due-tasks/due-task.model";
import { createDueTaskService } from "./features/due-tasks/due-task.service";
import { macroModel } from "./features/macros/macro.model";
import { createMacroService } from "./features/macros/macro.service";
import type { MessageService } from "./features/messages/message.service";
import { createAutomaticMessageService } from "./features/messages/message-automatic.service";
import type { ReachService } from "./features/messages/reach.service";
import type { ReferenceService } from "./features/references/reference.service";
import type { SettingsService } from "./features/settings/setting.service";
import { createSlaService } from "./features/sla/sla.service";
import { slaPolicyModel } from "./features/sla/sla-policy.model";
import { createSlaPolicyService } from "./features/sla/sla-policy.service";
import { slaStateModel } from "./features/sla/sla-state.model";
import { isStoreUnavailable } from "./store/connect";

/** Their indexes are made at start, so they are registered before. */
export const automationModels = (connection: Connection) => ({
  businessHours: businessHoursModel(connection),
  dueTasks: dueTaskModel(connection),
  automationPositions: automationPositionModel(connection),
  automationRuns: automationRunModel(connection),
  automationRules: automationRuleModel(connection),
  macros: macroModel(connection),
  slaPolicies: slaPolicyModel(connection),
  slaStates: slaStateModel(connection),
  csats: csatModel(connection),
  awayNotices: awayNoticeModel(connection),
});

export interface AutomationDeps {
  config: Pick<Config, "allowedPrivateUrls" | "mail">;
  models: ReturnType<typeof automationModels> & { events: EventModel };
  services: {
    contacts: ContactService;
    conversations: ConversationService;
    messages: MessageService;
    reach: ReachService;
  };
  channels: Pick<ChannelService, "find">;
  settings: SettingsService;
  inbox: Inbox["services"];
  customers: Awaited<ReturnType<typeof openCustomers>>["services"];
  audit: Auditor<ClientSession>;
  references: ReferenceService;
  findActor: FindActor;
  eventLog: EventLog;
  bus: EventBus;
  /** This process. */
  owner: string;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

export async function openAutomation({ config, models, services, inbox, customers, log: logger, ...rest }: AutomationDeps) {
  const { contacts, conversations, messages, reach } = services;
  const log = logger.child({ part: "automation" });
  const common = { ...rest, log, isStoreUnavailable };
  const mailer = config.mail ? createMailer(config.mail) : null;

  const hours = createBusinessHoursService({ ...common, hours: models.businessHours });
  const tasks = createDueTaskService({ ...common, tasks: models.dueTasks });
  const runs = createAutomationRunService({
    ...common,
    ...inbox,
    runs: models.automationRuns,
    conversations,
    contacts,
    messages,
    edits: customers.contactRooms.edits,
    urlGuard: createUrlGuard({ allowed: config.allowedPrivateUrls }),
    mailer,
  });
  const rules = createAutomationRuleService({
    ...common,
    rules: models.automationRules,
    runs,
    tasks,
    hours,
    attributes: customers.attributes,
    contacts,
    conversations,
    messages,
  });
  const macros = createMacroService({ ...common, macros: models.macros, runs, conversations });

  const automatic = createAutomaticMessageService({ ...common, messages, isWindowOpen });
  const speaking = { ...common, contacts, conversations, messages, automatic, tasks };
  const consent = createConsentWordService({ ...speaking, edits: customers.contactRooms.edits });
  const away = createAwayService({ ...speaking, notices: models.awayNotices, hours });
  const autoClose = createAutoCloseService({ ...speaking, lists: inbox.lists, actions: inbox.actions });
  const csat = createCsatService({ ...speaking, csats: models.csats, reach });
  const policies = createSlaPolicyService({
    ...common,
    policies: models.slaPolicies,
  });
  const sla = createSlaService({ ...speaking, states: models.slaStates, policies, hours });
  const intercept: Intercept = (incoming) => csat.intercept(incoming) ?? consent.intercept(incoming);

  const feed = createAutomationFeed({
    ...common,
    events: models.events,
    positions: models.automationPositions,
    parts: [sla.feed, away.feed, autoClose.feed, csat.feed, rules.feed],
  });
  await seedAutomation(models, rest.clock.now());
  const kept = [hours, rules, macros, policies];
  for (const room of kept) await room.load();
  await feed.prepare();

  return {
    services: { references: rest.references, hours, runs, rules, macros, policies, sla, csat },
    /** What the corridor asks. */
    intercept,
    away,
    start() {
      sla.start();
      autoClose.start();
      feed.start();
      tasks.start();
      runs.start();
    },
    async stop() {
      await feed.stop();
      await tasks.stop();
      await autoClose.stop();
      await sla.stop();
      await runs.stop();
      for (const room of kept) room.stop();
      mailer?.close();
    },
  };
}
