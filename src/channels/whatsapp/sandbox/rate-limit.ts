/** The two limits Meta sets on sending: to one person (1 per 6 s, burst 45) and per number and second (facts §3.7). */
import type { Clock } from "../../../core/clock";
import type { ChaosKnobs } from "./chaos";
import { GraphRefusal } from "./graph-refusal";

const PAIR_BURST = 45;
const PAIR_REFILL_MS = 6_000;

export function createRateLimit(chaos: ChaosKnobs, clock: Clock): (phoneId: string) => void {
  const pairs = new Map<string, { tokens: number; at: number }>();
  let second = 0;
  let inSecond = 0;
  return (phoneId) => {
    const { pairRate, throughput } = chaos.get();
    const now = clock.monotonic();
    if (throughput > 0) {
      const current = Math.floor(now / 1000);
      if (current !== second) {
        second = current;
        inSecond = 0;
      }
      if (++inSecond > throughput) {
        throw new GraphRefusal(400, 130429, "Rate limit hit", {
          details:
            "Message failed to send because there were too many messages sent from this phone number in a short period of time",
        });
      }
    }
    if (!pairRate) return;
    const pair = pairs.get(phoneId) ?? { tokens: PAIR_BURST, at: now };
    pair.tokens = Math.min(PAIR_BURST, pair.tokens + (now - pair.at) / PAIR_REFILL_MS);
    pair.at = now;
    pairs.set(phoneId, pair);
    if (pair.tokens < 1) {
      throw new GraphRefusal(400, 131056, "(Business Account, Consumer Account) pair rate limit hit", {
        details:
          "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time",
      });
    }
    pair.tokens -= 1;
  };
}
