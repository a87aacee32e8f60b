/** A conversation as clients see it. */
import type { ConversationView } from "../../events/view";
import type { Conversation } from "./conversation.model";

export const toConversationView = (conversation: Conversation): ConversationView => ({
  id: conversation._id,
  contact: {
    id: conversation.contact,
    name: conversation.contactName,
    phone: conversation.contactPhone,
    username: conversation.contactUsername,
  },
  channel: conversation.channel,
  source: conversation.source,
  status: conversation.status,
  waitingFor: conversation.waitingFor,
  priority: conversation.priority,
  isOpen: conversation.isOpen,
  isAIEnabled: conversation.isAIEnabled,
  assignedAgent: conversation.assignedAgent,
  // Absent in conversations older than teams.
  team: conversation.team ?? null,
  participants: conversation.participants ?? [],
  labels: conversation.labels,
  windowExpiresAt: conversation.windowExpiresAt?.toISOString() ?? null,
  lastMessageAt: conversation.lastMessageAt.toISOString(),
  lastMessage: conversation.lastMessage,
  unreadCount: conversation.unreadCount,
  inboundSeq: conversation.inboundSeq,
  epoch: conversation.epoch,
  createdAt: conversation.createdAt.toISOString(),
  resolvedAt: conversation.resolvedAt?.toISOString() ?? null,
  version: conversation.version ?? 0,
  isMuted: conversation.isMuted ?? false,
  snoozedUntil: conversation.snoozedUntil?.toISOString() ?? null,
  waitingSince: conversation.waitingSince?.toISOString() ?? null,
  isUnattended: conversation.isUnattended ?? false,
  mentions: conversation.mentions ?? [],
  mergedInto: conversation.mergedInto ?? null,
  sla: conversation.sla ? { ...conversation.sla, dueAt: conversation.sla.dueAt?.toISOString() ?? null } : null,
});
