/** The line to WhatsApp of one business number: how fast it may send, and whether it works at all. Lives in memory only. */
import { createPace, type Pace } from "../channels/whatsapp/pace";
import { type Breaker, createBreaker } from "../core/circuit-breaker";
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";

export interface Line {
  readonly pace: Pace;
  readonly breaker: Breaker;
}

/** A few lost calls are the network; so many in a row are an outage. */
const FAILURES_BEFORE_OPEN = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

export interface LineOptions {
  clock: Clock;
  log: Log;
  /** A number that was cut off works again. */
  onRecovered: (channel: string) => void;
}

/** Gives the line of a number, always the same one. */
export function createLines({ clock, log, onRecovered }: LineOptions): (channel: string) => Line {
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
      line = { pace: createPace({ clock }), breaker };
      lines.set(channel, line);
    }
    return line;
  };
}
