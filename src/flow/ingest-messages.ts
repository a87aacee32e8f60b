/**
 * What an incoming message means: its contact, its conversation, its place in the thread, and whether it waits for an answer.
 * Everything happens in the caller's transaction.
 */
import type { EchoEvent, Identity, MessageEvent } from "../channels/whatsapp/inbound";
import { numberVariants } from "../channels/whatsapp/phone-variant";
import { windowExpiresAt } from "../channels/whatsapp/window";
import type { Clock } from "../core/clock";
import type { Change } from "../events/log";
import type { Contact } from "../features/contacts/contact.model";
import type { ContactService, Sender } from "../features/contacts/contact.service";
import type { Conversation } from "../features/conversations/conversation.model";
import { type ConversationService, previewOf } from "../features/conversations/conversation.service";
import type { Message } from "../features/messages/message.model";
import { type MessageService, wamidKey } from "../features/messages/message.service";
import { type BatchLimits, extendBatch } from "./batch";
import type { AfterCommit, IngestHandlers, ReceivedEvent } from "./ingest";
import { applyToEarlier, isAboutEarlier } from "./ingest-revisions";
import { toStoredMessage } from "./stored-message";
import type { Trace } from "./trace";

export interface IngestMessagesDeps {
  contacts: ContactService;
  conversations: ConversationService;
  messages: MessageService;
  batchLimits: BatchLimits;
  /** Where a number's messages come from: `whatsapp`, `sandbox`, or `unconfirmed` for a number we do not know. */
  sourceOf: (channel: string) => string;
  /** Messages came in on this number. */
  onReceived: (channel: string, count: number) => void;
  onBatched: (conversation: string, dueAt: Date) => void;
  clock: Clock;
  trace: Trace;
}

export type Talk = MessageEvent | EchoEvent;

export function createIngestMessages(deps: IngestMessagesDeps): IngestHandlers["messages"] {
  const { contacts, conversations, messages, batchLimits, sourceOf, onReceived, onBatched, clock, trace } = deps;

  return async (received, change, areNew) => {
    const all = received as readonly ReceivedEvent<Talk>[];
    const known = await messages.findByWamids(
      all.flatMap(({ event }) => (areNew ? earlierOf(event) : [event, ...earlierOf(event)])),
      change.session,
    );
    const fresh = inOrder(keepNew(all, known));
    if (fresh.length === 0) return () => {};
    await migrateIdentities(fresh, change);
    const people = await contacts.resolveSenders(
      fresh.map(({ event }) => ({ sender: personOf(event), at: momentOf(event, clock.now()) })),
      change,
    );
    const talks = await conversations.openConversations(
      fresh.map(({ event }, index) => ({
        contact: people[index] as Contact,
        channel: event.channel,
        source: sourceOf(event.channel),
      })),
      change.session,
    );
    const stored: Message[] = [];
    const told: AfterCommit[] = [];
    for (const [index, one] of fresh.entries()) {
      const message = await take(one, people[index] as Contact, talks[index] as Conversation, known, change);
      if (message.isNew) stored.push(message.message);
      told.push(() => tell(one, message.message));
    }
    await messages.storeInbound(stored, change);
    await conversations.saveAll(talks, change, fresh[0]?.requestId);
    return () => {
      for (const step of told) step();
      for (const [channel, count] of countByChannel(fresh)) onReceived(channel, count);
      for (const { _id, batch } of new Set(talks)) if (batch) onBatched(_id, batch.dueAt);
    };
  };

  /** One event: a new message, the real text of one that was unavailable, or something about an earlier one. */
  async function take(
    { event, requestId }: ReceivedEvent<Talk>,
    contact: Contact,
    conversation: Conversation,
    known: ReadonlyMap<string, Message>,
    change: Change,
  ): Promise<{ message: Message; isNew: boolean }> {
    move(conversation, event);
    const earlier = await applyToEarlier(event, known, messages, change);
    if (earlier) return { message: earlier, isNew: false };
    const message = toStoredMessage(event, { contact, conversation, requestId, now: clock.now() });
    const unavailable = known.get(wamidKey(event.channel, event.wamid));
    if (!unavailable) return { message, isNew: true };
    const { type, content, payload, attachments, context, inboundSeq } = message;
    await messages.revise(unavailable, { type, content, payload, attachments, context, inboundSeq }, change);
    return { message: unavailable, isNew: false };
  }

  /** Moves the conversation on in memory. */
  function move(conversation: Conversation, event: Talk): void {
    if (event.kind === "echo") takeOver(conversation);
    else receive(conversation, event);
    const { type, text } = event.content;
    if (type !== "edit" && type !== "revoke") conversation.lastMessage = previewOf({ text, type, ...speakerOf(event) });
    const at = momentOf(event, clock.now());
    if (conversation.lastMessageAt.getTime() < at) conversation.lastMessageAt = new Date(at);
  }

  function receive(conversation: Conversation, event: MessageEvent): void {
    conversation.unreadCount++;
    conversation.lastInboundWamid = event.wamid;
    // Whether a reaction opens the 24-hour window is not documented, so it is not counted (facts §3.8).
    if (event.content.type !== "reaction" && event.content.type !== "system") {
      const expires = new Date(windowExpiresAt(Math.min(event.at, clock.now())));
      if (!conversation.windowExpiresAt || conversation.windowExpiresAt < expires) conversation.windowExpiresAt = expires;
    }
    if (!event.answerable) return;
    conversation.inboundSeq++;
    if (conversation.status === "resolved") reopen(conversation);
    if (conversation.isAIEnabled) conversation.batch = extendBatch(conversation.batch, clock.now(), batchLimits);
  }

  /** A changed number or user id leads to the contact we know, before the message is filed. */
  async function migrateIdentities(received: readonly ReceivedEvent<Talk>[], change: Change): Promise<void> {
    for (const { event } of received)
      if (event.content.type === "system")
        await contacts.migrate(withVariants(event.content.payload.previous), withVariants(event.content.payload.current), change);
  }

  function tell({ requestId, receivedAt, event }: ReceivedEvent<Talk>, message: Message): void {
    trace("stored", {
      correlationId: requestId,
      conversation: message.conversation,
      message: message._id,
      wamid: event.wamid,
      ms: clock.now() - receivedAt,
      detail: event.content.type,
    });
  }
}

