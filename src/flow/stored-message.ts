/** An incoming event as the message that is stored. Pure. */
import type { EchoEvent, MessageContent, MessageEvent } from "../channels/whatsapp/inbound";
import { newId } from "../core/id";
import type { Contact } from "../features/contacts/contact.model";
import type { Conversation } from "../features/conversations/conversation.model";
import type { Message } from "../features/messages/message.model";
import { laneOf, UNCHANGED } from "../features/messages/message.service";

export interface Place {
  contact: Contact;
  /** Already moved on by this event. */
  conversation: Conversation;
  requestId: string;
  now: number;
}

export function toStoredMessage(event: MessageEvent | EchoEvent, { contact, conversation, requestId, now }: Place): Message {
  const isEcho = event.kind === "echo";
  const isAnswerable = event.kind === "message" && event.answerable;
  return {
    _id: newId(now),
    conversation: conversation._id,
    contact: contact._id,
    channel: event.channel,
    lane: laneOf(contact._id, event.channel),
    role: isEcho ? "operator" : event.content.type === "system" ? "system" : "user",
    direction: isEcho ? "outbound" : "inbound",
    platform: "whatsapp",
    type: event.content.type,
    content: event.content.text,
    payload: payloadOf(event),
    attachments: attachmentsOf(event.content),
    context: event.context ? { wamid: event.context.messageId ?? null, forwarded: event.context.forwarded ?? false } : null,
    ...UNCHANGED,
    wamid: event.wamid,
    inboundSeq: isAnswerable ? conversation.inboundSeq : null,
    epoch: null,
    body: null,
    delivery: isEcho ? { state: "sent", attempts: 0, isResend: false, needsDecision: false, error: null } : null,
    pricing: null,
    author: null,
    private: false,
    aiRun: null,
    originKey: null,
    correlationId: requestId,
    sentAt: new Date(event.at),
    createdAt: new Date(now),
  };
}

/** The files of a message as stored: known by WhatsApp's media id, or else by their address, until they are downloaded. */
export const attachmentsOf = (content: MessageContent): Message["attachments"] =>
  content.attachments.map(({ type, mediaId, url, mimeType, filename, caption }) => ({
    type,
    url: null,
    mediaId: mediaId ?? null,
    fileDescription: caption ?? null,
    mimeType: mimeType ?? null,
    filename: filename ?? null,
    ...(mediaId ? {} : url ? { sourceUrl: url } : { error: "WhatsApp sent no file with this message." }),
  }));

/** The typed content of every kind but text, with what came along; a kind nobody knows keeps the item as it was received. */
function payloadOf(event: MessageEvent | EchoEvent): Record<string, unknown> {
  const { content } = event;
  const extra = event.kind === "message" ? { referral: event.referral, groupId: event.groupId, errors: event.errors } : {};
  const context = event.context?.referredProduct ? { referredProduct: event.context.referredProduct } : {};
  const known = Object.fromEntries(Object.entries({ ...extra, ...context }).filter(([, value]) => value !== undefined));
  const payload = content.type === "text" ? {} : (content.payload as Record<string, unknown>);
  return { ...payload, ...known, ...(content.type === "unknown" ? { raw: event.raw } : {}) };
}
