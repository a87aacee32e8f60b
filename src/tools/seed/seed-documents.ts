/** The seeded documents as the product would have stored them, with everything that lists and threads read from them. */
import { shortHash } from "../../core/id";
import { toE164 } from "../../core/phone";
import type { Contact } from "../../features/contacts/contact.model";
import { identityKeysOf } from "../../features/contacts/contact-identity";
import type { Conversation } from "../../features/conversations/conversation.model";
import type { Message } from "../../features/messages/message.model";
import { laneOf, UNCHANGED } from "../../features/messages/message.service";
import {
  contactId,
  conversationId,
  inboundCount,
  isInbound,
  messageId,
  nameOf,
  phoneOf,
  type SeedPlan,
  textOf,
  timeOf,
  wamidOf,
} from "./seed-plan";

/** The number all customers write to: that of the sandbox, so that the seeded installation can be used at once. */
export const SEED_CHANNEL = "100000000000001";
const WINDOW_MS = 24 * 3_600_000;
const PREVIEW_LENGTH = 160;
/** Of every ten conversations: open, waiting for the assistant, and the rest resolved or closed. */
const STATUSES = ["open", "waiting", "resolved", "closed", "open", "resolved", "waiting", "closed", "resolved", "open"] as const;

export function contactDocument(plan: SeedPlan, index: number): Contact {
  const at = new Date(timeOf(plan, plan.lastOf[index]!));
  const phone = phoneOf(index);
  return {
    _id: contactId(index),
    identities: [{ kind: "wa_id", value: phone, since: at }],
    identityKeys: identityKeysOf({ waId: phone }),
    mergedInto: null,
    name: nameOf(index),
    phone: toE164(phone),
    username: null,
    language: index % 3 === 0 ? "es" : null,
    labels: [],
    optedOutAt: null,
    optOutSource: null,
    lastMessageAt: at,
    createdAt: at,
    updatedAt: at,
  };
}

export function conversationDocument(plan: SeedPlan, index: number): Conversation {
  const last = plan.lastOf[index]!;
  const count = plan.countOf[index]!;
  const inbound = isInbound(count - 1);
  const at = new Date(timeOf(plan, last));
  const status = STATUSES[index % STATUSES.length]!;
  const isOpen = status === "open" || status === "waiting";
  const spoken = inboundCount(count);
  return {
    _id: conversationId(index),
    contact: contactId(index),
    contactName: nameOf(index),
    contactPhone: toE164(phoneOf(index)),
    contactUsername: null,
    channel: SEED_CHANNEL,
    source: "sandbox",
    status,
    waitingFor: status === "waiting" ? "assistant" : null,
    priority: "normal",
    isOpen,
    isAIEnabled: status === "waiting",
    assignedAgent: null,
    team: null,
    participants: [],
    labels: [],
    windowExpiresAt: new Date(at.getTime() + WINDOW_MS),
    lastMessageAt: at,
    lastMessage: {
      text: textOf(plan, last, inbound).slice(0, PREVIEW_LENGTH),
      type: "text",
      role: inbound ? "user" : "assistant",
      direction: inbound ? "inbound" : "outbound",
    },
    lastInboundWamid: wamidOf(plan.lastInboundOf[index]!),
    unreadCount: inbound ? 1 : 0,
    inboundSeq: spoken,
    answeredSeq: spoken,
    epoch: 0,
    batch: null,
    summary: null,
    summaryUpTo: null,
    createdAt: at,
    updatedAt: at,
    resolvedAt: isOpen ? null : at,
    resolvedBy: isOpen ? null : "assistant",
  };
}

export function messageDocument(plan: SeedPlan, index: number): Message {
  const conversation = plan.conversationOf[index]!;
  const place = plan.placeOf[index]!;
  const inbound = isInbound(place);
  const at = new Date(timeOf(plan, index));
  const id = messageId(plan, index);
  const text = textOf(plan, index, inbound);
  return {
    _id: id,
    conversation: conversationId(conversation),
    contact: contactId(conversation),
    channel: SEED_CHANNEL,
    lane: laneOf(contactId(conversation), SEED_CHANNEL),
    role: inbound ? "user" : "assistant",
    direction: inbound ? "inbound" : "outbound",
    platform: "whatsapp",
    type: "text",
    content: text,
    payload: {},
    attachments: [],
    context: null,
    ...UNCHANGED,
    wamid: wamidOf(index),
    inboundSeq: inbound ? place / 2 + 1 : null,
    epoch: inbound ? null : 0,
    body: inbound ? null : JSON.stringify({ to: `+${phoneOf(conversation)}`, type: "text", text: { body: text } }),
    delivery: inbound ? null : { state: "read", attempts: 1, isResend: false, needsDecision: false, error: null },
    pricing: null,
    author: null,
    private: false,
    aiRun: null,
    originKey: inbound ? null : shortHash(`seed:${index}`),
    correlationId: null,
    sentAt: at,
    createdAt: at,
  };
}
