/** What acts by itself: opening hours, rules, macros, promises of service, messages that nobody types. Opened by app.ts. */
import type { ClientSession, Connection } from "mongoose";
import type { openCustomers } from "./app-customers";
import type { Inbox } from "./app-inbox";
import type { Config } from "./config/env";
import type { Auditor } from "./core/audit-port";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import { createUrlGuard } from "./core/url-guard";
import type { EventBus } from "./events/bus";
import type { EventModel } from "./events/event.model";
import type { EventLog } from "./events/log";
import type { AgentService } from "./features/agents/agent.service";
import { createMailer } from "./features/auth/mailer";
import { automationRunModel } from "./features/automation-actions/automation-run.model";
import { createAutomationRunService } from "./features/automation-actions/automation-run.service";
import { createAutomationFeed } from "./features/automation-feed/automation-feed.service";
import { automationPositionModel } from "./features/automation-feed/automation-position.model";
import { automationRuleModel } from "./features/automation-rules/automation-rule.model";
import { createAutomationRuleService } from "./features/automation-rules/automation-rule.service";
import { businessHoursModel } from "./features/business-hours/business-hours.model";
import { createBusinessHoursService } from "./features/business-hours/business-hours.service";
import type { ContactService } from "./features/contacts/contact.service";
import type { ConversationService } from "./features/conversations/conversation.service";
import { dueTaskModel } from "./features/due-tasks/due-task.model";
import { createDueTaskService } from "./features/due-tasks/due-task.service";
import { macroModel } from "./features/macros/macro.model";
import { createMacroService } from "./features/macros/macro.service";
import type { MessageService } from "./features/messages/message.service";
import type { TeamService } from "./features/teams/team.service";
import { isStoreUnavailable } from "./store/connect";

/** Their indexes are made at start, so they are registered before. */
export const automationModels = (connection: Connection) => ({
  businessHours: businessHoursModel(connection),
  dueTasks: dueTaskModel(connection),
  automationPositions: automationPositionModel(connection),
  automationRuns: automationRunModel(connection),
  automationRules: automationRuleModel(connection),
  macros: macroModel(connection),
});

export interface AutomationDeps {
  config: Pick<Config, "allowedPrivateUrls" | "mail">;
  models: ReturnType<typeof automationModels> & { events: EventModel };
  services: {
    agents: AgentService;
    teams: Pick<TeamService, "find">;
    contacts: ContactService;
    conversations: ConversationService;
    messages: MessageService;
  };
  inbox: Inbox["services"];
  customers: Awaited<ReturnType<typeof openCustomers>>["services"];
  audit: Auditor<ClientSession>;
  eventLog: EventLog;
  bus: EventBus;
  /** This process. */
  owner: string;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

export async function openAutomation({ config, models, services, inbox, customers, log: logger, ...rest }: AutomationDeps) {
  const { agents, teams, contacts, conversations, messages } = services;
  const log = logger.child({ part: "automation" });
  const common = { ...rest, log, isStoreUnavailable };
  const mailer = config.mail ? createMailer(config.mail) : null;

  const hours = createBusinessHoursService({ ...common, hours: models.businessHours, findTeam: teams.find });
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
    labels: inbox.labels,
    contacts,
    conversations,
    messages,
    findAgent: agents.findActive,
    findTeam: teams.find,
  });
  const macros = createMacroService({ ...common, macros: models.macros, runs, conversations });

  const feed = createAutomationFeed({
    ...common,
    events: models.events,
    positions: models.automationPositions,
    parts: [rules.feed],
  });
  for (const room of [hours, rules, macros]) await room.load();
  await feed.prepare();

  return {
    services: { hours, runs, rules, macros },
    start() {
      feed.start();
      tasks.start();
      runs.start();
    },
    async stop() {
      await feed.stop();
      await tasks.stop();
      await runs.stop();
      for (const room of [hours, rules, macros]) room.stop();
      mailer?.close();
    },
  };
}
