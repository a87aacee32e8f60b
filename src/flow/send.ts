/** Sends one message: what must not leave is stopped, the intent is committed before the call, the outcome is written after it. */
import { type GraphError, retryDelayMs, UNREACHABLE } from "../channels/whatsapp/graph-errors";
import { isWindowOpen } from "../channels/whatsapp/window";
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import type { ConversationService } from "../features/conversations/conversation.service";
import type { DeliveryError, Message } from "../features/messages/message.model";
import type { DeliveryService, Fence } from "../features/messages/message-delivery.service";
import type { ChannelRuntime } from "./channel-runtime";
import type { Learn } from "./learn";
import type { Line } from "./line";
import type { Settle } from "./settle";
import type { Trace } from "./trace";

export interface SendDeps {
  deliveries: DeliveryService;
  conversations: ConversationService;
  settle: Settle;
  lineOf: (channel: string) => Line;
  learn: Learn;
  findChannel: (id: string) => ChannelRuntime | null;
  /** A refusal that is about the number and not about the message: an administrator has to know. */
  onNumberInTrouble: (channel: string, reason: string) => void;
  /** WhatsApp told us the id of a sent message: statuses that came before it can be applied. */
  onSent: (channel: string, wamid: string) => void;
  clock: Clock;
  log: Log;
  trace: Trace;
}

/** `sent`: nothing is left to be done about this message. `done`: look at it again. */
export type SendResult = "sent" | "done" | { waitUntil: number } | { parked: true };

export interface Send {
  /** Tries to send a queued message that is due. `parked`: its line is cut, and its recovery will be told. */
  send(message: Message, fence: Fence | null): Promise<SendResult>;
  /** Whether this process is in the middle of sending it: every other `sending` was left by a crash. */
  isInFlight(message: string): boolean;
}

/** Meta says which errors may be repeated; more often than this helps nobody. */
const MAX_RETRIES = 3;
/** Refusals that are about speed: nothing was sent, and waiting helps for certain. */
const SPEED_CODES = new Set([4, 80_007, 130_429, 131_056]);
/** The others of this customer wait behind a message that waits: what could leave only much later is left to a person. */
const LONGEST_WAIT_MS = 20 * 60_000;

