/**
 * Adds `{ permission: "contacts.read" }` to routes: only who may do that gets through, and the handler receives them as `actor`.
 * `{ agent: true }` asks only for a signed-in person, given as `agent` with their `session` (one's own session, one's own profile).
 */
import { jwt } from "@elysiajs/jwt";
import { Elysia } from "elysia";
import { type Actor, assertSeesAll, can } from "../../core/actor";
import { type Listener, originOf } from "../../core/client-address";
import { AppError, fail } from "../../core/errors";
import { COMPANY_WIDE, type Permission } from "../../core/permissions";
import type { Agent } from "../agents/agent.model";
import type { Access, AccessService } from "./access.service";
import { AccessClaims } from "./auth.schema";

export interface AuthPluginOptions {
  access: AccessService;
  accessSecret: string;
  /** How many proxies of one's own stand before the server. */
  proxies: number;
  /** The door: whether an account may ask again already. Without it nobody is counted. */
  edge?: { admit(id: string, request: Request): void } | undefined;
}

/** What a route asks of who calls it: a permission, or to be a person. */
export type RouteRule = Permission | "person";

const rules = new WeakMap<Request, RouteRule>();
const noteRule = (request: Request, rule: RouteRule) => void rules.set(request, rule);

/** What the route of this request has asked; null when it has not got so far, or asks nothing. */
export const ruleOf = (request: Request): RouteRule | null => rules.get(request) ?? null;

/** Throws `auth.person-only` or `auth.forbidden`. */
export function assertMeets(actor: Actor, rule: RouteRule): void {
  if (rule !== "person") {
    if (!can(actor, rule)) throw fail("auth.forbidden", actor.kind === "key" ? { message: "This API key may not do this." } : {});
    if (COMPANY_WIDE.has(rule)) assertSeesAll(actor);
  } else if (actor.kind !== "agent") throw fail("auth.person-only");
}

export const authPlugin = ({ access, accessSecret, proxies, edge }: AuthPluginOptions) => {
  /** Who was let in, from the check before validation to the handler. */
  const admitted = new WeakMap<Request, Access>();
  const whoCame = (request: Request): Access => admitted.get(request) as Access;

  // Asked before anything of the request is looked at: strangers learn nothing about what a route accepts.
  return new Elysia({ name: "auth" })
    .use(jwt({ name: "accessJwt", secret: accessSecret, schema: AccessClaims }))
    .decorate("authentication", access)
    .decorate("originOf", (request: Request, server: Listener | null) => originOf(request, server, proxies))
    .macro({
      agent: {
        transform: async ({ request, accessJwt, authentication }) => {
          const came = await authentication.authenticate(bearerOf(request), accessJwt);
          noteRule(request, "person");
          assertMeets(came.actor, "person");
          admitted.set(request, came);
        },
        resolve: ({ request, server, originOf }) => {
          const { agent, session, actor } = whoCame(request);
          return { agent: agent as Agent, session: session as string, actor, origin: originOf(request, server) };
        },
      },
      permission: (permission: Permission) => ({
        transform: async ({ request, accessJwt, authentication }) => {
          const came = await authentication.authenticate(bearerOf(request), accessJwt);
          edge?.admit(came.actor.id, request);
          noteRule(request, permission);
          assertMeets(came.actor, permission);
          admitted.set(request, came);
        },
        resolve: ({ request, server, originOf }) => ({
          actor: { ...whoCame(request).actor, origin: originOf(request, server) } as Actor,
        }),
      }),
    });
};

export type AuthPlugin = ReturnType<typeof authPlugin>;

/** Who sends a request, with the rights of now, or null when it does not say so in a way that holds. */
export const identifyBy =
  ({ decorator: { authentication, accessJwt } }: AuthPlugin) =>
  async (request: Request): Promise<Actor | null> => {
    const bearer = bearerIn(request);
    if (bearer === null) return null;
    try {
      return (await authentication.authenticate(bearer, accessJwt)).actor;
    } catch (error) {
      // A token that does not count: its route says so.
      if (error instanceof AppError) return null;
      throw error;
    }
  };

/** What stands behind "Bearer" in a request; null when nothing does. */
export function bearerIn(request: Request): string | null {
  const given = request.headers.get("authorization");
  return given?.startsWith("Bearer ") ? given.slice(7) : null;
}

function bearerOf(request: Request): string {
  const bearer = bearerIn(request);
  if (bearer === null) throw fail("auth.required");
  return bearer;
}