/** What is stored is left out, and what comes twice in one commit; a message that was unavailable may come once more. */
function keepNew(received: readonly ReceivedEvent<Talk>[], known: ReadonlyMap<string, Message>): ReceivedEvent<Talk>[] {
  const seen = new Set<string>();
  return received.filter(({ event }) => {
    const key = wamidKey(event.channel, event.wamid);
    const stored = known.get(key);
    const isUpgrade = stored?.type === "unsupported" && event.content.type !== "unsupported";
    return (!stored || isUpgrade) && !seen.has(key) && seen.add(key);
  });
}

function countByChannel(received: readonly ReceivedEvent<Talk>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { event } of received) if (event.kind === "message") counts.set(event.channel, (counts.get(event.channel) ?? 0) + 1);
  return counts;
}

/** Within one commit the customer's own clock decides, then arrival. Between contacts the order does not matter. */
const inOrder = (received: readonly ReceivedEvent<Talk>[]): ReceivedEvent<Talk>[] =>
  [...received].sort((a, b) => a.event.at - b.event.at);

/** WhatsApp tells whole seconds. Within the second of its writing a message counts as just written, or lists would lag behind. */
const momentOf = ({ at }: Talk, now: number): number => Math.min(at + 999, now);

const earlierOf = (event: Talk): { channel: string; wamid: string }[] => {
  const wamid = isAboutEarlier(event);
  return wamid ? [{ channel: event.channel, wamid }] : [];
};

export const withVariants = (person: Identity): Sender => {
  const forms = [person.waId, person.otherWaId].flatMap((waId) => (waId ? numberVariants(waId) : []));
  return { ...person, otherWaIds: forms.filter((waId) => waId !== person.waId) };
};

/** Of a system message the sender is who they are from now on; the contact has been moved there. */
function personOf(event: Talk): Sender {
  if (event.kind === "echo") return withVariants(event.recipient);
  if (event.content.type !== "system") return withVariants(event.sender);
  const { current } = event.content.payload;
  return withVariants(current.waId || current.userId ? { ...event.sender, ...current } : event.sender);
}

function speakerOf(event: Talk): Pick<Message, "role" | "direction"> {
  if (event.kind === "echo") return { role: "operator", direction: "outbound" };
  return { role: event.content.type === "system" ? "system" : "user", direction: "inbound" };
}

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
