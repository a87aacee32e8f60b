/**
 * Sends what is queued, lane by lane, in order. The intent is committed before the call, so a crash leaves `sending` behind,
 * which becomes `unknown` and is settled by a status, by judgement, or by a person; never by sending blindly again.
 */
import { type GraphError, retryDelayMs, UNREACHABLE } from "../channels/whatsapp/graph-errors";
import { isWindowOpen } from "../channels/whatsapp/window";
import type { Clock, Timer } from "../core/clock";
import { describeError } from "../core/errors";
import type { Log } from "../core/log";
import { backoffMs } from "../core/retry";
import type { ConversationService } from "../features/conversations/conversation.service";
import type { DeliveryError, Message } from "../features/messages/message.model";
import type { DeliveryService } from "../features/messages/message-delivery.service";
import type { ChannelRuntime } from "./channel-runtime";
import type { Lanes } from "./lane";
import type { Trace } from "./trace";

export interface DeliverDeps {
  deliveries: DeliveryService;
  conversations: ConversationService;
  lanes: Lanes;
  findChannel: (id: string) => ChannelRuntime | null;
  settleMs: number;
  /** WhatsApp told us the id of a sent message: statuses that came before it can be applied. */
  onSent: (channel: string, wamid: string) => void;
  clock: Clock;
  log: Log;
  trace: Trace;
}

export interface Deliver {
  /** Something is queued in this lane. Cheap to call often. */
  wake(lane: string): void;
  /** Wakes every lane with something to do. */
  rebuild(): Promise<void>;
  /** Finishes the calls in flight; what is still queued stays stored. */
  stop(): Promise<void>;
}

/** Meta says which errors may be repeated; more often than this helps nobody. */
const MAX_RETRIES = 3;
const LANE_HELD_MS = 1_000;
const REBUILD_LIMIT = 2_000;

type Next = "continue" | "idle" | { waitUntil: number };

