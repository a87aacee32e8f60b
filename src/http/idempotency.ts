/**
 * Every write that carries an Idempotency-Key happens once: a repetition is answered with the first answer, whatever the route. Who
 * may not do it any more, or sees less than then, is not shown it.
 */
import { type Actor, reaches } from "../core/actor";
import { AppError, fail } from "../core/errors";
import { shortHash } from "../core/id";
import type { Log } from "../core/log";
import { runWithClaim } from "../core/request-claim";
import { requestIdOf } from "../core/request-id";
import { assertMeets, type RouteRule, ruleOf } from "../features/auth/auth.plugin";
import type { FirstAnswer, IdempotencyService } from "../features/idempotency-keys/idempotency-key.service";
import { limitBody } from "./body-limit";
import { API_HEADERS } from "./edge";
import { failureBody, toAppError } from "./errors";
import type { Places } from "./live-access";

export interface IdempotencyDeps {
  keys: IdempotencyService;
  /** The client, or null when the request does not say who sends it: its route will refuse it. */
  identify: (request: Request) => Promise<Actor | null>;
  places: Places;
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
const CONVERSATION = /^\/api\/v2\/conversations\/([0-9a-f]{24})(\/|$)/;
const REPEATABLE = /^\/api\/v2\/conversations\/[0-9a-f]{24}\/messages$/;

export function idempotent(deps: IdempotencyDeps): (handle: Handle) => Handle {
  const { keys, identify, places, log } = deps;

  async function once(request: Request, key: string, handle: Handle): Promise<Response> {
    const actor = await identify(request);
    if (actor === null) return handle(request);
    const path = new URL(request.url).pathname;
    const isRepeatable = REPEATABLE.test(path);
    limitBody(request);
    const fingerprint = await fingerprintOf(request);
    const claim = await keys.claim({ client: actor.id, method: request.method, path, key, fingerprint, isRepeatable });
    if ("body" in claim) {
      await assertMaySee(claim, actor, path);
      return replay(claim);
    }
    const scope = scopeOf(actor);
    let response: Response;
    try {
      response = await runWithClaim(claim, () => handle(request));
    } catch (error) {
      await claim.finish({ status: 500, body: "", rule: null, scope });
      throw error;
    }
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    const body = isJson ? await response.clone().text() : "";
    await claim.finish({ status: response.status, body, rule: ruleOf(request), scope });
    return response;
  }

  /** Throws what the route would refuse them with today. */
  async function assertMaySee({ rule, scope }: FirstAnswer, actor: Actor, path: string): Promise<void> {
    if (rule !== null) assertMeets(actor, rule as RouteRule);
    if (actor.reach === "all") return;
    if (scope !== scopeOf(actor)) throw fail("request.answer-lost");
    const [, conversation] = CONVERSATION.exec(path) ?? [];
    const place = conversation ? await places.find(conversation) : null;
    if (conversation && !(place && reaches(actor, place))) throw fail("conversation.not-found");
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
        ...API_HEADERS,
        "x-request-id": requestId,
        ...(known.retryAfter === undefined ? {} : { "retry-after": String(known.retryAfter) }),
      },
    });
  }
}

const scopeOf = ({ reach, teams }: Actor): string => [reach, ...[...teams].sort()].join(" ");

async function fingerprintOf(request: Request): Promise<string> {
  const length = request.headers.get("content-length") ?? "";
  const isFile = !request.headers.get("content-type")?.includes("json") || Number(length) > LARGEST_READ;
  return shortHash(isFile ? `file:${length}` : await request.clone().text());
}

const replay = ({ status, body }: { status: number; body: string }): Response =>
  new Response(body, { status, headers: { ...API_HEADERS, "content-type": "application/json", "idempotent-replayed": "true" } });