export function createSend(deps: SendDeps): Send {
  const { deliveries, conversations, settle, lineOf, learn, findChannel, onNumberInTrouble, onSent, clock, log, trace } = deps;
  const inFlight = new Set<string>();
  /** How often in a row messages were refused because they came too fast. */
  const refusals = new Map<string, number>();

  /** Why this message must not leave, if so. */
  async function refuse(message: Message): Promise<DeliveryError | "cancel" | null> {
    const conversation = await conversations.findConversation(message.conversation);
    if (!conversation) return { code: "conversation.not-found", message: "The conversation is gone." };
    // A person always beats the machine: what the assistant wrote before a takeover does not leave after it.
    if (message.role === "assistant" && message.epoch !== null && message.epoch < conversation.epoch) return "cancel";
    if (!findChannel(message.channel)) return { code: "channel.unknown", message: "This number is not connected." };
    const expires = conversation.windowExpiresAt?.getTime() ?? null;
    if (message.type !== "template" && !isWindowOpen(expires, clock.now()))
      return {
        code: "conversation.window-closed",
        message: "The customer wrote more than 24 hours ago: WhatsApp now accepts only templates.",
      };
    return null;
  }

  async function call(message: Message, { graph }: ChannelRuntime, line: Line): Promise<SendResult> {
    const facts = { correlationId: message.correlationId, conversation: message.conversation, message: message._id };
    trace("sending", facts);
    const started = clock.monotonic();
    line.pace.sent(message.contact);
    const outcome = await graph.send(message.body ?? "");
    if (outcome.kind === "accepted") {
      line.breaker.succeeded();
      line.access.succeeded();
      refusals.delete(message._id);
      await deliveries.markSent(message, outcome.wamid);
      trace("sent", { ...facts, wamid: outcome.wamid, ms: clock.monotonic() - started, detail: "accepted by WhatsApp" });
      onSent(message.channel, outcome.wamid);
      return "sent";
    }
    if (outcome.kind === "unknown") {
      line.breaker.failed();
      line.access.forgotten();
      refusals.delete(message._id);
      const { message: messageId, ...rest } = facts;
      log.warn("the outcome of a send is not known", { ...rest, messageId, reason: outcome.cause });
      await settle.begin(message, outcome.cause);
    } else await rejected(message, outcome.error, line);
    return "done";
  }

  async function rejected(message: Message, error: GraphError, line: Line): Promise<void> {
    const tries = (message.delivery?.attempts ?? 0) + 1;
    const reason = { code: error.code, message: error.message, ...(error.details ? { details: error.details } : {}) };
    const isOutage = error.code === UNREACHABLE || error.status >= 500;
    const isSpeed = SPEED_CODES.has(error.code) || error.status === 429;
    if (isOutage) line.breaker.failed(error.retryAfterMs);
    else line.breaker.succeeded();
    if (error.lockedOut) line.access.failed();
    else if (isOutage) line.access.forgotten();
    else line.access.succeeded();
    if (error.channelProblem) onNumberInTrouble(message.channel, `${error.meaning} (${error.code}: ${error.message})`);
    // Waiting for an upstream that is down, or slowing down, is no failed try of this message.
    const isNoTry = error.code === UNREACHABLE || isSpeed || (isOutage && line.breaker.isOpen);
    // In an outage the breaker paces the tries; what is too fast for WhatsApp slows down by itself.
    const inARow = isSpeed ? (refusals.get(message._id) ?? 0) + 1 : isNoTry ? 1 : tries;
    if (isSpeed) refusals.set(message._id, inARow);
    line.pace.refused(message.contact, error, inARow);
    const delayMs = isNoTry ? patience(error, inARow) : tries <= MAX_RETRIES ? retryDelayMs(error, tries) : null;
    if (delayMs === null || delayMs > LONGEST_WAIT_MS) return fail(message, reason);
    log.warn("a send was refused and is tried again", {
      correlationId: message.correlationId,
      messageId: message._id,
      code: error.code,
      delayMs,
    });
    await deliveries.retryAt(message, new Date(clock.now() + delayMs), reason, !isNoTry);
  }

  async function fail(message: Message, error: DeliveryError): Promise<void> {
    refusals.delete(message._id);
    await deliveries.markFailed(message, error, (change) => learn(message, error, change));
    trace("failed", {
      correlationId: message.correlationId,
      conversation: message.conversation,
      message: message._id,
      detail: `${error.code}: ${error.message}`,
    });
  }

  return {
    isInFlight: (message) => inFlight.has(message),

    async send(message, fence) {
      const refusal = await refuse(message);
      if (refusal === "cancel") await deliveries.markCancelled(message);
      else if (refusal) await fail(message, refusal);
      if (refusal) return "done";
      const channel = findChannel(message.channel) as ChannelRuntime;
      const line = lineOf(message.channel);
      const paceMs = line.pace.waitMs(message.contact);
      if (paceMs > 0) return { waitUntil: clock.now() + paceMs };
      if (line.access.enter() > 0) return { parked: true };
      if (line.breaker.enter() > 0) {
        line.access.forgotten();
        return { parked: true };
      }
      inFlight.add(message._id);
      try {
        if (await deliveries.beginSend(message, fence)) return await call(message, channel, line);
        forget(line);
        return "done";
      } catch (error) {
        // The store failed before or after the call; whatever was learned about the line must not block its next probe.
        forget(line);
        throw error;
      } finally {
        inFlight.delete(message._id);
      }
    },
  };
}

const forget = ({ breaker, access }: Line): void => {
  breaker.forgotten();
  access.forgotten();
};

/** Seconds grow to about half a minute, and no further: somebody else's recovery should be noticed. */
const SLOWEST_STEP = 5;

/** How long to wait for somebody else's recovery: as told, else by the kind of the error, again and again. */
function patience(error: GraphError, refusals: number): number | null {
  if (error.retryAfterMs !== undefined) return error.retryAfterMs;
  return retryDelayMs(error, error.retry === "minutes" ? 1 : Math.min(refusals, SLOWEST_STEP));
}
