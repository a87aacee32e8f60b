import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { Agent } from "../agents/agent.model";
import { toAgentView } from "../agents/agent.service";
import type { AuthPlugin } from "./auth.plugin";
import { MeAnswer, SessionAnswer, SignIn, SignOutAnswer } from "./auth.schema";
import type { AuthService } from "./auth.service";

export interface AuthControllerOptions {
  auth: AuthService;
  accessTtlSeconds: number;
  refreshTtlSeconds: number;
  /** The cookie is marked Secure when people reach the server by https. */
  secureCookie: boolean;
}

export const authController = (
  plugin: AuthPlugin,
  { auth, accessTtlSeconds, refreshTtlSeconds, secureCookie }: AuthControllerOptions,
) => {
  const cookieOptions = {
    httpOnly: true,
    sameSite: "strict" as const,
    secure: secureCookie,
    path: "/api/v2/auth",
    maxAge: refreshTtlSeconds,
  };
  const session = (accessToken: string, agent: Agent) =>
    ok({ accessToken, expiresIn: accessTtlSeconds, agent: toAgentView(agent) });

  return new Elysia({ prefix: "/auth", tags: ["Sign-in"] })
    .use(plugin)
    .post(
      "/sign-in",
      async ({ body, request, accessJwt, cookie: { refresh } }) => {
        const { agent, refreshToken } = await auth.signIn(body, request.headers.get("user-agent") ?? "");
        refresh?.set({ ...cookieOptions, value: refreshToken });
        return session(await accessJwt.sign({ sub: agent._id, role: agent.role }), agent);
      },
      { body: SignIn, response: { 200: SessionAnswer }, detail: { summary: "Sign in with e-mail and password" } },
    )
    .post(
      "/refresh",
      async ({ request, accessJwt, cookie: { refresh } }) => {
        const { agent, refreshToken } = await auth.refresh(
          refresh?.value as string | undefined,
          request.headers.get("user-agent") ?? "",
        );
        refresh?.set({ ...cookieOptions, value: refreshToken });
        return session(await accessJwt.sign({ sub: agent._id, role: agent.role }), agent);
      },
      { response: { 200: SessionAnswer }, detail: { summary: "Exchange the refresh cookie for a new access token" } },
    )
    .post(
      "/sign-out",
      async ({ cookie: { refresh } }) => {
        await auth.signOut(refresh?.value as string | undefined);
        refresh?.set({ ...cookieOptions, value: "", maxAge: 0 });
        return ok({ signedOut: true as const });
      },
      { response: { 200: SignOutAnswer }, detail: { summary: "End this session" } },
    )
    .get("/me", ({ agent }) => ok(toAgentView(agent)), {
      agent: true,
      response: { 200: MeAnswer },
      detail: { summary: "Who is signed in" },
    });
};
