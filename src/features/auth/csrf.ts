/** Cookies go out with every request a browser makes, whoever caused it: so calls that live by a cookie must come from our own pages. */
import { fail } from "../../core/errors";

/** A page of somebody else cannot set it without asking first, and is then refused. */
export const OWN_PAGE_HEADER = "x-requested-by";

/** `friends` are origins that may call us besides our own: PUBLIC_URL and CORS_ORIGINS. */
export function assertSameOrigin(request: Request, friends: ReadonlySet<string>): void {
  const { headers } = request;
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  if (origin !== null && friends.has(origin)) return;
  // Browsers write it themselves, pages cannot. `none`: the person typed the address.
  if (site !== null) {
    if (site === "same-origin" || site === "none") return;
    throw fail("auth.cross-site");
  }
  // An older browser, or no browser at all, which sends no origin either.
  if (origin !== null && hostOf(origin) !== headers.get("host")) throw fail("auth.cross-site");
}

/** The same, and the caller shows that it can set a header. */
export function assertOwnPage(request: Request, friends: ReadonlySet<string>): void {
  if (!request.headers.has(OWN_PAGE_HEADER)) throw fail("auth.cross-site");
  assertSameOrigin(request, friends);
}

function hostOf(origin: string): string | null {
  // "null" is what sandboxed pages and files send.
  return URL.canParse(origin) ? new URL(origin).host : null;
}
