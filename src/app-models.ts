/** Every collection of the product. Their indexes are made at start, so all are registered before. */
import type { Connection } from "mongoose";
import { answeringModels } from "./app-answering";
import { assistantModels } from "./app-assistant";
import { automationModels } from "./app-automation";
import { customerModels } from "./app-customers";
import { inboxModels } from "./app-inbox";
import { knowledgeModels } from "./app-knowledge";
import { outsideModels } from "./app-outside";
import { pushModels } from "./app-push";
import { counterModel, eventModel } from "./events/event.model";
import { agentModel } from "./features/agents/agent.model";
import { apiKeyModel } from "./features/api-keys/api-key.model";
import { auditModel } from "./features/audit/audit.model";
import { accessLinkModel } from "./features/auth/access-link.model";
import { loginAttemptModel } from "./features/auth/login-attempt.model";
import { mailModel } from "./features/auth/mail.model";
import { refreshTokenModel } from "./features/auth/refresh-token.model";
import { secondFactorModel } from "./features/auth/second-factor.model";
import { sessionModel } from "./features/auth/session.model";
import { channelModel } from "./features/channels/channel.model";
import { contactModel } from "./features/contacts/contact.model";
import { conversationModel } from "./features/conversations/conversation.model";
import { erasureModel } from "./features/data-protection/erasure.model";
import { mediaModel } from "./features/media/media.model";
import { messageModel } from "./features/messages/message.model";
import { presenceModel } from "./features/presence/presence.model";
import { retentionModel } from "./features/retention/retention.model";
import { roleModel } from "./features/roles/role.model";
import { settingModel } from "./features/settings/setting.model";
import { teamModel } from "./features/teams/team.model";
import { templateModel } from "./features/templates/template.model";
import { inboundEventModel, journalModel, laneModel, turnModel } from "./flow";

export const openModels = (connection: Connection) => ({
  events: eventModel(connection),
  counters: counterModel(connection),
  agents: agentModel(connection),
  presences: presenceModel(connection),
  roles: roleModel(connection),
  teams: teamModel(connection),
  sessions: sessionModel(connection),
  refreshTokens: refreshTokenModel(connection),
  loginAttempts: loginAttemptModel(connection),
  accessLinks: accessLinkModel(connection),
  secondFactors: secondFactorModel(connection),
  mails: mailModel(connection),
  apiKeys: apiKeyModel(connection),
  contacts: contactModel(connection),
  conversations: conversationModel(connection),
  messages: messageModel(connection),
  channels: channelModel(connection),
  media: mediaModel(connection),
  templates: templateModel(connection),
  ...customerModels(connection),
  inboundEvents: inboundEventModel(connection),
  journal: journalModel(connection),
  turns: turnModel(connection),
  lanes: laneModel(connection),
  auditEntries: auditModel(connection),
  settings: settingModel(connection),
  erasures: erasureModel(connection),
  retentionRuns: retentionModel(connection),
  ...inboxModels(connection),
  ...outsideModels(connection),
  ...pushModels(connection),
  ...automationModels(connection),
  ...assistantModels(connection),
  ...answeringModels(connection),
  ...knowledgeModels(connection),
});
