/** The rules of signing in. */
import { Type as t } from "@sinclair/typebox";
import { settingGroup } from "./setting-group";

export const securitySettings = settingGroup({
  name: "security",
  title: "Sign-in and sessions",
  description: "What people need to sign in, and for how long it lasts.",
  schema: t.Object({
    secondFactorRoles: t.Array(t.String({ pattern: "^[\\w-]{1,64}$" }), {
      maxItems: 100,
      uniqueItems: true,
      description: "Names of roles whose people have to set up a second factor",
    }),
    sessionLimits: t.Object(
      {
        perAgent: t.Integer({
          minimum: 1,
          maximum: 100,
          description: "Devices one person may be signed in on; the oldest is signed out",
        }),
        days: t.Integer({ minimum: 1, maximum: 365, description: "Days after which a session ends, however much it is used" }),
      },
      { additionalProperties: false, description: "How many sessions, and how long" },
    ),
    passwordMinimum: t.Integer({ minimum: 12, maximum: 64, description: "Least length of new passwords" }),
  }),
  defaults: { secondFactorRoles: [], sessionLimits: { perAgent: 20, days: 90 }, passwordMinimum: 12 },
});
