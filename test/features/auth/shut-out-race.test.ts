/**
 * Somebody is shut out in the middle of their own request: after the product has looked at who they are, before it lets them in. They
 * stay outside, and nothing is left that would count again once they are let back in.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { Secret, TOTP } from "otpauth";
import { ApiClient } from "../../helpers/api-client";
import { meanwhile } from "../../helpers/meanwhile";
import { type Colleague, hire, PASSWORD, tokenOf } from "../../helpers/people";
import { createTestApp, type TestApp } from "../../helpers/test-app";

setDefaultTimeout(60_000);

let app: TestApp;
let count = 0;
beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off" } });
});
afterAll(() => app[Symbol.asyncDispose]());

const person = (role = "agent") => hire(app, { email: `race-${++count}@example.com`, role });
const guest = () => new ApiClient(app.url);
const signIn = (email: string, password = PASSWORD) =>
  guest().post<{ accessToken: string; refreshToken: string }>("/auth/sign-in", { email, password, tokens: "body" });

async function outAndBack({ id }: Colleague): Promise<void> {
  expect((await app.api.post(`/agents/${id}/deactivate`)).status).toBe(200);
  expect((await app.api.post(`/agents/${id}/activate`)).status).toBe(200);
}
/** The devices of somebody who signs in now: their own, and whatever was left. */
async function devices({ email }: Colleague, password = PASSWORD): Promise<number> {
  const client = guest();
  client.token = (await signIn(email, password)).body.data.accessToken;
  return (await client.data<unknown[]>("/auth/sessions")).length;
}

test("signing in: the password was right, and then they were shut out", async () => {
  const ana = await person();
  using moment = meanwhile("Agent", "findOne", () => outAndBack(ana).then(() => app.api.post(`/agents/${ana.id}/deactivate`)));
  const { status, body } = await signIn(ana.email);
  expect([moment.happened(), status, body.code]).toEqual([true, 401, "auth.wrong-credentials"]);
  await app.api.post(`/agents/${ana.id}/activate`);
  expect(await devices(ana)).toBe(1);
});

test("signing in with a password that is replaced at that moment", async () => {
  const ben = await person();
  const link = await app.api.post<{ link: string }>(`/agents/${ben.id}/password-link`);
  const next = "quite another password";
  using moment = meanwhile("Agent", "findOne", () =>
    guest().post("/auth/password/reset", { token: tokenOf(link.body.data.link), password: next }),
  );
  const { status, body } = await signIn(ben.email);
  expect([moment.happened(), status, body.code]).toEqual([true, 401, "auth.wrong-credentials"]);
  expect(await devices(ben, next)).toBe(1);
});

test("the code of the second factor was right, and then they were shut out", async () => {
  const carla = await person();
  const begun = await carla.api.post<{ secret: string }>("/auth/second-factor");
  const totp = new TOTP({ secret: Secret.fromBase32(begun.body.data.secret), digits: 6, period: 30, algorithm: "SHA1" });
  const confirmed = await carla.api.post<{ recoveryCodes: string[] }>("/auth/second-factor/confirm", { code: totp.generate() });
  const [code = "", ...more] = confirmed.body.data.recoveryCodes;
  const challengeOf = async () => {
    const { body } = (await signIn(carla.email)) as unknown as {
      body: { details: { challenge: string } | { message: string }[] };
    };
    return /[\w-]{40,}/.exec(JSON.stringify(body.details))?.[0] ?? "";
  };
  const challenge = await challengeOf();
  const verify = (given: string, by: string) =>
    guest().post<{ accessToken: string }>("/auth/second-factor/verify", { challenge: given, code: by, tokens: "body" });
  using moment = meanwhile("AccessLink", "findOne", () => outAndBack(carla));
  const { status, body } = await verify(challenge, code);
  expect([moment.happened(), status, body.code]).toEqual([true, 401, "auth.challenge-ended"]);
  const client = guest();
  client.token = (await verify(await challengeOf(), more[0] ?? "")).body.data.accessToken;
  expect(await client.data<unknown[]>("/auth/sessions")).toHaveLength(1);
});

test("a challenge that is asked for while they are shut out is worth nothing afterwards", async () => {
  const dora = await person();
  const { version } = await app.api.data<{ version: number }>("/settings/security");
  await app.api.patch("/settings/security", { version, values: { secondFactorRoles: ["agent"] } });
  using moment = meanwhile("Agent", "findOne", () => app.api.post(`/agents/${dora.id}/deactivate`));
  const { status, body } = await signIn(dora.email);
  expect([moment.happened(), status, body.code]).toEqual([true, 401, "auth.wrong-credentials"]);
  await app.api.patch("/settings/security", { version: version + 1, values: { secondFactorRoles: [] } });
});

test("exchanging the refresh token: the session was alive, and then it was ended", async () => {
  const eva = await person();
  const { refreshToken } = (await signIn(eva.email)).body.data;
  using moment = meanwhile("Session", "findOne", () => app.api.post(`/agents/${eva.id}/sign-out`));
  const { status, body } = await guest().post("/auth/refresh", { refreshToken });
  expect([moment.happened(), status, body.code]).toEqual([true, 401, "auth.invalid-token"]);
});

test("making a key: they were let in to it, and then shut out", async () => {
  const fran = await person("admin");
  // A token that nobody has looked at yet, so that the moment lies inside of letting it in.
  fran.api.token = (await signIn(fran.email)).body.data.accessToken;
  using moment = meanwhile("Agent", "findOne", () => outAndBack(fran).then(() => app.api.post(`/agents/${fran.id}/deactivate`)));
  const { status } = await fran.api.post("/api-keys", { name: "One for later", permissions: ["contacts.read"] });
  expect([moment.happened(), status]).toEqual([true, 401]);
  await app.api.post(`/agents/${fran.id}/activate`);
  const keys = await app.api.data<{ name: string }[]>("/api-keys");
  expect(keys.filter(({ name }) => name === "One for later")).toEqual([]);
});

test("a new password by a link: the link was good, and then they were shut out", async () => {
  const gil = await person();
  const link = await app.api.post<{ link: string }>(`/agents/${gil.id}/password-link`);
  using moment = meanwhile("AccessLink", "findOne", () => outAndBack(gil));
  const reset = await guest().post("/auth/password/reset", { token: tokenOf(link.body.data.link), password: "one for later" });
  expect([moment.happened(), reset.body.code]).toEqual([true, "auth.bad-link"]);
  expect((await signIn(gil.email, "one for later")).status).toBe(401);
  expect((await signIn(gil.email)).status).toBe(200);
});

test("an invitation that is withdrawn while it is accepted", async () => {
  const invited = await app.api.post<{ agent: { id: string }; invitation: { link: string } }>("/agents", {
    email: "withdrawn@example.com",
    role: "agent",
  });
  const { agent, invitation } = invited.body.data;
  using moment = meanwhile("AccessLink", "findOne", () => app.api.delete(`/agents/${agent.id}/invitation`));
  const accepted = await guest().post("/auth/invitation/accept", {
    token: tokenOf(invitation.link),
    name: "Hana",
    password: PASSWORD,
  });
  expect([moment.happened(), accepted.body.code]).toEqual([true, "auth.bad-link"]);
  expect((await signIn("withdrawn@example.com")).status).toBe(401);
});
