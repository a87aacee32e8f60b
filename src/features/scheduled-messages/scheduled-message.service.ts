/**
 * Messages that are sent later. When their time has come they go through the same door as everything an agent sends, once, whatever
 * happens in between: the message knows the schedule it came from.
 */
import type { ClientSession } from "mongoose";
import { type Actor, can, type FindActor, SYSTEM } from "../../core/actor";
import { type Alarm, createAlarm } from "../../core/alarm";
import type { Auditor } from "../../core/audit-port";
import type { Clock } from "../../core/clock";
import { AppError, fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Log } from "../../core/log";
import type { Change, EventLog } from "../../events/log";
import type { ScheduledMessageView } from "../../events/writing-view";
import type { Conversation } from "../conversations/conversation.model";
import type { ConversationService } from "../conversations/conversation.service";
import type { MessageService } from "../messages/message.service";
import type { MessageSendService } from "../messages/message-send.service";
import type { ScheduledMessage, ScheduledMessageModel } from "./scheduled-message.model";
import type { NewScheduled, ScheduledPatch } from "./scheduled-message.schema";

export interface ScheduledMessageService {
  /** What waits in a conversation, and what came of the last ones, the newest first. */
  list(conversation: string, actor: Actor): Promise<ScheduledMessageView[]>;
  create(conversation: string, message: NewScheduled, actor: Actor): Promise<ScheduledMessageView>;
  /** The same within a transaction of the caller, who calls `wake` once it is committed. */
  createWithin(conversation: Conversation, message: NewScheduled, actor: Actor, change: Change): Promise<ScheduledMessageView>;
  /** Looks when the next one is due. */
  wake(): void;
  /** Throws `scheduled-message.over` once it is no longer waiting. */
  patch(id: string, patch: ScheduledPatch, actor: Actor): Promise<ScheduledMessageView>;
  cancel(id: string, actor: Actor): Promise<ScheduledMessageView>;
  start(): void;
  stop(): Promise<void>;
}

export interface ScheduledMessageDeps {
  scheduled: ScheduledMessageModel;
  conversations: Pick<ConversationService, "getReachable" | "findConversation" | "update">;
  messages: Pick<MessageService, "addActivity">;
  sending: Pick<MessageSendService, "send">;
  findActor: FindActor;
  audit: Auditor<ClientSession>;
  eventLog: EventLog;
  clock: Clock;
  log: Log;
}

const MOST_LISTED = 50;
const AT_ONCE = 20;

