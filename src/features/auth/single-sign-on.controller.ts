import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import { AppError, fail } from "../../core/errors";
import type { AgentIdentityService } from "../agents/agent-identity.service";
import type { CredentialBox } from "../channels/credential-box";
import type { AuthControllerOptions } from "./auth.controller";
import type { AuthPlugin } from "./auth.plugin";
import { CallbackQuery, SingleSignOnAnswer } from "./auth.schema";
import type { LoginGuard } from "./login-guard";
import { sessionAnswers } from "./session-answer";
import type { Journey, Provider } from "./single-sign-on";

export interface SingleSignOnOptions extends AuthControllerOptions {
  /** Null: not configured. */
  singleSignOn: { provider: Provider; identities: AgentIdentityService } | null;
  guard: LoginGuard;
  box: CredentialBox;
  appUrl: () => string;
}

const JOURNEY_S = 600;
const PATH = "/api/v2/auth/single-sign-on";
const OWNER = "single-sign-on";

export const singleSignOnController = (plugin: AuthPlugin, options: SingleSignOnOptions) => {
  const { auth, singleSignOn, guard, box, appUrl, clock, secureCookie } = options;
  const { leaveCookie } = sessionAnswers(options);
  /** Lax: the provider sends the person back from its own pages. */
  const journeyCookie = { httpOnly: true, sameSite: "lax" as const, secure: secureCookie, path: PATH, maxAge: JOURNEY_S };
  const goTo = (url: string) => new Response(null, { status: 302, headers: { location: url, "cache-control": "no-store" } });

  /** What keeps somebody out is told on a page, not as JSON: a browser stands here. */
  function tell(error: unknown): Response {
    if (!(error instanceof AppError)) throw error;
    return goTo(`${appUrl()}/sign-in#${new URLSearchParams({ failure: error.code })}`);
  }

  function configured() {
    if (!singleSignOn) throw fail("single-sign-on.off");
    return singleSignOn;
  }

  function readJourney(locked: unknown): Journey {
    const journey = typeof locked === "string" ? (box.open(locked, OWNER) as (Journey & { until: number }) | null) : null;
    if (!journey || journey.until <= clock.now()) throw fail("single-sign-on.failed");
    return journey;
  }

  return new Elysia({ prefix: "/auth/single-sign-on", tags: ["Sign-in"] })
    .use(plugin)
    .get("/", () => ok({ isOn: singleSignOn !== null }), {
      response: { 200: SingleSignOnAnswer },
      detail: { summary: "Whether people sign in with their company's account" },
    })
    .get(
      "/start",
      async ({ cookie: { journey } }) => {
        try {
          const started = await configured().provider.begin(`${appUrl()}${PATH}/callback`);
          const until = clock.now() + JOURNEY_S * 1000;
          journey?.set({ ...journeyCookie, value: box.lock({ ...started.journey, until }, OWNER) });
          return goTo(started.url);
        } catch (error) {
          return tell(error);
        }
      },
      {
        detail: {
          summary: "Go to the company's sign-in page",
          description: "Open it in the browser: it answers with a redirect.",
        },
      },
    )
    .get(
      "/callback",
      async ({ request, server, originOf, cookie: { journey, refresh } }) => {
        const { provider, identities } = configured();
        const origin = originOf(request, server);
        try {
          const keys = await auth.guardAddress(origin);
          const { state, nonce, verifier } = readJourney(journey?.value);
          journey?.set({ ...journeyCookie, value: "", maxAge: 0 });
          // Behind a proxy the request has another address than the person sees.
          const url = new URL(`${appUrl()}${PATH}/callback${new URL(request.url).search}`);
          const agent = await identities.admit(await provider.finish(url, { state, nonce, verifier }), origin);
          await guard.succeed(keys);
          const outcome = await auth.proceed(agent, origin, "single sign-on");
          if ("challenge" in outcome) return goTo(`${appUrl()}/sign-in#${new URLSearchParams({ ...outcome })}`);
          leaveCookie(outcome, refresh);
          return goTo(`${appUrl()}/`);
        } catch (error) {
          return tell(error);
        }
      },
      { query: CallbackQuery, detail: { summary: "Where the company's sign-in page sends people back to" } },
    );
};
