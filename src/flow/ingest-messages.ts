/**
 * What an incoming message means: its contact, its conversation, its place in the thread, and whether it waits for an answer.
 * Everything happens in the caller's transaction.
 */
import type { EchoEvent, MessageEvent } from "../channels/whatsapp/inbound";
import { windowExpiresAt } from "../channels/whatsapp/window";
import type { Clock } from "../core/clock";
import type { Change } from "../events/log";
import type { Intercept, Interception } from "../features/consent-words/consent-word.service";
import type { ContactMergeService } from "../features/contact-merges/contact-merge.service";
import type { Contact } from "../features/contacts/contact.model";
import type { ContactService, Sender } from "../features/contacts/contact.service";
import type { Conversation } from "../features/conversations/conversation.model";
import {
  type ConversationService,
  countInbound,
  previewOf,
  takeOverFromPhone,
} from "../features/conversations/conversation.service";
import type { Message } from "../features/messages/message.model";
import { type MessageService, wamidKey } from "../features/messages/message.service";
import { type BatchLimits, extendBatch } from "./batch";
import type { AfterCommit, IngestHandlers } from "./ingest-apply";
import { migrateIdentity, withVariants } from "./ingest-identity";
import { openThread, type Thread } from "./ingest-thread";
import type { ReceivedEvent } from "./received-event";
import { earlierIdOf, toStoredMessage } from "./stored-message";
import type { Trace } from "./trace";

export interface IngestMessagesDeps {
  contacts: ContactService;
  conversations: ConversationService;
  messages: MessageService;
  contactMerges: Pick<ContactMergeService, "mergeIn">;
  batchLimits: BatchLimits;
  /** Where a number's messages come from: `whatsapp`, `sandbox`, or `unconfirmed` for a number we do not know. */
  sourceOf: (channel: string) => string;
  /** Messages came in on this number. */
  onReceived: (channel: string, count: number) => void;
  onBatched: (conversation: string, dueAt: Date) => void;
  /** Answers to something of ours, such as a survey: stored, and answered by nobody else. */
  intercept: Intercept;
  clock: Clock;
  trace: Trace;
}

export type Talk = MessageEvent | EchoEvent;