export function createScheduledMessageService(deps: ScheduledMessageDeps): ScheduledMessageService {
  const { scheduled, conversations, messages, sending, findActor, audit, eventLog, clock, log } = deps;

  async function getReachable(id: string, actor: Actor): Promise<ScheduledMessage> {
    const found = (await scheduled.findById(id).lean()) as ScheduledMessage | null;
    // Whoever may write but not read knows of their own alone.
    if (!found || (found.author !== actor.id && !can(actor, "conversations.read"))) throw fail("scheduled-message.not-found");
    await conversations.getReachable(found.conversation, actor);
    return found;
  }

  /** Changes one that still waits, and tells it. Null when it does not, or is at another version. */
  async function update(
    id: string,
    filter: object,
    change: object,
    line?: string,
    also?: (transaction: Change) => Promise<void>,
  ): Promise<ScheduledMessage | null> {
    const after = await eventLog.change(async (transaction) => {
      const { session, emit } = transaction;
      const found = (await scheduled.collection.findOneAndUpdate(
        { _id: id as never, pending: true, ...filter },
        change as never,
        { session, returnDocument: "after" },
      )) as unknown as ScheduledMessage | null;
      if (!found) return null;
      emit("scheduled-message:updated", { scheduled: toScheduledView(found) });
      await also?.(transaction);
      const conversation = line ? await conversations.findConversation(found.conversation, session) : null;
      if (conversation && line)
        await messages.addActivity(conversation, line, `scheduled:${id}:${found.state}`, transaction, {
          payload: { kind: "scheduled", scheduled: id, state: found.state },
        });
      return found;
    });
    alarm.look();
    return after;
  }

  const end = (state: ScheduledMessage["state"], fields: Partial<ScheduledMessage> = {}) => ({
    $set: { state, ...fields },
    $unset: { pending: "" },
    $inc: { version: 1 },
  });

  async function deliver(one: ScheduledMessage): Promise<void> {
    const conversation = await conversations.findConversation(one.conversation);
    if (one.cancelOnReply && (conversation?.inboundSeq ?? 0) > one.inboundSeq) {
      const error = "The customer has written meanwhile.";
      await update(
        one._id,
        {},
        end("cancelled", { error }),
        "A scheduled message was not sent: the customer has written meanwhile",
      );
      return;
    }
    if (!(await mayStillSend(one))) return void (await withhold(one));
    // What the assistant has promised takes the conversation over from nobody.
    const kind = one.author === "assistant" ? "system" : "agent";
    const author: Actor = { ...SYSTEM, kind, id: one.author, name: one.authorName };
    try {
      const sent = await sending.send(one.conversation, one.content, author, `scheduled:${one._id}`);
      await update(one._id, {}, end("sent", { message: sent._id }));
    } catch (error) {
      // AppError: the rules of sending speak; anything else is tried again with the next ring.
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      if (error.code === "conversation.window-closed" && one.fallback) await deliverFallback(one, author, one.fallback);
      else await giveUp(one, error);
    }
  }

  async function mayStillSend({ author, authorKind = "agent" }: ScheduledMessage): Promise<boolean> {
    // What the assistant has promised is the company's own word.
    if (author === "assistant") return true;
    const actor = await findActor({ kind: authorKind, id: author });
    return actor !== null && can(actor, "messages.send");
  }

  /** Nobody speaks for the company after they have left it. A colleague who changes the message before its time answers for it. */
  async function withhold(one: ScheduledMessage): Promise<void> {
    const error = `${one.authorName} may not write to customers any more.`;
    const target = { kind: "conversation", id: one.conversation };
    await update(one._id, {}, end("failed", { error }), `A scheduled message was not sent: ${error}`, async (change) => {
      await audit.record(change, { actor: SYSTEM, action: "scheduled-message.withhold", target, before: { author: one.author } });
      await callPerson(one, change);
    });
  }

  async function deliverFallback(one: ScheduledMessage, author: Actor, fallback: NonNullable<ScheduledMessage["fallback"]>) {
    try {
      const sent = await sending.send(one.conversation, fallback, author, `scheduled:${one._id}:template`);
      await update(one._id, {}, end("sent", { message: sent._id, usedFallback: true }));
    } catch (error) {
      // As above.
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      await giveUp(one, error);
    }
  }

  const giveUp = (one: ScheduledMessage, { message }: AppError) =>
    update(one._id, {}, end("failed", { error: message }), `A scheduled message was not sent: ${message}`, (change) =>
      callPerson(one, change),
    );

  /** Something was promised and is not kept: the conversation is in front of people again, whatever it rested for. */
  async function callPerson({ conversation: id }: ScheduledMessage, change: Change): Promise<void> {
    const conversation = await conversations.findConversation(id, change.session);
    if (!conversation?.isOpen) return;
    const { assignedAgent, unreadCount } = conversation;
    const fields = { waitingFor: null, snoozedUntil: null, resolvedAt: null, resolvedBy: null, isUnattended: true };
    const status = assignedAgent ? ("assigned" as const) : ("open" as const);
    await conversations.update(id, { ...fields, status, unreadCount: Math.max(1, unreadCount) }, change);
  }

  const waiting = () => scheduled.find({ pending: true, dueAt: { $exists: true } }).sort({ dueAt: 1 });

  const alarm: Alarm = createAlarm({
    name: "scheduled messages",
    async soonest() {
      const [first] = (await waiting().limit(1).lean()) as ScheduledMessage[];
      return first?.dueAt ?? null;
    },
    async ring(now) {
      const due = (await waiting().limit(AT_ONCE).lean()) as ScheduledMessage[];
      for (const one of due) if (one.dueAt <= now) await deliver(one);
    },
    clock,
    log,
  });

  function timeOf(text: string): Date {
    const at = new Date(text);
    const refuse = (message: string) => fail("request.invalid", { details: [{ path: "body.dueAt", message }] });
    if (Number.isNaN(at.getTime())) throw refuse("is not a time");
    if (at.getTime() <= clock.now()) throw refuse("must be in the future");
    return at;
  }

  function assertTemplate(fallback: NewScheduled["fallback"] | null): void {
    if (fallback && !("type" in fallback && fallback.type === "template"))
      throw fail("request.invalid", { details: [{ path: "body.fallback", message: "must be a template" }] });
  }

  const service: ScheduledMessageService = {
    async list(conversation, actor) {
      await conversations.getReachable(conversation, actor);
      const found = await scheduled.find({ conversation }).sort({ _id: -1 }).limit(MOST_LISTED).lean();
      return (found as ScheduledMessage[]).map(toScheduledView);
    },

    async create(conversationId, message, actor) {
      const conversation = await conversations.getReachable(conversationId, actor);
      const made = await eventLog.change((change) => service.createWithin(conversation, message, actor, change));
      alarm.look();
      return made;
    },

    async createWithin(conversation, { dueAt, content, fallback = undefined, cancelOnReply = false }, actor, { session, emit }) {
      assertTemplate(fallback);
      const one: ScheduledMessage = {
        _id: newId(clock.now()),
        conversation: conversation._id,
        content,
        fallback: fallback ?? null,
        dueAt: timeOf(dueAt),
        cancelOnReply,
        inboundSeq: conversation.inboundSeq,
        state: "scheduled",
        pending: true,
        message: null,
        usedFallback: false,
        error: null,
        author: actor.id,
        authorKind: actor.kind,
        authorName: actor.name,
        version: 0,
        createdAt: new Date(clock.now()),
      };
      await scheduled.collection.insertOne(one as never, { session });
      emit("scheduled-message:updated", { scheduled: toScheduledView(one) });
      return toScheduledView(one);
    },

    async patch(id, { version, dueAt, ...fields }, actor) {
      const before = await getReachable(id, actor);
      if (!before.pending) throw fail("scheduled-message.over");
      assertTemplate(fields.fallback);
      const own = { author: actor.id, authorKind: actor.kind, authorName: actor.name };
      const set = {
        ...fields,
        ...((await mayStillSend(before)) ? {} : own),
        ...(dueAt === undefined ? {} : { dueAt: timeOf(dueAt) }),
      };
      const after = await update(id, { version: version ?? before.version }, { $set: set, $inc: { version: 1 } });
      if (after) return toScheduledView(after);
      const now = await getReachable(id, actor);
      throw now.pending ? fail("request.stale", { current: toScheduledView(now) }) : fail("scheduled-message.over");
    },

    async cancel(id, actor) {
      await getReachable(id, actor);
      const after = await update(id, {}, end("cancelled"));
      if (!after) throw fail("scheduled-message.over");
      return toScheduledView(after);
    },

    wake: () => alarm.look(),
    start: () => alarm.look(),
    stop: () => alarm.stop(),
  };
  return service;
}

const toScheduledView = (one: ScheduledMessage): ScheduledMessageView => ({
  id: one._id,
  conversation: one.conversation,
  content: one.content,
  fallback: one.fallback,
  dueAt: one.dueAt.toISOString(),
  cancelOnReply: one.cancelOnReply,
  state: one.state,
  message: one.message,
  usedFallback: one.usedFallback,
  error: one.error,
  author: one.author,
  version: one.version,
  createdAt: one.createdAt.toISOString(),
});
