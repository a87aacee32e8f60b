/**
 * What becomes of a send whose outcome nobody knows. Its status settles it; if none came although later sends of the same number
 * were confirmed, it never left and goes out once more; otherwise a person decides.
 */
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import type { Message } from "../features/messages/message.model";
import type { DeliveryService } from "../features/messages/message-delivery.service";
import type { Line } from "./line";

export interface SettleDeps {
  deliveries: DeliveryService;
  lineOf: (channel: string) => Line;
  settleMs: number;
  /** Since when WhatsApp finds our webhook open without a break, on the clock that never goes back. */
  reachableSince: () => number;
  clock: Clock;
  log: Log;
}

export interface Settle {
  /** From now on its lane waits for a status, at most SETTLE_MS. */
  begin(message: Message, reason: string): Promise<void>;
  /** The time is over and no status came. Gives the time until which the lane has to wait on, if it has to. */
  end(message: Message): Promise<{ waitUntil: number } | null>;
}

export function createSettle({ deliveries, lineOf, settleMs, reachableSince, clock, log }: SettleDeps): Settle {
  return {
    begin: (message, reason) => deliveries.markUnknown(message, new Date(clock.now() + settleMs), reason),

    async end(message) {
      // While the line is cut no status can prove anything, and nothing else could leave either.
      if (lineOf(message.channel).breaker.isOpen) return { waitUntil: clock.now() + settleMs };
      // What could not be told while we were away is told again in growing distances: the wait counts from our return.
      const leftMs = reachableSince() + settleMs - clock.monotonic();
      if (leftMs > 0) return { waitUntil: clock.now() + Math.ceil(leftMs) };
      const facts = { correlationId: message.correlationId, messageId: message._id };
      const intentAt = message.delivery?.intentAt ?? message.createdAt;
      if (!message.delivery?.isResend && deliveries.isWebhookAlive(message.channel, intentAt)) {
        log.warn("no status came although later ones did: it was not sent, and is sent once more", facts);
        await deliveries.resend(message);
      } else {
        log.warn("nobody can tell whether it was sent: a person has to decide", facts);
        await deliveries.leaveToPerson(message);
      }
      return null;
    },
  };
}
