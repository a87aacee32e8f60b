/**
 * How an outbound message travels: queued -> sending -> sent -> delivered -> read -> played, or failed, cancelled, unknown.
 * States only move forward; `unknown` means that the call may or may not have reached WhatsApp.
 */
import type { ClientSession } from "mongoose";
import type { Clock } from "../../core/clock";
import type { Change, EventLog } from "../../events/log";
import { createLateness } from "./lateness";
import type { DeliveryError, DeliveryState, Message, MessageModel } from "./message.model";
import { toDeliveryView } from "./message.view";

/** Higher never goes back to lower. `failed` replaces only what has not been delivered. */
const RANK: Record<DeliveryState, number> = {
  queued: 0,
  sending: 1,
  unknown: 2,
  cancelled: 2,
  failed: 3,
  sent: 3,
  delivered: 4,
  read: 5,
  played: 6,
};

export interface StatusReport {
  channel: string;
  wamid: string;
  /** Our own id, when WhatsApp handed it back. */
  messageId?: string | undefined;
  status: string;
  /** Milliseconds from what it tells to its arrival. */
  lateMs?: number;
  error?: DeliveryError | undefined;
  pricing?: Record<string, unknown> | undefined;
}

/** Holds while this process still owns the lane; asked inside the transaction that writes the intent. */
export type Fence = (session: ClientSession) => Promise<boolean>;

/** A message that has something to do at some time. */
export interface Due {
  _id: string;
  lane: string;
  channel: string;
  dueAt: Date;
}

export interface DeliveryService {
  /** The oldest message of a lane that still has something to do, and the one after it. */
  listNext(lane: string): Promise<Message[]>;
  /** Whether something behind this message waits in its lane. */
  hasFollower(message: Message): Promise<boolean>;
  /** Messages with something to do, the soonest first; `after`: the last one of the page before. */
  listDue(limit: number, after?: Due): Promise<Due[]>;
  /** Writes the intent before the call. False when another worker or a cancellation came first, or the lane was lost. */
  beginSend(message: Message, fence: Fence | null): Promise<boolean>;
  markSent(message: Message, wamid: string): Promise<void>;
  /** Puts it back into the queue for a later try. `isTry`: whether this one counts towards the tries it may have. */
  retryAt(message: Message, dueAt: Date, error: DeliveryError, isTry: boolean): Promise<void>;
  /** `also`: what follows from it, in the same transaction. */
  markFailed(message: Message, error: DeliveryError, also?: (change: Change) => Promise<void>): Promise<void>;
  markCancelled(message: Message): Promise<void>;
  /** The outcome of the call is not known; the lane waits for it until `settleAt`. */
  markUnknown(message: Message, settleAt: Date, reason: string): Promise<void>;
  /** Judged not sent: goes out once more, marked so. */
  resend(message: Message): Promise<void>;
  /** Nobody can tell: a person decides, and the lane goes on. */
  leaveToPerson(message: Message): Promise<void>;
  /** Whether a send of this number that began after `after` has been confirmed by a status: proof that the webhook is alive. */
  isWebhookAlive(channel: string, after: Date): boolean;
  /** How late statuses of this number have reached this process lately, in milliseconds: the worst of the last minutes. */
  latenessOf(channel: string): number;
  /** Whether a send of the same moments that WhatsApp has taken still waits for its first status. */
  hasAwaitedNeighbour(message: Message): Promise<boolean>;
  /** Applies reported statuses. Gives back those whose message is not known, and the messages that have failed by them. */
  applyStatuses(reports: readonly StatusReport[], change: Change): Promise<{ unmatched: StatusReport[]; failed: Message[] }>;
}

/** Sends that began within this time of each other share what happens to their statuses. */
const SAME_MOMENTS_MS = 2_000;
/** How many messages before and behind it are looked through for sends of the same moments. */
const NEIGHBOURHOOD = 150;

export interface DeliveryDeps {
  messages: MessageModel;
  log: EventLog;
  clock: Clock;
}

