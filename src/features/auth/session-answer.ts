/** How a session is handed over: the access token in the answer, the refresh token in a cookie that scripts cannot read, or beside it. */
import type { Clock } from "../../core/clock";
import { ok } from "../../core/envelope";
import { fail } from "../../core/errors";
import { toAgentView } from "../agents/agent.service";
import type { Challenge, Opened } from "./auth.service";

export interface SessionAnswerOptions {
  accessTtlSeconds: number;
  /** The cookie is marked Secure when people reach the server by https. */
  secureCookie: boolean;
  clock: Clock;
}

interface Signer {
  sign(claims: { sub: string; sid: string; exp: number }): Promise<string>;
}

interface CookieJar {
  set(options: Record<string, unknown>): unknown;
}

export type TokenPlace = "cookie" | "body" | undefined;

export function sessionAnswers({ accessTtlSeconds, secureCookie, clock }: SessionAnswerOptions) {
  const cookieOptions = {
    httpOnly: true,
    sameSite: "strict" as const,
    secure: secureCookie,
    path: "/api/v2/auth",
  };
  const secondsTo = ({ expiresAt }: Opened): number => Math.max(0, Math.ceil((expiresAt.getTime() - clock.now()) / 1000));

  const leaveCookie = (opened: Opened, cookie: CookieJar | undefined) =>
    cookie?.set({ ...cookieOptions, maxAge: secondsTo(opened), value: opened.refreshToken });

  return {
    leaveCookie,
    /** Also leaves the cookie. */
    async answer(opened: Opened, place: TokenPlace, signer: Signer, cookie: CookieJar | undefined) {
      const { agent, session, refreshToken } = opened;
      if (place !== "body") leaveCookie(opened, cookie);
      const expiresIn = Math.min(accessTtlSeconds, secondsTo(opened));
      const exp = Math.floor(clock.now() / 1000) + expiresIn;
      return ok({
        accessToken: await signer.sign({ sub: agent._id, sid: session, exp }),
        expiresIn,
        ...(place === "body" ? { refreshToken } : {}),
        agent: toAgentView(agent),
      });
    },
    forget(cookie: CookieJar | undefined): void {
      cookie?.set({ ...cookieOptions, value: "", maxAge: 0 });
    },
  };
}

/** A challenge is told as a refusal: whoever does not know of second factors sees a sentence. */
export function opened(outcome: Opened | Challenge): Opened {
  if (!("challenge" in outcome)) return outcome;
  throw fail(outcome.code, { details: [{ path: "challenge", message: outcome.challenge }] });
}
