/** How large a body may be: Bun knows one limit for the whole server, and only files deserve a large one. */
import { fail } from "../core/errors";

const MB = 1024 * 1024;
/** Larger than the largest webhook, which its own controller limits. */
const USUAL_BYTES = 4 * MB;
/** A film in base64, played on a sandbox phone. */
const SANDBOX_BYTES = 48 * MB;
/** A document of 100 MB, which its own controller counts while it reads; somewhat more, so that what is too large is told in words. */
export const LARGEST_BYTES = 128 * MB;

/** Their controllers count what they read. */
const COUNTED = /^\/api\/v2\/(media\/?|imports\/?|webhook)$/;

/** Refuses a body that is too large for its route before it is read; one of unknown length where nobody counts it. */
export function limitBody(request: Request): void {
  const { method, headers, url } = request;
  if (method === "GET" || method === "HEAD") return;
  const announced = headers.get("content-length");
  if (announced !== null && Number(announced) <= USUAL_BYTES) return;
  if (announced === null && !headers.has("transfer-encoding")) return;
  const { pathname } = new URL(url);
  const isCounted = COUNTED.test(pathname);
  if (announced === null && !isCounted) throw fail("request.malformed", { message: "Send the body with its Content-Length." });
  if (isCounted || (pathname.startsWith("/api/v2/sandbox/") && Number(announced) <= SANDBOX_BYTES)) return;
  throw fail("request.too-large");
}
