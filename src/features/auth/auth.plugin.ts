/**
 * Adds `{ permission: "contacts.read" }` to routes: only who may do that gets through, and the handler receives them as `actor`.
 * `{ agent: true }` asks only for a signed-in person, given as `agent` (one's own session, one's own profile).
 */
import { jwt } from "@elysiajs/jwt";
import { Elysia } from "elysia";
import { type Actor, can } from "../../core/actor";
import { fail } from "../../core/errors";
import { BUILT_IN_ROLES, type Permission } from "../../core/permissions";
import type { Agent } from "../agents/agent.model";
import { AccessClaims } from "./auth.schema";
import type { AuthService } from "./auth.service";

export interface AuthPluginOptions {
  auth: AuthService;
  accessSecret: string;
  accessTtlSeconds: number;
}

export const authPlugin = ({ auth, accessSecret, accessTtlSeconds }: AuthPluginOptions) =>
  new Elysia({ name: "auth" })
    .use(jwt({ name: "accessJwt", secret: accessSecret, schema: AccessClaims, exp: `${accessTtlSeconds}s` }))
    .decorate("authentication", auth)
    .macro({
      agent: {
        resolve: async ({ request, accessJwt, authentication }) => {
          const claims = await accessJwt.verify(bearerOf(request));
          if (!claims) throw fail("auth.invalid-token");
          return { agent: await authentication.getActiveAgent(claims.sub) };
        },
      },
      permission: (permission: Permission) => ({
        resolve: async ({ request, accessJwt, authentication }) => {
          const claims = await accessJwt.verify(bearerOf(request));
          if (!claims) throw fail("auth.invalid-token");
          const actor = actorOf(await authentication.getActiveAgent(claims.sub));
          if (!can(actor, permission)) throw fail("auth.forbidden");
          return { actor };
        },
      }),
    });

export type AuthPlugin = ReturnType<typeof authPlugin>;

/** Who sends a request, or null when it does not say so in a way that holds. */
export const identifyBy =
  (plugin: AuthPlugin) =>
  async (request: Request): Promise<string | null> => {
    const bearer = request.headers.get("authorization");
    const claims = bearer?.startsWith("Bearer ") ? await plugin.decorator.accessJwt.verify(bearer.slice(7)) : false;
    return claims ? claims.sub : null;
  };

function bearerOf(request: Request): string {
  const bearer = request.headers.get("authorization");
  if (!bearer?.startsWith("Bearer ")) throw fail("auth.required");
  return bearer.slice(7);
}

function actorOf({ _id, name, role }: Agent): Actor {
  const { permissions, reach } = BUILT_IN_ROLES[role];
  return { kind: "agent", id: _id, name, role, permissions: new Set(permissions), reach, teams: [] };
}
