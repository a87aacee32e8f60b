/** An incoming event as the message that is stored. Pure. */
import type { EchoEvent, MessageContent, MessageContext, MessageEvent, WebhookError } from "../channels/whatsapp/inbound";
import { objectOf } from "../channels/whatsapp/json-value";
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
    attachments: attachmentsOf(event.content, event.errors),
    context: contextOf(event.context),
    ...UNCHANGED,
    wamid: event.wamid,
    ...aboutOf(event.content),
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

function contextOf(context: MessageContext | undefined): Message["context"] {
  if (!context) return null;
  const { messageId, forwarded = false, frequentlyForwarded = false } = context;
  return {
    wamid: messageId ?? null,
    forwarded: forwarded || frequentlyForwarded,
    ...(frequentlyForwarded ? { frequentlyForwarded } : {}),
  };
}

/** WhatsApp's id of the message that a reaction, an edit or a withdrawal is about. */
export function earlierIdOf(content: MessageContent): string | undefined {
  if (content.type === "reaction") return content.payload.messageId;
  if (content.type === "edit" || content.type === "revoke") return content.payload.originalMessageId;
  return undefined;
}

/** What changes another message and did not find it waits for it under its id. */
function aboutOf(content: MessageContent): Pick<Message, "about"> {
  const about = earlierIdOf(content);
  return about === undefined ? {} : { about };
}

/** The files of a message as stored: known by WhatsApp's media id, or else by their address, until they are downloaded. */
export const attachmentsOf = (content: MessageContent, errors?: WebhookError[]): Message["attachments"] =>
  content.attachments.map(({ type, mediaId, url, mimeType, filename, caption }) => ({
    type,
    url: null,
    mediaId: mediaId ?? null,
    fileDescription: caption ?? null,
    mimeType: mimeType ?? null,
    filename: filename ?? null,
    ...(mediaId ? {} : url ? { sourceUrl: url } : { error: whyMissing(errors?.[0]) }),
  }));

const whyMissing = (error: WebhookError | undefined): string =>
  error?.details ?? error?.message ?? error?.title ?? "WhatsApp sent no file with this message.";

/** The typed content of every kind but text. */
export const payloadOfContent = (content: MessageContent): Record<string, unknown> =>
  content.type === "text" ? {} : (content.payload as Record<string, unknown>);

/** The content with what came along; what could not be read as its kind keeps the item as it was received. */
function payloadOf(event: MessageEvent | EchoEvent): Record<string, unknown> {
  const { errors } = event;
  const extra = event.kind === "message" ? { referral: event.referral, groupId: event.groupId, errors } : { errors };
  const context = event.context?.referredProduct ? { referredProduct: event.context.referredProduct } : {};
  const known = Object.fromEntries(Object.entries({ ...extra, ...context }).filter(([, value]) => value !== undefined));
  return { ...payloadOfContent(event.content), ...known, ...(isUnread(event) ? { raw: event.raw } : {}) };
}

/** Whether the item holds something that its kind has no place for. */
function isUnread({ content: { type }, raw }: MessageEvent | EchoEvent): boolean {
  if (type === "unknown") return true;
  const given = objectOf(raw)?.[type];
  if (given === undefined || given === null || objectOf(given)) return false;
  return !(type === "contacts" && Array.isArray(given)) && !(type === "text" && typeof given === "string");
}
