import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import { fail } from "../../core/errors";
import type { AuthControllerOptions } from "./auth.controller";
import type { AuthPlugin } from "./auth.plugin";
import {
  AcceptBody,
  DoneAnswer,
  ForgotBody,
  InvitationAnswer,
  InvitationBody,
  PasswordChange,
  ResetBody,
  SessionAnswer,
} from "./auth.schema";
import { assertSameOrigin } from "./csrf";
import type { PasswordService } from "./password.service";
import { opened, sessionAnswers } from "./session-answer";

export interface PasswordControllerOptions extends AuthControllerOptions {
  passwords: PasswordService;
}

export const passwordController = (plugin: AuthPlugin, options: PasswordControllerOptions) => {
  const { auth, passwords, friends } = options;
  const { answer } = sessionAnswers(options);
  const done = ok({ done: true as const });

  return new Elysia({ prefix: "/auth", tags: ["Sign-in"] })
    .use(plugin)
    .put(
      "/password",
      async ({ agent, session, origin, body }) => {
        await passwords.change(agent, body, session, origin);
        return done;
      },
      {
        agent: true,
        body: PasswordChange,
        response: { 200: DoneAnswer },
        detail: { summary: "Change your password; your other devices are signed out" },
      },
    )
    .post(
      "/password/forgot",
      async ({ body, request, server, originOf }) => {
        const origin = originOf(request, server);
        await auth.guardAddress(origin);
        passwords.forgot(body.email, origin);
        return done;
      },
      {
        body: ForgotBody,
        response: { 200: DoneAnswer },
        detail: { summary: "Ask for a link to a new password", description: "The answer is the same for every e-mail." },
      },
    )
    .post(
      "/password/reset",
      async ({ body, request, server, originOf }) => {
        const origin = originOf(request, server);
        await auth.guardAddress(origin);
        await passwords.reset(body.token, body.password, origin);
        return done;
      },
      {
        body: ResetBody,
        response: { 200: DoneAnswer },
        detail: { summary: "Set a new password by a link; every device is signed out" },
      },
    )
    .post(
      "/invitation",
      async ({ body, request, server, originOf }) => {
        await auth.guardAddress(originOf(request, server));
        const { email, name } = await passwords.lookInvitation(body.token);
        return ok({ email, name });
      },
      { body: InvitationBody, response: { 200: InvitationAnswer }, detail: { summary: "Whom an invitation is for" } },
    )
    .post(
      "/invitation/accept",
      async ({ body, request, server, originOf, accessJwt, cookie: { refresh } }) => {
        assertSameOrigin(request, friends);
        const origin = originOf(request, server);
        await auth.guardAddress(origin);
        const agent = await passwords.accept(body.token, body, origin);
        if (!agent.isActive) throw fail("auth.bad-link");
        return answer(opened(await auth.proceed(agent, origin, "invitation")), body.tokens, accessJwt, refresh);
      },
      {
        body: AcceptBody,
        response: { 200: SessionAnswer },
        detail: { summary: "Accept an invitation with a name and a password" },
      },
    );
};
