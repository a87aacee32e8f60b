/**
 * How fast a number may send: 1 message per 6 s to one person with a burst of 45, and the number's own throughput, which is not
 * told but learned (facts §3.7). Pure: it books and answers, it never waits itself.
 */
import type { Clock } from "../../core/clock";
import type { GraphError } from "./graph-errors";

const PAIR_BURST = 45;
const PAIR_REFILL_MS = 6_000;
/** After this time without a message every bucket is full again, so it need not be kept. */
const PAIR_FULL_AFTER_MS = PAIR_BURST * PAIR_REFILL_MS;

export const STANDARD_THROUGHPUT = 80;
export const HIGHEST_THROUGHPUT = 1_000;

/** What the levels of a number mean that Meta tells: messages per second (facts §3.7). */
const LEVELS: Readonly<Record<string, number>> = { STANDARD: STANDARD_THROUGHPUT, HIGH: HIGHEST_THROUGHPUT };
export const throughputOf = (level: string | null | undefined): number | undefined => LEVELS[level ?? ""];

/** Growth per second in which the limit was used up without an error. */
const GROWTH = 1.25;
const SHRINK = 0.7;
const LEAST_THROUGHPUT = 5;
/** After a 130429 the number sends nothing for this long, and does not try to grow for the second time. */
const PAUSE_MS = 1_000;
const HUMBLE_MS = 60_000;

export interface PaceOptions {
  clock: Pick<Clock, "monotonic">;
  /** Messages per second to begin with. */
  throughput?: number;
  /** What growth may reach; 20 for numbers in coexistence. */
  ceiling?: number;
}

export interface Pace {
  /** Milliseconds until a message to this person may leave; 0 = now. `person` is any stable key of the recipient. */
  waitMs(person: string): number;
  /** Books a message that leaves now. */
  sent(person: string): void;
  /** Books an inbound message: it counts towards the throughput too. */
  received(count?: number): void;
  /** Learns from a refused send; `attempt` counts the tries of this message, 1 = the first. */
  refused(person: string, error: Pick<GraphError, "code" | "retryAfterMs">, attempt: number): void;
  /** The throughput Meta told (a quality webhook, the number's own fields). Told again it changes nothing: what was learned since counts. */
  raiseTo(throughput: number): void;
  /** Messages per second the number sends at most now. */
  throughput(): number;
}

interface Pair {
  tokens: number;
  at: number;
  /** Nothing to this person before this time, whatever the tokens say. */
  notBefore: number;
}

export function createPace({ clock, throughput = STANDARD_THROUGHPUT, ceiling = HIGHEST_THROUGHPUT }: PaceOptions): Pace {
  const pairs = new Map<string, Pair>();
  let limit = Math.min(throughput, ceiling);
  let lastTold = throughput;
  let second = Math.floor(clock.monotonic() / 1000);
  let used = 0;
  let pausedUntil = 0;
  let humbleUntil = 0;
  let sweptAt = clock.monotonic();

  /** Turns the page when a new second has begun, and grows when the last one was used up. */
  const turn = (now: number) => {
    const current = Math.floor(now / 1000);
    if (current === second) return;
    const wasFull = current === second + 1 && used >= Math.floor(limit);
    if (wasFull && now >= humbleUntil) limit = Math.min(ceiling, limit * GROWTH);
    second = current;
    used = 0;
  };

  const pairOf = (person: string, now: number): Pair => {
    const pair = pairs.get(person);
    if (!pair) return { tokens: PAIR_BURST, at: now, notBefore: 0 };
    pair.tokens = Math.min(PAIR_BURST, pair.tokens + (now - pair.at) / PAIR_REFILL_MS);
    pair.at = now;
    return pair;
  };

  const sweep = (now: number) => {
    if (now - sweptAt < PAIR_FULL_AFTER_MS) return;
    sweptAt = now;
    for (const [person, pair] of pairs) if (now - pair.at >= PAIR_FULL_AFTER_MS && now >= pair.notBefore) pairs.delete(person);
  };

  return {
    waitMs(person) {
      const now = clock.monotonic();
      turn(now);
      const pair = pairOf(person, now);
      const forTokens = pair.tokens >= 1 ? 0 : (1 - pair.tokens) * PAIR_REFILL_MS;
      const forNumber = used >= Math.floor(limit) ? (second + 1) * 1000 - now : 0;
      return Math.ceil(Math.max(0, forTokens, pair.notBefore - now, forNumber, pausedUntil - now));
    },
    sent(person) {
      const now = clock.monotonic();
      turn(now);
      used++;
      const pair = pairOf(person, now);
      pair.tokens -= 1;
      pairs.set(person, pair);
      sweep(now);
    },
    received(count = 1) {
      turn(clock.monotonic());
      used += count;
    },
    refused(person, { code, retryAfterMs = 0 }, attempt) {
      const now = clock.monotonic();
      if (code === 131056) {
        const pair = pairOf(person, now);
        // 4^X seconds, X = 0 .. 4 (facts §3.6), then one; the burst is used up whatever we counted.
        pair.tokens = Math.min(pair.tokens, 1);
        pair.notBefore = now + Math.max(retryAfterMs, 1_000 * 4 ** Math.min(attempt - 1, 4));
        pairs.set(person, pair);
      } else if (code === 130429) {
        turn(now);
        limit = Math.max(LEAST_THROUGHPUT, Math.min(limit, Math.max(used, 1)) * SHRINK);
        pausedUntil = Math.max(pausedUntil, now + Math.max(retryAfterMs, PAUSE_MS));
        humbleUntil = now + HUMBLE_MS;
      } else if (code === 4 || code === 80007 || code === 131057) {
        pausedUntil = Math.max(pausedUntil, now + Math.max(retryAfterMs, PAUSE_MS));
      }
    },
    raiseTo(told) {
      if (told === lastTold) return;
      lastTold = told;
      limit = Math.min(ceiling, Math.max(limit, told));
    },
    throughput: () => Math.floor(limit),
  };
}
