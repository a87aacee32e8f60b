import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import { fail } from "../../core/errors";
import { toAgentView } from "../agents/agent.service";
import type { AuthPlugin } from "./auth.plugin";
import {
  DoneAnswer,
  MeAnswer,
  RefreshBody,
  SessionAnswer,
  SessionList,
  SessionParams,
  SignIn,
  SignOutAnswer,
} from "./auth.schema";
import type { AuthService } from "./auth.service";
import { assertOwnPage, assertSameOrigin } from "./csrf";
import type { SessionService } from "./session.service";
import { opened, type SessionAnswerOptions, sessionAnswers } from "./session-answer";

export interface AuthControllerOptions extends SessionAnswerOptions {
  auth: AuthService;
  sessions: SessionService;
  /** Origins that may call us besides our own. */
  friends: ReadonlySet<string>;
}

export const authController = (plugin: AuthPlugin, { auth, sessions, friends, ...options }: AuthControllerOptions) => {
  const { answer, forget } = sessionAnswers(options);

  return new Elysia({ prefix: "/auth", tags: ["Sign-in"] })
    .use(plugin)
    .post(
      "/sign-in",
      async ({ body, request, server, accessJwt, originOf, cookie: { refresh } }) => {
        assertSameOrigin(request, friends);
        const { tokens, ...credentials } = body;
        return answer(opened(await auth.signIn(credentials, originOf(request, server))), tokens, accessJwt, refresh);
      },
      {
        body: SignIn,
        response: { 200: SessionAnswer },
        detail: {
          summary: "Sign in with e-mail and password",
          description:
            "Where a second factor is needed the answer is 401 auth.second-factor-required (or -setup) with a challenge under details.",
        },
      },
    )
    .post(
      "/refresh",
      async ({ body, request, server, accessJwt, originOf, cookie: { refresh } }) => {
        const given = body?.refreshToken;
        const token = given ?? (refresh?.value as string | undefined);
        if (!token) throw fail("auth.required");
        if (!given) assertOwnPage(request, friends);
        return answer(await auth.refresh(token, originOf(request, server)), given ? "body" : "cookie", accessJwt, refresh);
      },
      {
        body: RefreshBody,
        response: { 200: SessionAnswer },
        detail: {
          summary: "Exchange the refresh token for a new access token",
          description: "By cookie the header X-Requested-By is needed, with any value. A token counts once.",
        },
      },
    )
    .post(
      "/sign-out",
      async ({ body, request, cookie: { refresh } }) => {
        const given = body?.refreshToken;
        const token = given ?? (refresh?.value as string | undefined);
        if (token && !given) assertOwnPage(request, friends);
        if (token) await sessions.endByToken(token);
        if (!given) forget(refresh);
        return ok({ signedOut: true as const });
      },
      { body: RefreshBody, response: { 200: SignOutAnswer }, detail: { summary: "End this session" } },
    )
    .post(
      "/sign-out-everywhere",
      async ({ agent, cookie: { refresh } }) => {
        await sessions.endAll(agent._id);
        forget(refresh);
        return ok({ signedOut: true as const });
      },
      { agent: true, response: { 200: SignOutAnswer }, detail: { summary: "End every session, this one included" } },
    )
    .get(
      "/me",
      ({ agent, actor, session }) =>
        ok({ ...toAgentView(agent), permissions: [...actor.permissions], reach: actor.reach, session }),
      { agent: true, response: { 200: MeAnswer }, detail: { summary: "Who is signed in, and what they may do" } },
    )
    .get("/sessions", async ({ agent, session }) => ok(await sessions.list(agent._id, session)), {
      agent: true,
      response: { 200: SessionList },
      detail: { summary: "Your devices, the last used first" },
    })
    .delete(
      "/sessions/:id",
      async ({ params, agent }) => {
        await sessions.end(params.id, agent._id);
        return ok({ done: true as const });
      },
      {
        agent: true,
        params: SessionParams,
        response: { 200: DoneAnswer },
        detail: { summary: "Sign a device out; it loses its access at once" },
      },
    );
};
