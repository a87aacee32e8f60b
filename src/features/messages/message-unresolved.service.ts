/**
 * Sends that people have to look at: those whose outcome nobody knows, and those that failed. Sending again puts the message back
 * into its lane, so it really leaves, in its place, by the same door as everything else.
 */
import type { Actor } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { decodeCursor, type Page, toPage } from "../../core/page";
import type { Change, EventLog } from "../../events/log";
import type { MessageView } from "../../events/view";
import type { ConversationService } from "../conversations/conversation.service";
import type { Delivery, Message, MessageModel } from "./message.model";
import { toDeliveryView, toMessageView } from "./message.view";
import type { UnresolvedCounts, UnresolvedQuery } from "./message-unresolved.schema";
import type { ReachService } from "./reach.service";

export interface UnresolvedService {
  /** The newest first. */
  list(query: UnresolvedQuery, actor: Actor): Promise<Page<MessageView>>;
  count(actor: Actor): Promise<UnresolvedCounts>;
  /** Sends it (again). Throws when it needs no decision, or WhatsApp would not take it any more. */
  resend(id: string, actor: Actor): Promise<Message>;
  /** A person has seen it and leaves it as it is. */
  dismiss(id: string, actor: Actor): Promise<Message>;
  /** Called with the lane of every message that goes back into the queue. */
  onRequeued(listener: (lane: string) => void): void;
}

export interface UnresolvedDeps {
  messages: MessageModel;
  conversations: ConversationService;
  reach: Pick<ReachService, "assertMessage" | "within">;
  /** Whether free-form text would still arrive in time. */
  isWindowOpen: (expiresAt: number | null, now: number) => boolean;
  log: EventLog;
  clock: Clock;
}

export function createUnresolvedService({
  messages,
  conversations,
  reach,
  isWindowOpen,
  log,
  clock,
}: UnresolvedDeps): UnresolvedService {
  const listeners: ((lane: string) => void)[] = [];

  /** Changes the delivery of a message that still waits for a decision, and tells it. */
  async function decide(message: Message, update: Record<string, unknown>, change: Change): Promise<Message> {
    const state = message.delivery?.state as Delivery["state"];
    const after = (await messages.collection.findOneAndUpdate(
      { _id: message._id as never, "delivery.state": state, "delivery.attention": { $exists: true } },
      update as never,
      { session: change.session, returnDocument: "after" },
    )) as unknown as Message | null;
    // Its status came, or a colleague was faster.
    if (!after) throw fail("request.conflict");
    change.emit(
      "message:status",
      { conversation: after.conversation, message: after._id, wamid: after.wamid, delivery: toDeliveryView(after) },
      after.correlationId,
    );
    return after;
  }

  /** The message, if it waits for a person: an unknown send that may still be settled by itself does not. */
  async function getUndecided(id: string, actor: Actor): Promise<Message> {
    const message = (await messages.findById(id).lean()) as Message | null;
    if (!message) throw fail("message.not-found");
    await reach.assertMessage(message, actor);
    const { delivery } = message;
    if (delivery?.attention === "failed" || (delivery?.state === "unknown" && delivery.needsDecision)) return message;
    throw fail("delivery.not-open");
  }

  return {
    async list({ state, limit, cursor }, actor) {
      let [last] = cursor ? (decodeCursor(cursor, ["string"]) as string[]) : [];
      const found: Message[] = [];
      // Those out of reach leave gaps, so more is read until the page is full.
      for (let isAtEnd = false; !isAtEnd && found.length <= limit; ) {
        const rows = (await messages
          .find({ "delivery.attention": state, ...(last ? { _id: { $lt: last } } : {}) })
          .sort({ _id: -1 })
          .limit(limit + 1)
          .lean()) as Message[];
        found.push(...(await reach.within(rows, actor)));
        isAtEnd = rows.length <= limit;
        last = rows.at(-1)?._id;
      }
      return toPage(found, limit, toMessageView, (row) => [row._id]);
    },

    async count(actor) {
      const count = async (filter: Record<string, unknown>): Promise<number> => {
        if (actor.reach === "all") return messages.countDocuments(filter);
        const rows = (await messages.find(filter, { conversation: 1 }).lean()) as Pick<Message, "conversation">[];
        return (await reach.within(rows, actor)).length;
      };
      const [waiting, unknown, failed] = await Promise.all([
        count({ "delivery.dueAt": { $exists: true } }),
        count({ "delivery.attention": "unknown" }),
        count({ "delivery.attention": "failed" }),
      ]);
      return { waiting, unknown, failed };
    },

    async resend(id, actor) {
      const message = await getUndecided(id, actor);
      const conversation = await conversations.getConversation(message.conversation);
      const expiresAt = conversation.windowExpiresAt?.getTime() ?? null;
      if (message.type !== "template" && !isWindowOpen(expiresAt, clock.now())) throw fail("conversation.window-closed");
      const queued = await log.change((change) =>
        decide(
          message,
          {
            $set: {
              "delivery.state": "queued",
              "delivery.dueAt": new Date(clock.now()),
              "delivery.attempts": 0,
              "delivery.isResend": true,
              "delivery.needsDecision": false,
              "delivery.error": null,
              // A person decided now: what the assistant wrote before a takeover may leave all the same.
              ...(message.epoch === null ? {} : { epoch: conversation.epoch }),
              wamid: null,
            },
            $unset: { "delivery.attention": "" },
          },
          change,
        ),
      );
      for (const listener of listeners) listener(queued.lane);
      return queued;
    },

    async dismiss(id, actor) {
      const message = await getUndecided(id, actor);
      return log.change((change) =>
        decide(message, { $set: { "delivery.needsDecision": false }, $unset: { "delivery.attention": "" } }, change),
      );
    },

    onRequeued: (listener) => void listeners.push(listener),
  };
}
