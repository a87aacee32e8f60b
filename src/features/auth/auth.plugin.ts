/**
 * Adds `{ agent: true }` to routes: only a signed-in agent gets through, and the handler receives them as `agent`.
 * `{ admin: true }` lets only admins through.
 */
import { jwt } from "@elysiajs/jwt";
import { Elysia } from "elysia";
import { fail } from "../../core/errors";
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
          const bearer = request.headers.get("authorization");
          if (!bearer?.startsWith("Bearer ")) throw fail("auth.required");
          const claims = await accessJwt.verify(bearer.slice(7));
          if (!claims) throw fail("auth.invalid-token");
          return { agent: await authentication.getActiveAgent(claims.sub) };
        },
      },
      admin: {
        resolve: async ({ request, accessJwt, authentication }) => {
          const bearer = request.headers.get("authorization");
          if (!bearer?.startsWith("Bearer ")) throw fail("auth.required");
          const claims = await accessJwt.verify(bearer.slice(7));
          if (!claims) throw fail("auth.invalid-token");
          const agent = await authentication.getActiveAgent(claims.sub);
          if (agent.role !== "admin") throw fail("auth.forbidden");
          return { agent };
        },
      },
    });

export type AuthPlugin = ReturnType<typeof authPlugin>;
