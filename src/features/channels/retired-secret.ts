/** Which secrets of a number are still believed after a change: the webhook must not fail while Meta's dashboard is brought in line. Pure. */
import type { RetiredSecret } from "../../channels/whatsapp/channel";
import type { Credentials } from "./channel-registry";

const KINDS = ["appSecret", "verifyToken"] as const;
/** Of each kind: a slip of the pen in between must not end the one that Meta still signs with. */
const MOST = 3;
const HOUR_MS = 3_600_000;
/** A day to change it at Meta, when nobody says how long. */
export const USUAL_HOURS = 24;

/** The new credentials with what is left of the old ones. `hours` 0 ends everything that was replaced, now and before. */
export function withRetired(before: Credentials, after: Credentials, hours: number | undefined, now: number): Credentials {
  const until = now + (hours ?? USUAL_HOURS) * HOUR_MS;
  const retired = KINDS.flatMap((kind): RetiredSecret[] => {
    const isReplaced = before[kind] !== after[kind] && before[kind] !== "";
    const earlier = (before.retired ?? []).filter((one) => one.kind === kind);
    return [...(isReplaced ? [{ kind, value: before[kind], until }] : []), ...earlier]
      .filter((one, at, all) => one.value !== after[kind] && all.findIndex(({ value }) => value === one.value) === at)
      .map((one) => (hours === 0 ? { ...one, until: 0 } : one))
      .filter((one) => one.until === null || one.until > now)
      .slice(0, MOST);
  });
  return { ...after, retired };
}

/** When the last of this kind ends, as clients see it; null when none is left. */
export function retiredUntil(retired: readonly RetiredSecret[], kind: RetiredSecret["kind"], now: number): Date | null {
  const ends = retired.flatMap((one) => (one.kind === kind && one.until !== null && one.until > now ? [one.until] : []));
  return ends.length === 0 ? null : new Date(Math.max(...ends));
}
