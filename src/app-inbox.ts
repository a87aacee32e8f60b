/** The inbox behind the corridor: lists, actions, jobs and everything agents work with. Opened by app.ts. */
import type mongoose from "mongoose";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import type { EventBus } from "./events/bus";
import type { EventLog } from "./events/log";
import type { AgentService } from "./features/agents/agent.service";
import { bulkChunkModel, bulkJobModel } from "./features/bulk-jobs/bulk-job.model";
import { createBulkJobService } from "./features/bulk-jobs/bulk-job.service";
import { createConversationActionService } from "./features/conversation-actions/conversation-action.service";
import type { ConversationModel } from "./features/conversations/conversation.model";
import type { ConversationService } from "./features/conversations/conversation.service";
import { createConversationListService } from "./features/conversations/conversation-list.service";
import { idempotencyKeyModel } from "./features/idempotency-keys/idempotency-key.model";
import { createIdempotencyService } from "./features/idempotency-keys/idempotency-key.service";
import { labelModel } from "./features/labels/label.model";
import { createLabelService } from "./features/labels/label.service";
import type { MessageService } from "./features/messages/message.service";
import type { TeamService } from "./features/teams/team.service";
import { savedViewModel } from "./features/views/view.model";
import { createViewService } from "./features/views/view.service";

export interface InboxModels {
  labels: ReturnType<typeof labelModel>;
  bulkJobs: ReturnType<typeof bulkJobModel>;
  bulkChunks: ReturnType<typeof bulkChunkModel>;
  views: ReturnType<typeof savedViewModel>;
  idempotencyKeys: ReturnType<typeof idempotencyKeyModel>;
}

/** Their indexes are made at start, so they are registered before. */
export const inboxModels = (connection: mongoose.Connection): InboxModels => ({
  labels: labelModel(connection),
  bulkJobs: bulkJobModel(connection),
  bulkChunks: bulkChunkModel(connection),
  views: savedViewModel(connection),
  idempotencyKeys: idempotencyKeyModel(connection),
});

export interface InboxDeps {
  models: InboxModels & { conversations: ConversationModel };
  agents: AgentService;
  teams: Pick<TeamService, "find">;
  conversations: ConversationService;
  messages: MessageService;
  eventLog: EventLog;
  bus: EventBus;
  /** This process. */
  owner: string;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

export type Inbox = ReturnType<typeof openInbox>;

export function openInbox(deps: InboxDeps) {
  const { models, agents, teams, conversations, messages, eventLog, bus, owner, isAlone, clock, log } = deps;
  const labels = createLabelService({ labels: models.labels, log: eventLog, clock });
  const lists = createConversationListService({ conversations: models.conversations, clock });
  const findAgent = async (id: string) => {
    const agent = await agents.findActive(id);
    return agent && { id, name: agent.name };
  };
  const actions = createConversationActionService({
    conversations,
    messages,
    labels,
    findAgent,
    findTeam: teams.find,
    eventLog,
    bus,
    clock,
    log,
  });
  const jobs = createBulkJobService({
    jobs: models.bulkJobs,
    chunks: models.bulkChunks,
    conversations,
    lists,
    actions,
    eventLog,
    bus,
    owner,
    clock,
    log,
  });
  const views = createViewService({ views: models.views, lists, clock });
  return {
    services: { labels, lists, actions, jobs, views },
    idempotency: createIdempotencyService({ keys: models.idempotencyKeys, owner, isAlone, clock }),
    start() {
      actions.start();
      jobs.start();
    },
    async stop() {
      await jobs.stop();
      await actions.stop();
    },
  };
}
