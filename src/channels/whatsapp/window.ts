/** The 24-hour customer service window: outside it WhatsApp accepts only templates (facts §3.8). Pure. */

const WINDOW_MS = 24 * 60 * 60 * 1000;

/** A send that starts this shortly before the end could arrive after it. */
const SAFETY_MS = 60_000;

/** When the window closes (ms), given WhatsApp's timestamp of the customer's last message or call. Reactions do not count. */
export const windowExpiresAt = (lastInboundAt: number): number => lastInboundAt + WINDOW_MS;

/** Whether a free-form message may still be sent. `null`: the customer never wrote. */
export const isWindowOpen = (expiresAt: number | null, now: number): boolean => expiresAt !== null && now < expiresAt - SAFETY_MS;
