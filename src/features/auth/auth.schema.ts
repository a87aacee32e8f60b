/** What the sign-in routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { AgentView } from "../../events/view";

export const SignIn = t.Object({
  email: t.String({ minLength: 3, maxLength: 254, pattern: "^[^@\\s]+@[^@\\s]+$", examples: ["admin@chasqui.local"] }),
  password: t.String({ minLength: 1, maxLength: 200 }),
});
export type SignIn = Static<typeof SignIn>;

export const Session = t.Object({
  accessToken: t.String(),
  expiresIn: t.Integer({ description: "Seconds until the access token ends" }),
  agent: AgentView,
});
export const SessionAnswer = okSchema(Session);
export const MeAnswer = okSchema(AgentView);
export const SignOutAnswer = okSchema(t.Object({ signedOut: t.Literal(true) }));

/** What an access token says. */
export const AccessClaims = t.Object({ sub: t.String(), role: t.String() });
