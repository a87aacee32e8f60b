/**
 * What every request passes before a route sees it: size, rate, origin of live connections; and what every answer carries.
 * Meta's webhook is left alone: its signature is its guard, and it may come as fast as it likes.
 */

import { clientAddress, type Listener } from "../core/client-address";
import type { Clock } from "../core/clock";
import { fail } from "../core/errors";
import { requestIdOf } from "../core/request-id";
import { limitBody } from "./body-limit";
import { createRateLimiter, routeClassOf } from "./rate-limit";

const API = "/api/v2";
const WEBHOOK = `${API}/webhook`;
const LIVE = `${API}/live`;
const DESCRIPTION = `${API}/openapi.json`;

/** An answer of the API is data: never a page, never kept. A file says for itself how it may be kept and shown. */
export const API_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "cache-control": "no-store",
  // Opened by its address it is saved and not shown.
  "content-disposition": 'attachment; filename="api.json"',
};
/** Two years, as the lists of browsers ask for. Only said where people come by https anyway. */
const HSTS = "max-age=63072000; includeSubDomains";

export interface EdgeOptions {
  /** How many proxies of one's own stand before the server. */
  proxies: number;
  /** False: nobody is counted (benchmarks). */
  limitsRates: boolean;
  publicUrl: string | null;
  corsOrigins: readonly string[];
  clock: Clock;
}

interface EdgeContext {
  request: Request;
  server: Listener | null;
  set: { headers: Record<string, unknown> };
}

export interface Edge {
  /** Runs before everything else. Throws what the request is refused with. */
  enter(context: EdgeContext): void;
  /** Counts a request of an account or key, once it is known whose it is. */
  admit(id: string, request: Request): void;
}

export function createEdge({ proxies, limitsRates, publicUrl, corsOrigins, clock }: EdgeOptions): Edge {
  const limiter = createRateLimiter({ clock });
  const isSecure = publicUrl?.startsWith("https://") ?? false;
  const origins = new Set([...corsOrigins, ...(publicUrl ? [new URL(publicUrl).origin] : [])]);
  const apiHeaders = { ...API_HEADERS, ...(isSecure ? { "strict-transport-security": HSTS } : {}) };
  // For people to look at: the description, and how the server is.
  const { "content-disposition": _, ...shownHeaders } = apiHeaders as Record<string, string>;

  return {
    enter({ request, server, set }) {
      limitBody(request);
      const path = pathOf(request.url);
      const isApi = path.startsWith("/api/") || path === "/health" || path === "/ready" || path === "/metrics";
      const headers = path.startsWith("/api/") && path !== DESCRIPTION ? apiHeaders : shownHeaders;
      if (isApi) Object.assign(set.headers, headers, { "x-request-id": requestIdOf(request) });
      else if (isSecure) set.headers["strict-transport-security"] = HSTS;
      if (!path.startsWith(API) || path === WEBHOOK) return;
      const address = clientAddress(request, server, proxies);
      if (limitsRates && address !== "") limiter.takeAddress(address, routeClassOf(request.method, path.slice(API.length)));
      if (path === LIVE && isForeign(request)) throw fail("live.foreign-origin");
    },

    admit(id, request) {
      if (limitsRates) limiter.takeAccount(id, routeClassOf(request.method, pathOf(request.url).slice(API.length)));
    },
  };

  /** A page of another site may not open a live connection in the name of who is signed in here. Programs name no origin. */
  function isForeign(request: Request): boolean {
    const origin = request.headers.get("origin");
    if (origin === null || origins.has(origin)) return false;
    return URL.parse(origin)?.host !== request.headers.get("host");
  }
}

/** Without a full parse: this runs for every request. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}
