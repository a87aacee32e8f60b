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
import type { AccessService } from "./access.service";
import { AccessClaims } from "./auth.schema";

export interface AuthPluginOptions {
  access: AccessService;
  accessSecret: string;
  /** How many proxies of one's own stand before the server. */
  proxies: number;
}

export const authPlugin = ({ access, accessSecret, proxies }: AuthPluginOptions) =>
  new Elysia({ name: "auth" })
    .use(jwt({ name: "accessJwt", secret: accessSecret, schema: AccessClaims }))
    .decorate("authentication", access)
    .decorate("originOf", (request: Request, server: Listener | null) => originOf(request, server, proxies))
    .macro({
      agent: {
        resolve: async ({ request, server, accessJwt, authentication, originOf }) => {
          const { agent, session, actor } = await authentication.authenticate(bearerOf(request), accessJwt);
          if (!agent || !session) throw fail("auth.person-only");
          return { agent, session, actor, origin: originOf(request, server) };
        },
      },
      permission: (permission: Permission) => ({
        resolve: async ({ request, server, accessJwt, authentication, originOf }) => {
          const { actor } = await authentication.authenticate(bearerOf(request), accessJwt);
          if (!can(actor, permission)) throw fail("auth.forbidden");
          return { actor: { ...actor, origin: originOf(request, server) } as Actor };
        },
      }),
    });

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
