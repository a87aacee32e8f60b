/**
 * Adds `{ permission: "contacts.read" }` to routes: only who may do that gets through, and the handler receives them as `actor`.
 * `{ agent: true }` asks only for a signed-in person, given as `agent` with their `session` (one's own session, one's own profile).
 */
import { jwt } from "@elysiajs/jwt";
import { Elysia } from "elysia";
import { type Actor, can } from "../../core/actor";
import { type Listener, originOf } from "../../core/client-address";
import { AppError, fail } from "../../core/errors";
import type { Permission } from "../../core/permissions";
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
          if (!came.agent) throw fail("auth.person-only");
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
          if (!can(came.actor, permission)) throw fail("auth.forbidden");
          admitted.set(request, came);
        },
        resolve: ({ request, server, originOf }) => ({
          actor: { ...whoCame(request).actor, origin: originOf(request, server) } as Actor,
        }),
      }),
    });
};

export type AuthPlugin = ReturnType<typeof authPlugin>;

/** Who sends a request, or null when it does not say so in a way that holds. */
export const identifyBy =
  ({ decorator: { authentication, accessJwt } }: AuthPlugin) =>
  async (request: Request): Promise<string | null> => {
    const bearer = request.headers.get("authorization");
    if (!bearer?.startsWith("Bearer ")) return null;
    try {
      return (await authentication.authenticate(bearer.slice(7), accessJwt)).actor.id;
    } catch (error) {
      // A token that does not count: its route says so.
      if (error instanceof AppError) return null;
      throw error;
    }
  };

function bearerOf(request: Request): string {
  const bearer = request.headers.get("authorization");
  if (!bearer?.startsWith("Bearer ")) throw fail("auth.required");
  return bearer.slice(7);
}
