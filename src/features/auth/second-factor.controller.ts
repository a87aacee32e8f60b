import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthControllerOptions } from "./auth.controller";
import type { AuthPlugin } from "./auth.plugin";
import {
  ChallengeBody,
  CodeBody,
  DoneAnswer,
  FactorAnswer,
  RecoveryAnswer,
  RemoveFactorBody,
  SessionAnswer,
  SetupAnswer,
  SetupBody,
  VerifyBody,
} from "./auth.schema";
import { assertSameOrigin } from "./csrf";
import type { SecondFactorService } from "./second-factor.service";
import { sessionAnswers } from "./session-answer";

export interface SecondFactorControllerOptions extends AuthControllerOptions {
  factor: SecondFactorService;
}

export const secondFactorController = (plugin: AuthPlugin, options: SecondFactorControllerOptions) => {
  const { auth, factor, friends } = options;
  const { answer } = sessionAnswers(options);

  return new Elysia({ prefix: "/auth/second-factor", tags: ["Sign-in"] })
    .use(plugin)
    .post(
      "/verify",
      async ({ body, request, server, originOf, accessJwt, cookie: { refresh } }) => {
        assertSameOrigin(request, friends);
        const session = await auth.verify(body.challenge, body.code, originOf(request, server));
        return answer(session, body.tokens, accessJwt, refresh);
      },
      { body: VerifyBody, response: { 200: SessionAnswer }, detail: { summary: "The code that completes a sign-in" } },
    )
    .post("/setup", async ({ body }) => ok(await auth.beginSetup(body.challenge)), {
      body: ChallengeBody,
      response: { 200: FactorAnswer },
      detail: { summary: "Set a second factor up because the role needs one: the secret for the app" },
    })
    .post(
      "/setup/confirm",
      async ({ body, request, server, originOf, accessJwt, cookie: { refresh } }) => {
        assertSameOrigin(request, friends);
        const { recoveryCodes, ...session } = await auth.finishSetup(body.challenge, body.code, originOf(request, server));
        const { data } = await answer(session, body.tokens, accessJwt, refresh);
        return ok({ ...data, recoveryCodes });
      },
      {
        body: SetupBody,
        response: { 200: SetupAnswer },
        detail: { summary: "The first code: the session, and the recovery codes, which are shown only now" },
      },
    )
    .post("/", async ({ agent }) => ok(await factor.begin(agent)), {
      agent: true,
      response: { 200: FactorAnswer },
      detail: { summary: "Begin to set up a second factor: the secret for the app" },
    })
    .post(
      "/confirm",
      async ({ agent, body, origin }) => ok({ recoveryCodes: await auth.confirmFactor(agent, body.code, origin) }),
      {
        agent: true,
        body: CodeBody,
        response: { 200: RecoveryAnswer },
        detail: { summary: "The first code turns it on; the recovery codes are shown only now" },
      },
    )
    .post(
      "/recovery-codes",
      async ({ agent, body, origin }) => ok({ recoveryCodes: await auth.renewRecovery(agent, body.code, origin) }),
      {
        agent: true,
        body: CodeBody,
        response: { 200: RecoveryAnswer },
        detail: { summary: "New recovery codes; the old ones end" },
      },
    )
    .delete(
      "/",
      async ({ agent, body, origin }) => {
        await auth.removeFactor(agent, body, origin);
        return ok({ done: true as const });
      },
      {
        agent: true,
        body: RemoveFactorBody,
        response: { 200: DoneAnswer },
        detail: { summary: "Turn your second factor off" },
      },
    );
};