export function createIngestMessages(deps: IngestMessagesDeps): IngestHandlers["messages"] {
  const {
    contacts,
    conversations,
    messages,
    contactMerges,
    batchLimits,
    sourceOf,
    onReceived,
    onBatched,
    intercept,
    clock,
    trace,
  } = deps;

  return async (received, change, areNew) => {
    const all = received as readonly ReceivedEvent<Talk>[];
    const thread = await openThread(
      all.map(({ event }) => event),
      messages,
      change,
      areNew,
    );
    const fresh = inOrder(keepNew(all, thread));
    const steps: AfterCommit[] = [];
    for (const part of byIdentity(fresh)) steps.push(await takeAll(part, thread, change));
    return () => {
      for (const step of steps) step();
      for (const [channel, count] of countByChannel(fresh)) onReceived(channel, count);
    };
  };

  /** Events between which nobody changes their number or user id. */
  async function takeAll(fresh: readonly ReceivedEvent<Talk>[], thread: Thread, change: Change): Promise<AfterCommit> {
    for (const { event } of fresh) await migrate(event, change);
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
    const told: AfterCommit[] = [];
    const kept: (() => Promise<void>)[] = [];
    for (const [index, one] of fresh.entries()) {
      const place = { contact: people[index] as Contact, conversation: talks[index] as Conversation };
      const meaning = meaningOf(one.event, place, thread);
      const event = meaning ? { ...one.event, answerable: false } : one.event;
      move(place.conversation, event, thread.isUpgrade(event), meaning !== null);
      const { requestId } = one;
      const message = await thread.file(event, toStoredMessage(event, { ...place, requestId, now: clock.now() }));
      if (meaning) kept.push(() => meaning({ ...place, message: message._id }, change));
      told.push(() => tell(one, message));
      if (event.kind !== "echo" && event.answerable) told.push(() => tellUnanswered(one, message, place.conversation));
    }
    await thread.store();
    for (const apply of kept) await apply();
    await conversations.saveAll(talks, change, fresh[0]?.requestId);
    return () => {
      for (const step of told) step();
      for (const { _id, batch } of new Set(talks)) if (batch) onBatched(_id, batch.dueAt);
    };
  }

  /** What the message means to whoever has asked for it; null when it is there to be answered like any other. */
  function meaningOf(event: Talk, place: { contact: Contact; conversation: Conversation }, thread: Thread): Interception | null {
    if (event.kind === "echo" || !event.answerable || thread.isUpgrade(event)) return null;
    const { type, text, payload } = event.content;
    return intercept({ type, text, payload: payload as unknown as Record<string, unknown>, ...place });
  }

  /** Moves the conversation on in memory. */
  function move(conversation: Conversation, event: Talk, isUpgrade: boolean, isSeen: boolean): void {
    if (event.kind === "echo") takeOverFromPhone(conversation);
    else receive(conversation, event, isUpgrade || isSeen);
    const { type, text } = event.content;
    if (saysSomething(event)) conversation.lastMessage = previewOf({ text, type, ...speakerOf(event) });
    const at = momentOf(event, clock.now());
    if (conversation.lastMessageAt.getTime() < at) conversation.lastMessageAt = new Date(at);
  }

  function receive(conversation: Conversation, event: MessageEvent, isSeen: boolean): void {
    const { type } = event.content;
    if (!isSeen && type !== "system" && !conversation.isMuted && saysSomething(event)) conversation.unreadCount++;
    // What is written in a group opens nothing between the two of us, and neither does what only changes an earlier message. Whether a
    // reaction opens the 24-hour window is not documented, so it is not counted (facts §3.8).
    if (event.groupId === undefined && type !== "system" && earlierIdOf(event.content) === undefined && type !== "reaction") {
      if (!event.wamid.startsWith(WITHOUT_ID)) conversation.lastInboundWamid = event.wamid;
      const expires = new Date(windowExpiresAt(Math.min(event.at, clock.now())));
      if (!conversation.windowExpiresAt || conversation.windowExpiresAt < expires) conversation.windowExpiresAt = expires;
    }
    if (!event.answerable) return;
    countInbound(conversation, momentOf(event, clock.now()));
    if (conversation.isAIEnabled && !conversation.isMuted)
      conversation.batch = extendBatch(conversation.batch, clock.now(), batchLimits);
  }

  /** A changed number or user id leads to the contact we know, before the message is filed. */
  async function migrate({ content, at }: Talk, change: Change): Promise<void> {
    if (content.type !== "system") return;
    const { previous, current } = content.payload;
    await migrateIdentity({ previous, current, at }, { contacts, contactMerges }, change);
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

  /** No turn comes of it: whoever follows the message need not wait for one. */
  function tellUnanswered(
    { requestId }: ReceivedEvent<Talk>,
    { _id }: Message,
    { _id: conversation, batch, isMuted }: Conversation,
  ): void {
    if (batch) return;
    const detail = isMuted ? "nobody: muted" : "agents: assistant-off";
    trace("routed", { correlationId: requestId, conversation, message: _id, ms: null, detail });
  }
}

/** What is stored is left out, and what comes twice in one commit; a message that was unavailable may come once more. */
function keepNew(received: readonly ReceivedEvent<Talk>[], thread: Thread): ReceivedEvent<Talk>[] {
  const seen = new Set<string>();
  return received.filter(({ event }) => {
    const key = wamidKey(event.channel, event.wamid);
    return thread.isNew(event) && !seen.has(key) && seen.add(key);
  });
}

/** Cut where somebody changes their number or user id: who writes before it is another identity than who writes after it. */
function byIdentity(received: readonly ReceivedEvent<Talk>[]): ReceivedEvent<Talk>[][] {
  const parts: ReceivedEvent<Talk>[][] = [];
  let isCut = true;
  for (const one of received) {
    const isChange = one.event.content.type === "system";
    if (isCut || isChange) parts.push([]);
    parts.at(-1)?.push(one);
    isCut = isChange;
  }
  return parts;
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

/** Ids we gave ourselves: WhatsApp knows none of them. */
const WITHOUT_ID = "none:";

/** Whether there is something for people to look at: a changed, withdrawn or taken away message is seen where it stands. */
const saysSomething = ({ content }: Talk): boolean =>
  content.type === "reaction" ? content.payload.emoji !== null : content.type !== "edit" && content.type !== "revoke";

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
