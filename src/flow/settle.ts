/**
 * What becomes of a send whose outcome nobody knows. Its status settles it. If none came although the webhook is provably alive, it
 * never left and goes out once more; otherwise a person decides.
 *
 * A later status alone proves little after a crash: WhatsApp repeats what it could not tell us in growing distances, so newer
 * statuses overtake older ones. So the webhook must have been open without a break for longer than it was closed before, when a
 * repetition was due. And nothing is proven while another send of the same moments still waits for its own status, or while statuses
 * reach us so late that this one may still be on its way.
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
  /** Whether something accepted before this time (wall clock) still waits to be processed: a status may be among it. */
  isBehind: (at: number) => Promise<boolean>;
  clock: Clock;
  log: Log;
}

export interface Settle {
  /** From now on its lane waits for a status, at most SETTLE_MS. */
  begin(message: Message, reason: string): Promise<void>;
  /** Its time is over and no status came; `now` by the clock of the lane. Gives the time until which the lane waits on, if it has to. */
  end(message: Message, now: number): Promise<{ waitUntil: number } | null>;
}

/** How many times SETTLE_MS a lane waits at most, when the webhook closes again and again. */
const MOST_WAITS = 5;
/** A status may be this many times as late as the latest that we have seen. */
const LATENESS_FACTOR = 2;
/** What was accepted so long ago must have been processed before anybody is judged. */
const STILL_PROCESSING_MS = 500;

export function createSettle({ deliveries, lineOf, settleMs, reachableSince, isBehind, clock, log }: SettleDeps): Settle {
  const lookAgainMs = Math.min(1_000, settleMs / 40);

  async function judge(message: Message, intentAt: Date): Promise<"not-sent" | "too-early" | "unclear"> {
    const openMs = clock.monotonic() - reachableSince();
    const closedMs = Math.max(0, clock.now() - openMs - intentAt.getTime());
    const wasLongOpen = openMs >= Math.max(settleMs, closedMs);
    const ageMs = clock.now() - intentAt.getTime();
    if (ageMs < settleMs + LATENESS_FACTOR * deliveries.latenessOf(message.channel)) return "too-early";
    const isAlive = deliveries.isWebhookAlive(message.channel, intentAt);
    const mayBeSentAgain = isAlive && !message.delivery?.isResend;
    if (!wasLongOpen) return "too-early";
    if (await isBehind(clock.now() - STILL_PROCESSING_MS)) return "too-early";
    if (!mayBeSentAgain) return "unclear";
    return (await deliveries.hasAwaitedNeighbour(message)) ? "too-early" : "not-sent";
  }

  /**
   * The line is cut and somebody has to try it, but every lane may stand still behind an unknown send. So the first one that has
   * something behind it makes room, and what follows is the try; the others wait for what it finds.
   */
  const judgeCut = async (message: Message): Promise<"too-early" | "unclear"> =>
    (await deliveries.hasFollower(message)) ? "unclear" : "too-early";

  return {
    begin: (message, reason) => deliveries.markUnknown(message, new Date(clock.now() + settleMs), reason),

    async end(message, now) {
      const { breaker } = lineOf(message.channel);
      // While the line is cut no status can prove anything, and nothing else could leave either.
      if (breaker.isOpen && breaker.waitMs() > 0) return { waitUntil: clock.now() + breaker.waitMs() };
      const facts = { correlationId: message.correlationId, messageId: message._id };
      const verdict = breaker.isOpen
        ? await judgeCut(message)
        : await judge(message, message.delivery?.intentAt ?? message.createdAt);
      if (verdict === "not-sent") {
        log.warn("no status came although the webhook is alive: it was not sent, and is sent once more", facts);
        await deliveries.resend(message);
        return null;
      }
      const dueAt = message.delivery?.dueAt?.getTime() ?? now;
      if (verdict === "too-early" && now < dueAt + (MOST_WAITS - 1) * settleMs) return { waitUntil: clock.now() + lookAgainMs };
      log.warn("nobody can tell whether it was sent: a person has to decide", facts);
      await deliveries.leaveToPerson(message);
      return null;
    },
  };
}