export function createDeliveryService({ messages, log, clock }: DeliveryDeps): DeliveryService {
  /** When the newest send of each number began that was confirmed to this process: what was told before a crash proves nothing. */
  const confirmed = new Map<string, number>();
  const lateness = createLateness(clock);

  function tell(message: Message, change: Change): void {
    change.emit(
      "message:status",
      { conversation: message.conversation, message: message._id, wamid: message.wamid, delivery: toDeliveryView(message) },
      message.correlationId,
    );
  }

  /** Moves a message from one of the `from` states and tells it. Null when it has moved on meanwhile. */
  async function move(
    message: Message,
    from: readonly DeliveryState[],
    update: Record<string, unknown>,
    also?: (change: Change) => Promise<void>,
  ): Promise<Message | null> {
    return log.change(async (change) => {
      const after = await messages.collection.findOneAndUpdate(
        { _id: message._id as never, "delivery.state": { $in: from as string[] } },
        update as never,
        {
          session: change.session,
          returnDocument: "after",
        },
      );
      if (!after) return null;
      tell(after as unknown as Message, change);
      await also?.(change);
      return after as unknown as Message;
    });
  }

  const now = () => new Date(clock.now());
  const finished = { "delivery.dueAt": "" };
  const settled = { ...finished, "delivery.attention": "" };

  return {
    async listNext(lane) {
      return (await messages.collection
        .find({ lane, "delivery.dueAt": { $exists: true } })
        .sort({ _id: 1 })
        .limit(2)
        .toArray()) as unknown as Message[];
    },

    async hasFollower({ _id, lane }) {
      return (await messages.exists({ lane, _id: { $gt: _id }, "delivery.dueAt": { $exists: true } })) !== null;
    },

    async listDue(limit, after) {
      const behind = after && {
        $or: [
          { "delivery.dueAt": { $exists: true, $gt: after.dueAt } },
          { "delivery.dueAt": after.dueAt, _id: { $gt: after._id } },
        ],
      };
      const rows = await messages
        .find(behind ?? { "delivery.dueAt": { $exists: true } }, { lane: 1, channel: 1, "delivery.dueAt": 1 })
        .sort({ "delivery.dueAt": 1, _id: 1 })
        .limit(limit)
        .lean();
      return (rows as unknown as Pick<Message, "_id" | "lane" | "channel" | "delivery">[]).flatMap(
        ({ _id, lane, channel, delivery }) => (delivery?.dueAt ? [{ _id, lane, channel, dueAt: delivery.dueAt }] : []),
      );
    },

    async beginSend(message, fence) {
      const write = async (session?: ClientSession) => {
        const result = await messages.collection.updateOne(
          { _id: message._id as never, "delivery.state": "queued" },
          {
            $set: { "delivery.state": "sending", "delivery.intentAt": now() },
            $inc: { "delivery.attempts": 1 },
          } as never,
          session ? { session } : {},
        );
        return result.modifiedCount === 1;
      };
      return fence ? log.change(async ({ session }) => (await fence(session)) && write(session)) : write();
    },

    async markSent(message, wamid) {
      const moved = await move(message, ["sending", "unknown"], {
        $set: { "delivery.state": "sent", "delivery.error": null, wamid },
        $unset: settled,
      });
      // A status can overtake the answer of the call: then only the id is missing.
      if (!moved) await messages.updateOne({ _id: message._id, wamid: null }, { $set: { wamid } });
    },

    async retryAt(message, dueAt, error, isTry) {
      await move(message, ["sending"], {
        $set: { "delivery.state": "queued", "delivery.dueAt": dueAt, "delivery.error": error },
        ...(isTry ? {} : { $inc: { "delivery.attempts": -1 } }),
      });
    },

    async markFailed(message, error, also) {
      const update = {
        $set: { "delivery.state": "failed", "delivery.error": error, "delivery.attention": "failed" },
        $unset: finished,
      };
      await move(message, ["queued", "sending", "unknown"], update, also);
    },

    async markCancelled(message) {
      await move(message, ["queued"], { $set: { "delivery.state": "cancelled" }, $unset: finished });
    },

    async markUnknown(message, settleAt, reason) {
      await move(message, ["sending"], {
        $set: {
          "delivery.state": "unknown",
          "delivery.dueAt": settleAt,
          "delivery.error": { code: "unknown", message: reason },
          "delivery.attention": "unknown",
        },
      });
    },

    async resend(message) {
      await move(message, ["unknown"], {
        $set: { "delivery.state": "queued", "delivery.dueAt": now(), "delivery.isResend": true, "delivery.error": null },
        $unset: { "delivery.attention": "" },
      });
    },

    async leaveToPerson(message) {
      await move(message, ["unknown"], { $set: { "delivery.needsDecision": true }, $unset: finished });
    },

    isWebhookAlive(channel, after) {
      return (confirmed.get(channel) ?? 0) > after.getTime();
    },

    latenessOf: (channel) => lateness.get(channel),

    async hasAwaitedNeighbour({ _id, channel, delivery, createdAt }) {
      const at = (delivery?.intentAt ?? createdAt).getTime();
      const look = (side: Record<string, string>, order: 1 | -1) =>
        messages.find({ _id: side }, { channel: 1, direction: 1, delivery: 1 }).sort({ _id: order }).limit(NEIGHBOURHOOD).lean();
      const around = [...(await look({ $lt: _id }, -1)), ...(await look({ $gt: _id }, 1))] as unknown as Message[];
      return around.some((one) => {
        const { intentAt, state, confirmedAt } = one.delivery ?? {};
        const isAwaited = state === "sent" && confirmedAt === undefined;
        const isNear = intentAt !== undefined && Math.abs(intentAt.getTime() - at) <= SAME_MOMENTS_MS;
        return one.direction === "outbound" && one.channel === channel && isAwaited && isNear;
      });
    },

    async applyStatuses(reports, change) {
      const ids = reports.flatMap(({ messageId }) => (messageId ? [messageId] : []));
      const wamids = reports.map(({ wamid }) => wamid);
      const channels = [...new Set(reports.map(({ channel }) => channel))];
      const read = async (filter: Record<string, unknown>) =>
        (await messages.collection.find(filter as never, { session: change.session }).toArray()) as unknown as Message[];
      const byId = ids.length > 0 ? await read({ _id: { $in: ids } }) : [];
      const known = new Set(byId.map((one) => one._id));
      const rest = reports.filter(({ messageId }) => !messageId || !known.has(messageId));
      const byWamid = rest.length > 0 ? await read({ channel: { $in: channels }, wamid: { $in: wamids } }) : [];
      const found = new Map<string, Message>();
      for (const message of [...byId, ...byWamid]) found.set(message._id, message);
      const ofWamid = new Map(
        [...found.values()].flatMap((one) => (one.wamid ? [[`${one.channel}:${one.wamid}`, one] as const] : [])),
      );

      const unmatched: StatusReport[] = [];
      const touched = new Set<Message>();
      const shown = new Set<Message>();
      for (const report of reports) {
        lateness.note(report.channel, report.lateMs ?? 0);
        const message =
          (report.messageId ? found.get(report.messageId) : undefined) ?? ofWamid.get(`${report.channel}:${report.wamid}`);
        if (!message?.delivery) unmatched.push(report);
        else {
          const before = message.wamid;
          const change = advance(message, report);
          if (change) touched.add(message);
          if (change === "shown" || message.wamid !== before) shown.add(message);
        }
      }
      if (touched.size > 0)
        await messages.collection.bulkWrite(
          [...touched].map(({ _id, delivery, wamid, pricing }) => ({
            updateOne: { filter: { _id: _id as never }, update: { $set: { delivery, wamid, pricing } as never } },
          })),
          { session: change.session, ordered: false },
        );
      for (const message of shown) tell(message, change);
      return { unmatched, failed: [...touched].filter(({ delivery }) => delivery?.state === "failed") };
    },
  };

  /** Applies one report in memory. Says whether anything changed, and whether people see it. */
  function advance(message: Message, { status, wamid, error, pricing }: StatusReport): "shown" | "unseen" | null {
    const delivery = message.delivery;
    if (!delivery || !(status in RANK) || status === "queued") return null;
    const state = status as DeliveryState;
    if (state !== "failed" && delivery.intentAt)
      confirmed.set(message.channel, Math.max(confirmed.get(message.channel) ?? 0, delivery.intentAt.getTime()));
    const isLater =
      state === "failed" ? RANK[delivery.state] <= RANK.sent && delivery.state !== "failed" : RANK[state] > RANK[delivery.state];
    // Meta's price is told once for a message, on `sent` or on a later status.
    const isPriced = pricing !== undefined && message.pricing === null;
    const isFirst = delivery.confirmedAt === undefined;
    if (!isLater && !isPriced && !isFirst && message.wamid !== null) return null;
    message.wamid ??= wamid;
    if (isFirst) delivery.confirmedAt = now();
    if (isPriced) message.pricing = pricing;
    if (isLater) {
      const { dueAt: _, attention: __, ...rest } = delivery;
      message.delivery = {
        ...rest,
        state,
        needsDecision: false,
        ...(state === "failed" ? { attention: "failed" as const } : {}),
        error: state === "failed" ? (error ?? { code: "failed", message: "WhatsApp gave no reason" }) : null,
      };
    }
    // That WhatsApp has taken it was told when the call was answered; that a status says so too is only for us to know.
    return isLater || isPriced ? "shown" : "unseen";
  }
}
