/**
 * What an incoming message means: its contact, its conversation, its place in the thread, and whether it waits for an answer.
 * Everything happens in the caller's transaction.
 */
import type { EchoEvent, MessageEvent } from "../channels/whatsapp/inbound";
import { windowExpiresAt } from "../channels/whatsapp/window";
import type { Clock } from "../core/clock";
import { newId } from "../core/id";
import type { Change } from "../events/log";
import type { Contact } from "../features/contacts/contact.model";
import type { ContactService, Sender } from "../features/contacts/contact.service";
import type { Conversation } from "../features/conversations/conversation.model";
import { type ConversationService, previewOf } from "../features/conversations/conversation.service";
import type { Message } from "../features/messages/message.model";
import { laneOf, type MessageService, wamidKey } from "../features/messages/message.service";
import { type BatchLimits, extendBatch } from "./batch";
import type { AfterCommit, IngestHandlers, ReceivedEvent } from "./ingest";
import type { Trace } from "./trace";

export interface IngestMessagesDeps {
  contacts: ContactService;
  conversations: ConversationService;
  messages: MessageService;
  batchLimits: BatchLimits;
  /** Where a number's messages come from: `whatsapp`, `sandbox`, or `unconfirmed` for a number we do not know. */
  sourceOf: (channel: string) => string;
  onBatched: (conversation: string, dueAt: Date) => void;
  clock: Clock;
  trace: Trace;
}

type Talk = MessageEvent | EchoEvent;

export function createIngestMessages(deps: IngestMessagesDeps): IngestHandlers["messages"] {
  const { contacts, conversations, messages, batchLimits, sourceOf, onBatched, clock, trace } = deps;

  return async (received, change) => {
    const fresh = inOrder(await dropKnown(received as readonly ReceivedEvent<Talk>[], change));
    if (fresh.length === 0) return () => {};
    const people = await contacts.resolveSenders(
      fresh.map(({ event }) => ({ sender: personOf(event), at: event.at })),
      change.session,
    );
    const talks = await conversations.openConversations(
      fresh.map(({ event }, index) => ({
        contact: people[index] as Contact,
        channel: event.channel,
        source: sourceOf(event.channel),
      })),
      change.session,
    );
    const docs = fresh.map((one, index) => store(one, people[index] as Contact, talks[index] as Conversation));
    await messages.storeInbound(docs, change);
    await conversations.saveAll(talks, change, fresh[0]?.requestId);
    return tell(fresh, docs, talks);
  };

  async function dropKnown(received: readonly ReceivedEvent<Talk>[], { session }: Change): Promise<ReceivedEvent<Talk>[]> {
    const known = await messages.findKnownWamids(
      received.map(({ event }) => ({ channel: event.channel, wamid: event.wamid })),
      session,
    );
    const seen = new Set(known);
    return received.filter(({ event }) => {
      const key = wamidKey(event.channel, event.wamid);
      return !seen.has(key) && seen.add(key);
    });
  }

  /** The message as stored; moves the conversation on in memory. */
  function store({ event, requestId }: ReceivedEvent<Talk>, contact: Contact, conversation: Conversation): Message {
    const isEcho = event.kind === "echo";
    const isAnswerable = event.kind === "message" && event.answerable;
    if (isEcho) takeOver(conversation);
    else receive(conversation, event, isAnswerable);
    const role = isEcho ? "operator" : event.content.type === "system" ? "system" : "user";
    const direction = isEcho ? "outbound" : "inbound";
    if (event.content.type !== "reaction")
      conversation.lastMessage = previewOf({ text: event.content.text, type: event.content.type, role, direction });
    if (conversation.lastMessageAt.getTime() < event.at || conversation.lastMessage === null)
      conversation.lastMessageAt = new Date(event.at);
    return {
      _id: newId(clock.now()),
      conversation: conversation._id,
      contact: contact._id,
      channel: event.channel,
      lane: laneOf(contact._id, event.channel),
      role,
      direction,
      platform: "whatsapp",
      type: event.content.type,
      content: event.content.text,
      payload: payloadOf(event),
      attachments: event.content.attachments.map(({ type, mediaId, mimeType, filename, caption }) => ({
        type,
        url: null,
        mediaId: mediaId ?? null,
        fileDescription: caption ?? null,
        mimeType: mimeType ?? null,
        filename: filename ?? null,
      })),
      context: event.context ? { wamid: event.context.messageId ?? null, forwarded: event.context.forwarded ?? false } : null,
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
      createdAt: new Date(clock.now()),
    };
  }

  function receive(conversation: Conversation, event: MessageEvent, isAnswerable: boolean): void {
    conversation.unreadCount++;
    conversation.lastInboundWamid = event.wamid;
    if (event.content.type !== "reaction") {
      const expires = new Date(windowExpiresAt(Math.min(event.at, clock.now())));
      if (!conversation.windowExpiresAt || conversation.windowExpiresAt < expires) conversation.windowExpiresAt = expires;
    }
    if (!isAnswerable) return;
    conversation.inboundSeq++;
    if (conversation.status === "resolved") reopen(conversation);
    if (conversation.isAIEnabled) conversation.batch = extendBatch(conversation.batch, clock.now(), batchLimits);
  }

  function tell(fresh: readonly ReceivedEvent<Talk>[], docs: readonly Message[], talks: readonly Conversation[]): AfterCommit {
    return () => {
      fresh.forEach(({ requestId, receivedAt, event }, index) => {
        const message = docs[index];
        trace("stored", {
          correlationId: requestId,
          conversation: message?.conversation ?? null,
          message: message?._id ?? null,
          wamid: event.wamid,
          ms: clock.now() - receivedAt,
          detail: event.content.type,
        });
      });
      for (const { _id, batch } of new Set(talks)) if (batch) onBatched(_id, batch.dueAt);
    };
  }
}

/** Within one commit the customer's own clock decides, then arrival. Between contacts the order does not matter. */
const inOrder = (received: readonly ReceivedEvent<Talk>[]): ReceivedEvent<Talk>[] =>
  [...received].sort((a, b) => a.event.at - b.event.at);

const personOf = (event: Talk): Sender => (event.kind === "echo" ? event.recipient : event.sender);

/** A person answered from the phone: they beat the machine. */
function takeOver(conversation: Conversation): void {
  Object.assign(conversation, {
    epoch: conversation.epoch + 1,
    isAIEnabled: false,
    status: "open",
    waitingFor: null,
    batch: null,
    answeredSeq: conversation.inboundSeq,
  });
}

function reopen(conversation: Conversation): void {
  Object.assign(conversation, {
    status: conversation.isAIEnabled ? "waiting" : "open",
    waitingFor: conversation.isAIEnabled ? "assistant" : null,
    resolvedAt: null,
    resolvedBy: null,
  });
}

function payloadOf(event: Talk): Record<string, unknown> {
  const { content } = event;
  const extra = event.kind === "message" ? { referral: event.referral, groupId: event.groupId, errors: event.errors } : {};
  const known = Object.fromEntries(Object.entries(extra).filter(([, value]) => value !== undefined));
  const payload = content.type === "text" ? {} : (content.payload as Record<string, unknown>);
  const raw = content.type === "unknown" ? { raw: event.raw } : {};
  return { ...payload, ...known, ...raw };
}
