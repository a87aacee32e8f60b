/** The inbox behind the corridor: lists, actions, jobs and everything agents work with. Opened by app.ts. */
import type mongoose from "mongoose";
import type { ClientSession } from "mongoose";
import type { openWhatsApp } from "./app-whatsapp";
import { isWindowOpen } from "./channels/whatsapp/window";
import type { FindActor } from "./core/actor";
import type { Auditor } from "./core/audit-port";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import type { EventBus } from "./events/bus";
import type { EventLog } from "./events/log";
import type { AgentService } from "./features/agents/agent.service";
import { agentAbsenceModel } from "./features/assignment/agent-absence.model";
import { assignmentTurnModel } from "./features/assignment/assignment.model";
import { bulkChunkModel, bulkJobModel } from "./features/bulk-jobs/bulk-job.model";
import { createBulkJobService } from "./features/bulk-jobs/bulk-job.service";
import { cannedReplyModel } from "./features/canned-replies/canned-reply.model";
import { createCannedReplyService } from "./features/canned-replies/canned-reply.service";
import type { ContactModel } from "./features/contacts/contact.model";
import type { ContactService } from "./features/contacts/contact.service";
import { createContactAttributeService } from "./features/contacts/contact-attribute.service";
import { createConversationActionService } from "./features/conversation-actions/conversation-action.service";
import type { ConversationModel } from "./features/conversations/conversation.model";
import type { ConversationService } from "./features/conversations/conversation.service";
import { createConversationListService } from "./features/conversations/conversation-list.service";
import { draftModel } from "./features/drafts/draft.model";
import { createDraftService } from "./features/drafts/draft.service";
import { idempotencyKeyModel } from "./features/idempotency-keys/idempotency-key.model";
import { createIdempotencyService } from "./features/idempotency-keys/idempotency-key.service";
import { labelModel } from "./features/labels/label.model";
import { createLabelService } from "./features/labels/label.service";
import type { MessageModel } from "./features/messages/message.model";
import type { MessageService } from "./features/messages/message.service";
import { createMessageEditService } from "./features/messages/message-edit.service";
import { createMessageSendService } from "./features/messages/message-send.service";
import { createMessageThreadService } from "./features/messages/message-thread.service";
import type { ReachService } from "./features/messages/reach.service";
import { readPositionModel } from "./features/read-positions/read-position.model";
import type { ReadPositionService } from "./features/read-positions/read-position.service";
import { scheduledMessageModel } from "./features/scheduled-messages/scheduled-message.model";
import { createScheduledMessageService } from "./features/scheduled-messages/scheduled-message.service";
import type { TeamService } from "./features/teams/team.service";
import { savedViewModel } from "./features/views/view.model";
import { createViewService } from "./features/views/view.service";

/** Their indexes are made at start, so they are registered before. */
export const inboxModels = (connection: mongoose.Connection) => ({
  labels: labelModel(connection),
  bulkJobs: bulkJobModel(connection),
  bulkChunks: bulkChunkModel(connection),
  views: savedViewModel(connection),
  cannedReplies: cannedReplyModel(connection),
  drafts: draftModel(connection),
  readPositions: readPositionModel(connection),
  scheduledMessages: scheduledMessageModel(connection),
  idempotencyKeys: idempotencyKeyModel(connection),
  assignmentTurns: assignmentTurnModel(connection),
  agentAbsences: agentAbsenceModel(connection),
});

export interface InboxDeps {
  models: ReturnType<typeof inboxModels> & { contacts: ContactModel; conversations: ConversationModel; messages: MessageModel };
  services: {
    agents: AgentService;
    teams: Pick<TeamService, "find">;
    contacts: ContactService;
    conversations: ConversationService;
    messages: MessageService;
    reach: ReachService;
    positions: ReadPositionService;
  };
  whatsapp: Pick<Awaited<ReturnType<typeof openWhatsApp>>, "channels" | "files" | "uploads" | "templates">;
  /** Somebody with the rights of now. */
  findActor: FindActor;
  audit: Auditor<ClientSession>;
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
  const { models, services, whatsapp, eventLog, bus, owner, isAlone, clock, log } = deps;
  const { agents, teams, contacts, conversations, messages, reach, positions } = services;
  const sending = createMessageSendService({
    ...whatsapp,
    model: models.messages,
    messages,
    conversations,
    contacts,
    reach,
    isWindowOpen,
    log: eventLog,
    clock,
  });
  const labels = createLabelService({ labels: models.labels, log: eventLog, clock });
  const lists = createConversationListService({
    conversations: models.conversations,
    attributes: createContactAttributeService(models),
    clock,
  });
  const findAgent = async (id: string) => {
    const agent = await agents.findActive(id);
    return agent && { id, name: agent.name };
  };
  const actions = createConversationActionService({
    conversations,
    messages,
    labels,
    positions,
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
    findActor: deps.findActor,
    eventLog,
    bus,
    owner,
    isAlone,
    clock,
    log,
  });
  const views = createViewService({ views: models.views, lists, clock });
  const threads = createMessageThreadService({ messages: models.messages, conversations, reach });
  const editing = createMessageEditService({
    model: models.messages,
    messages,
    conversations,
    sending,
    labels,
    findAgent,
    eventLog,
    clock,
  });
  const replies = createCannedReplyService({ replies: models.cannedReplies, conversations, contacts, log: eventLog, clock });
  const drafts = createDraftService({ drafts: models.drafts, conversations, log: eventLog, clock });
  const scheduled = createScheduledMessageService({
    scheduled: models.scheduledMessages,
    conversations,
    messages,
    sending,
    findActor: deps.findActor,
    audit: deps.audit,
    eventLog,
    clock,
    log,
  });
  return {
    services: { positions, sending, labels, lists, actions, jobs, views, threads, editing, replies, drafts, scheduled },
    idempotency: createIdempotencyService({ keys: models.idempotencyKeys, owner, isAlone, clock }),
    start() {
      actions.start();
      jobs.start();
      scheduled.start();
    },
    async stop() {
      await scheduled.stop();
      await jobs.stop();
      await actions.stop();
    },
  };
}
