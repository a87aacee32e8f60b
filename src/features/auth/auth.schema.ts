/** What the sign-in routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { REACHES } from "../../core/permissions";
import { AgentView, Id, oneOf } from "../../events/view";

const strict = { additionalProperties: false } as const;
const email = t.String({ minLength: 3, maxLength: 254, pattern: "^[^@\\s]+@[^@\\s]+$", examples: ["admin@chasqui.local"] });
const password = t.String({ minLength: 1, maxLength: 200, examples: ["correct horse battery"] });
const newPassword = t.String({ minLength: 1, maxLength: 128, examples: ["correct horse battery"] });
const secret = (description: string) => t.String({ minLength: 20, maxLength: 200, description });
const code = t.String({
  pattern: "^([0-9]{6}|[a-zA-Z2-7\\s-]{16,24})$",
  description: "Six digits of the authenticator app, or a recovery code",
  examples: ["492039"],
});
const tokens = t.Optional(
  t.Union([t.Literal("cookie"), t.Literal("body")], {
    description: "Where the refresh token goes: into a cookie for browsers (default), or into the answer for other clients",
  }),
);

export const SignIn = t.Object({ email, password, tokens }, strict);
export const RefreshBody = t.Optional(t.Object({ refreshToken: t.Optional(secret("For clients without cookies")) }, strict));

export const Session = t.Object({
  accessToken: t.String(),
  expiresIn: t.Integer({ description: "Seconds until the access token ends" }),
  refreshToken: t.Optional(t.String({ description: "Only for clients that asked for it" })),
  agent: AgentView,
});
export const SessionAnswer = okSchema(Session);

export const Me = t.Object({
  ...AgentView.properties,
  permissions: t.Array(t.String()),
  reach: oneOf(REACHES),
  session: t.Union([Id, t.Null()]),
});
export const MeAnswer = okSchema(Me);
export const SignOutAnswer = okSchema(t.Object({ signedOut: t.Literal(true) }));
export const DoneAnswer = okSchema(t.Object({ done: t.Literal(true) }));

export const SessionParams = t.Object({ id: Id });
export const SessionList = okSchema(
  t.Array(
    t.Object({
      id: Id,
      device: t.String({ description: "Browser and system", examples: ["Firefox on Windows"] }),
      address: t.String(),
      createdAt: t.String(),
      usedAt: t.String({ description: "When it was last refreshed" }),
      expiresAt: t.String(),
      isCurrent: t.Boolean(),
    }),
  ),
);

export const PasswordChange = t.Object({ current: password, next: newPassword }, strict);
export const ForgotBody = t.Object({ email }, strict);
export const ResetBody = t.Object({ token: secret("What stands behind # in the link"), password: newPassword }, strict);
export const InvitationBody = t.Object({ token: secret("What stands behind # in the link") }, strict);
export const InvitationAnswer = okSchema(t.Object({ email: t.String(), name: t.String() }));
export const AcceptBody = t.Object(
  {
    token: secret("What stands behind # in the link"),
    name: t.String({ minLength: 1, maxLength: 200, pattern: "\\S" }),
    password: newPassword,
    tokens,
  },
  strict,
);

const challenge = secret("From the answer auth.second-factor-required or auth.second-factor-setup, under details");
export const VerifyBody = t.Object({ challenge, code, tokens }, strict);
export const ChallengeBody = t.Object({ challenge }, strict);
export const SetupBody = t.Object({ challenge, code, tokens }, strict);
export const CodeBody = t.Object({ code }, strict);
export const RemoveFactorBody = t.Object({ password, code }, strict);
export const FactorAnswer = okSchema(
  t.Object({
    secret: t.String({ description: "For typing it into the app" }),
    uri: t.String({ description: "For a QR code", examples: ["otpauth://totp/Chasqui:ana@tienda.example?secret=..."] }),
  }),
);
export const RecoveryAnswer = okSchema(t.Object({ recoveryCodes: t.Array(t.String()) }));
export const SetupAnswer = okSchema(t.Object({ ...Session.properties, recoveryCodes: t.Array(t.String()) }));

export const SingleSignOnAnswer = okSchema(t.Object({ isOn: t.Boolean() }));
/** Providers add what they like. */
export const CallbackQuery = t.Record(t.String({ maxLength: 100 }), t.String({ maxLength: 4_000 }), { maxProperties: 20 });

/** What an access token says: whom it is for, and by which session it was given. */
export const AccessClaims = t.Object({ sub: t.String(), sid: t.String(), exp: t.Number() });
export type AccessClaims = Static<typeof AccessClaims>;
