/** How a conversation begins. */
import { newId } from "../../core/id";
import type { Contact } from "../contacts/contact.model";
import type { Conversation } from "./conversation.model";
import { SILENCED } from "./conversation-state";

export interface OpenRequest {
  contact: Contact;
  channel: string;
  /** Where it came from: `whatsapp`, `sandbox` ... */
  source: string;
}

/** A new conversation, not stored yet: the assistant's where there is one. */
export function beginConversation({ contact, channel, source }: OpenRequest, at: Date, hasAssistant: boolean): Conversation {
  return {
    _id: newId(at.getTime()),
    contact: contact._id,
    contactName: contact.name,
    contactPhone: contact.phone,
    contactUsername: contact.username,
    channel,
    source,
    status: hasAssistant ? "waiting" : "open",
    waitingFor: hasAssistant ? "assistant" : null,
    priority: "normal",
    isOpen: true,
    isAIEnabled: hasAssistant,
    assignedAgent: null,
    team: null,
    participants: [],
    labels: [],
    windowExpiresAt: null,
    lastMessageAt: at,
    lastMessage: null,
    lastInboundWamid: null,
    unreadCount: 0,
    inboundSeq: 0,
    answeredSeq: 0,
    epoch: 0,
    batch: null,
    summary: null,
    summaryUpTo: null,
    createdAt: at,
    updatedAt: at,
    resolvedAt: null,
    resolvedBy: null,
    version: 0,
    ...(contact.blockedAt ? SILENCED : {}),
    ...(hasAssistant ? {} : { isUnattended: true }),
  };
}
