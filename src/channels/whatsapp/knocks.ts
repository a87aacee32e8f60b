/** When what last came to the webhook's door, since this process started: whoever connects a number sees why nothing arrives. Nothing is stored. */
import type { Clock } from "../../core/clock";

export type Knock = "verified" | "wrong-verify-token" | "received" | "wrong-signature";

export interface Knocks {
  note(knock: Knock): void;
  /** Milliseconds; null: not since the start. */
  lastAt(knock: Knock): number | null;
}

export function createKnocks(clock: Clock): Knocks {
  const times = new Map<Knock, number>();
  return {
    note: (knock) => void times.set(knock, clock.now()),
    lastAt: (knock) => times.get(knock) ?? null,
  };
}
