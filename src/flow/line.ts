/** The line to WhatsApp of one business number: how fast it may send, and whether it works at all. Lives in memory only. */
import { createPace, type Pace, STANDARD_THROUGHPUT } from "../channels/whatsapp/pace";
import { type Breaker, createBreaker } from "../core/circuit-breaker";
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";

export interface Line {
  readonly pace: Pace;
  /** Whether WhatsApp answers. */
  readonly breaker: Breaker;
  /** Whether WhatsApp lets this number in: a token that has expired refuses every message alike. */
  readonly access: Breaker;
}

/** A few lost calls are the network; so many in a row are an outage. */
const FAILURES_BEFORE_OPEN = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** One refused token is enough; each try after that costs a message, so they become rare. */
const LONGEST_LOCKOUT_MS = 5 * 60_000;

export interface LineOptions {
  clock: Clock;
  log: Log;
  /** What Meta says a number may send a second, if it has said it. */
  toldThroughput: (channel: string) => number | undefined;
  /** A number that was cut off works again. */
  onRecovered: (channel: string) => void;
}

/** Gives the line of a number, always the same one. */
export function createLines({ clock, log, toldThroughput, onRecovered }: LineOptions): (channel: string) => Line {
  const lines = new Map<string, Line>();
  return (channel) => {
    let line = lines.get(channel);
    if (!line) {
      const breaker = createBreaker({
        clock,
        threshold: FAILURES_BEFORE_OPEN,
        pauseMs: FIRST_PAUSE_MS,
        longestPauseMs: LONGEST_PAUSE_MS,
        onChange: (state) => {
          if (state === "open") log.warn("WhatsApp does not answer: replies wait in their order", { channel });
          else {
            log.info("WhatsApp answers again", { channel });
            onRecovered(channel);
          }
        },
      });
      const access = createBreaker({
        clock,
        threshold: 1,
        pauseMs: FIRST_PAUSE_MS,
        longestPauseMs: LONGEST_LOCKOUT_MS,
        onChange: (state) => {
          if (state === "open") log.error("WhatsApp does not accept the access token: what is queued waits", { channel });
          else {
            log.info("WhatsApp accepts the access token again", { channel });
            onRecovered(channel);
          }
        },
      });
      line = { pace: createPace({ clock, throughput: toldThroughput(channel) ?? STANDARD_THROUGHPUT }), breaker, access };
      lines.set(channel, line);
    }
    return line;
  };
}
