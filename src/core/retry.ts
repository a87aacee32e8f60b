/** Waiting times between tries. */

export interface Backoff {
  /** Wait before the second try, in milliseconds. */
  baseMs: number;
  factor?: number;
  maxMs: number;
}

/**
 * Milliseconds to wait after `attempt` failed tries (1 = the first has failed): exponential, and spread by up to 50 %
 * so that many waiting senders do not come back in the same instant.
 */
export function backoffMs(attempt: number, { baseMs, factor = 2, maxMs }: Backoff, random: () => number = Math.random): number {
  const full = Math.min(maxMs, baseMs * factor ** Math.max(0, attempt - 1));
  return Math.round(full * (0.5 + random() / 2));
}