export function createDeliver(deps: DeliverDeps): Deliver {
  const { deliveries, conversations, lanes, findChannel, settleMs, onSent, clock, log, trace } = deps;
  const running = new Map<string, { again: boolean; finished: Promise<void> }>();
  const alarms = new Map<string, Timer>();
  /** Messages whose call this process has begun and not yet finished: every other `sending` was left by a crash. */
  const inFlight = new Set<string>();
  let stopped = false;

  async function walk(lane: string): Promise<void> {
    for (;;) {
      if (stopped) return;
      if (!(await lanes.hold(lane))) return setAlarm(lane, clock.now() + LANE_HELD_MS);
      const message = await deliveries.findNext(lane);
      if (!message) return;
      const next = await step(message);
      if (next === "idle") return;
      if (next !== "continue") return setAlarm(lane, next.waitUntil);
    }
  }

  async function step(message: Message): Promise<Next> {
    const dueAt = message.delivery?.dueAt?.getTime() ?? 0;
    switch (message.delivery?.state) {
      case "queued":
        return dueAt > clock.now() ? { waitUntil: dueAt } : send(message);
      case "sending":
        if (inFlight.has(message._id)) return "idle";
        await deliveries.markUnknown(message, new Date(clock.now() + settleMs), "the process ended during the call");
        return "continue";
      case "unknown":
        return dueAt > clock.now() ? { waitUntil: dueAt } : settle(message);
      default:
        return "idle";
    }
  }

  async function send(message: Message): Promise<Next> {
    const refusal = await refuse(message);
    if (refusal === "cancel") await deliveries.markCancelled(message);
    else if (refusal) await fail(message, refusal);
    if (refusal) return "continue";
    const channel = findChannel(message.channel) as ChannelRuntime;
    inFlight.add(message._id);
    try {
      if (!(await deliveries.beginSend(message))) return "continue";
      const facts = { correlationId: message.correlationId, conversation: message.conversation, message: message._id };
      trace("sending", facts);
      const started = clock.monotonic();
      const outcome = await channel.graph.send(message.body ?? "");
      if (outcome.kind === "accepted") {
        await deliveries.markSent(message, outcome.wamid);
        trace("sent", { ...facts, wamid: outcome.wamid, ms: clock.monotonic() - started, detail: "accepted by WhatsApp" });
        onSent(message.channel, outcome.wamid);
      } else if (outcome.kind === "unknown") {
        log.warn("the outcome of a send is not known", { ...facts, reason: outcome.cause });
        await deliveries.markUnknown(message, new Date(clock.now() + settleMs), outcome.cause);
      } else await rejected(message, outcome.error);
      return "continue";
    } finally {
      inFlight.delete(message._id);
    }
  }

  /** Why this message must not leave, if so. */
  async function refuse(message: Message): Promise<DeliveryError | "cancel" | null> {
    const conversation = await conversations.findConversation(message.conversation);
    if (!conversation) return { code: "conversation.not-found", message: "The conversation is gone." };
    // A person always beats the machine: what the assistant wrote before a takeover does not leave after it.
    if (message.role === "assistant" && message.epoch !== null && message.epoch < conversation.epoch) return "cancel";
    if (!findChannel(message.channel)) return { code: "channel.unknown", message: "This number is not connected." };
    const expires = conversation.windowExpiresAt?.getTime() ?? null;
    if (!isWindowOpen(expires, clock.now()))
      return {
        code: "conversation.window-closed",
        message: "The customer wrote more than 24 hours ago: WhatsApp now accepts only templates.",
      };
    return null;
  }

  async function rejected(message: Message, error: GraphError): Promise<void> {
    const attempts = (message.delivery?.attempts ?? 0) + 1;
    const reason = { code: error.code, message: error.message, ...(error.details ? { details: error.details } : {}) };
    // Nothing left this machine: waiting costs nothing and repeating is safe.
    const delay =
      error.code === UNREACHABLE
        ? backoffMs(Math.min(attempts, 8), { baseMs: 1_000, maxMs: 30_000 })
        : attempts <= MAX_RETRIES
          ? retryDelayMs(error, attempts)
          : null;
    if (delay === null) return fail(message, reason);
    log.warn("a send was refused and is tried again", {
      correlationId: message.correlationId,
      messageId: message._id,
      code: error.code,
      delayMs: delay,
    });
    await deliveries.retryAt(message, new Date(clock.now() + delay), reason);
  }

  async function fail(message: Message, error: DeliveryError): Promise<void> {
    await deliveries.markFailed(message, error);
    trace("failed", {
      correlationId: message.correlationId,
      conversation: message.conversation,
      message: message._id,
      detail: `${error.code}: ${error.message}`,
    });
  }

  /** No status came in time. If later sends were confirmed, this one never left; otherwise a person has to decide. */
  async function settle(message: Message): Promise<Next> {
    const intentAt = message.delivery?.intentAt ?? message.createdAt;
    if (!message.delivery?.isResend && (await deliveries.isWebhookAlive(message.channel, intentAt)))
      await deliveries.resend(message);
    else await deliveries.leaveToPerson(message);
    return "continue";
  }

  function setAlarm(lane: string, at: number): void {
    alarms.get(lane)?.cancel();
    alarms.set(
      lane,
      clock.timer(Math.max(0, at - clock.now()), () => {
        alarms.delete(lane);
        deliver.wake(lane);
      }),
    );
  }

  const deliver: Deliver = {
    wake(lane) {
      if (stopped) return;
      const walking = running.get(lane);
      if (walking) {
        walking.again = true;
        return;
      }
      const entry = { again: false, finished: Promise.resolve() };
      running.set(lane, entry);
      entry.finished = walk(lane)
        .catch((error) => {
          // The store failed: everything is still stored, so look again in a moment.
          log.error("a lane stopped and is tried again", { lane, reason: describeError(error) });
          setAlarm(lane, clock.now() + 2_000);
        })
        .finally(() => {
          running.delete(lane);
          if (entry.again) deliver.wake(lane);
        });
    },
    async rebuild() {
      for (const { lane } of await deliveries.listDue(REBUILD_LIMIT)) deliver.wake(lane);
    },
    async stop() {
      stopped = true;
      for (const alarm of alarms.values()) alarm.cancel();
      await Promise.all([...running.values()].map(({ finished }) => finished));
    },
  };
  return deliver;
}
