/** One id per HTTP request, the same wherever it is asked for: log lines, error answers, and the events a webhook leaves behind. */
import { newRequestId } from "./id";

const ids = new WeakMap<Request, string>();
const ACCEPTED = /^[\w-]{8,80}$/;

/** The id of this request: the caller's `X-Request-Id` when it is harmless text, else a new one. */
export function requestIdOf(request: Request): string {
  const known = ids.get(request);
  if (known) return known;
  const given = request.headers.get("x-request-id");
  const id = given && ACCEPTED.test(given) ? given : newRequestId();
  ids.set(request, id);
  return id;
}
