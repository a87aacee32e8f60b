/** Every write that carries an Idempotency-Key happens once: a repetition is answered with the first answer, whatever the route. */
import { AppError, fail } from "../core/errors";
import { shortHash } from "../core/id";
import type { Log } from "../core/log";
import { runWithClaim } from "../core/request-claim";
import { requestIdOf } from "../core/request-id";
import type { IdempotencyService } from "../features/idempotency-keys/idempotency-key.service";
import { failureBody, toAppError } from "./errors";

export interface IdempotencyDeps {
  keys: IdempotencyService;
  /** The client's id, or null when the request does not say who sends it: its route will refuse it. */
  identify: (request: Request) => Promise<string | null>;
  isStoreUnavailable: (error: unknown) => boolean;
  log: Log;
}

export type Handle = (request: Request) => Response | Promise<Response>;

const WRITES = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const SHORTEST = 8;
const LONGEST = 120;
/** Of files and larger bodies the length stands for the whole, or each would be read twice. */
const LARGEST_READ = 1024 * 1024;
/** These give the first result again by themselves: the message knows the key it came from. */
const REPEATABLE = /^\/api\/v2\/conversations\/[0-9a-f]{24}\/messages$/;

export function idempotent(deps: IdempotencyDeps): (handle: Handle) => Handle {
  const { keys, identify, log } = deps;

  async function once(request: Request, key: string, handle: Handle): Promise<Response> {
    const client = await identify(request);
    if (client === null) return handle(request);
    const path = new URL(request.url).pathname;
    const isRepeatable = REPEATABLE.test(path);
    const fingerprint = await fingerprintOf(request);
    const claim = await keys.claim({ client, method: request.method, path, key, fingerprint, isRepeatable });
    if ("body" in claim) return replay(claim);
    let response: Response;
    try {
      response = await runWithClaim(claim, () => handle(request));
    } catch (error) {
      await claim.finish({ status: 500, body: "" });
      throw error;
    }
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    await claim.finish({ status: response.status, body: isJson ? await response.clone().text() : "" });
    return response;
  }

  return (handle) => (request) => {
    const key = WRITES.has(request.method) ? request.headers.get("idempotency-key") : null;
    if (key === null) return handle(request);
    const run =
      key.length < SHORTEST || key.length > LONGEST
        ? Promise.reject(
            fail("request.invalid", {
              details: [{ path: "headers.idempotency-key", message: `${SHORTEST} to ${LONGEST} characters are needed` }],
            }),
          )
        : once(request, key, handle);
    return run.catch((error: unknown) => refuse(request, error));
  };

  /** AppError of the key itself; whatever a handler throws has become an answer before. */
  function refuse(request: Request, error: unknown): Response {
    const known = error instanceof AppError ? error : toAppError(error, "UNKNOWN", deps);
    const requestId = requestIdOf(request);
    if (known.code === "internal") log.error("an idempotent request failed", { requestId, error });
    return Response.json(failureBody(known, requestId), {
      status: known.status,
      headers: {
        "x-request-id": requestId,
        ...(known.retryAfter === undefined ? {} : { "retry-after": String(known.retryAfter) }),
      },
    });
  }
}

async function fingerprintOf(request: Request): Promise<string> {
  const length = request.headers.get("content-length") ?? "";
  const isFile = !request.headers.get("content-type")?.includes("json") || Number(length) > LARGEST_READ;
  return shortHash(isFile ? `file:${length}` : await request.clone().text());
}

const replay = ({ status, body }: { status: number; body: string }): Response =>
  new Response(body, { status, headers: { "content-type": "application/json", "idempotent-replayed": "true" } });
