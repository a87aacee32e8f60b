/**
 * How often one address, and one account or key, may ask: a bucket of tokens each, filled at a steady rate. The kinds of requests
 * have buckets of their own, so that a burst of reading does not keep anybody from writing.
 */
import { networkOf } from "../core/client-address";
import type { Clock } from "../core/clock";
import { fail } from "../core/errors";

export const ROUTE_CLASSES = ["sign-in", "heavy", "write", "read"] as const;
export type RouteClass = (typeof ROUTE_CLASSES)[number];

interface Rate {
  /** Requests at once. */
  burst: number;
  /** Requests a second from then on. */
  perSecond: number;
}

/** An address may be that of a whole office; an account is one person. */
const ADDRESS_RATES: Readonly<Record<RouteClass, Rate>> = {
  "sign-in": { burst: 30, perSecond: 0.5 },
  heavy: { burst: 60, perSecond: 2 },
  write: { burst: 600, perSecond: 100 },
  read: { burst: 2_000, perSecond: 400 },
};
const ACCOUNT_RATES: Readonly<Record<RouteClass, Rate>> = {
  "sign-in": { burst: 30, perSecond: 0.5 },
  heavy: { burst: 40, perSecond: 1 },
  write: { burst: 300, perSecond: 30 },
  read: { burst: 1_000, perSecond: 100 },
};

/** Buckets in memory; the one that was used longest ago goes first, and is most likely full again. */
const MOST_BUCKETS = 50_000;

interface Bucket {
  tokens: number;
  at: number;
}

export interface RateLimiter {
  /** Takes one request of this address. Throws `request.rate-limited` with Retry-After. */
  takeAddress(address: string, kind: RouteClass): void;
  /** Takes one request of this account or key. */
  takeAccount(id: string, kind: RouteClass): void;
  readonly size: number;
}

export function createRateLimiter({ clock, mostBuckets = MOST_BUCKETS }: { clock: Clock; mostBuckets?: number }): RateLimiter {
  const buckets = new Map<string, Bucket>();

  function take(key: string, { burst, perSecond }: Rate): void {
    const now = clock.monotonic();
    const known = buckets.get(key);
    const tokens = known ? Math.min(burst, known.tokens + ((now - known.at) / 1000) * perSecond) : burst;
    const isEmpty = tokens < 1;
    const bucket = known ?? { tokens: 0, at: 0 };
    bucket.tokens = isEmpty ? tokens : tokens - 1;
    bucket.at = now;
    // Taken out and put in again, the map is in the order of use.
    buckets.delete(key);
    buckets.set(key, bucket);
    if (buckets.size > mostBuckets) buckets.delete(buckets.keys().next().value as string);
    if (isEmpty) throw fail("request.rate-limited", { retryAfter: Math.max(1, Math.ceil((1 - tokens) / perSecond)) });
  }

  return {
    takeAddress: (address, kind) => take(`${kind} ${networkOf(address)}`, ADDRESS_RATES[kind]),
    takeAccount: (id, kind) => take(`${kind} account ${id}`, ACCOUNT_RATES[kind]),
    get size() {
      return buckets.size;
    },
  };
}

const SIGN_IN = /^\/auth\/(sign-in|password|second-factor|sso|invitations?)(\/|$)/;
const HEAVY = /(^\/(media\/?|data-protection\/.*|retention\/.*)$)|\/(export|import|sync|check)(\/|$)/;

/** What kind of request this is; `path` is without the prefix of the API. */
export function routeClassOf(method: string, path: string): RouteClass {
  if (SIGN_IN.test(path)) return "sign-in";
  const isRead = method === "GET" || method === "HEAD" || method === "OPTIONS";
  if (HEAVY.test(path) && !(isRead && path.startsWith("/media"))) return "heavy";
  return isRead ? "read" : "write";
}
