/** Devices, passwords, mail, the second factor and where calls by cookie may come from. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Secret, TOTP } from "otpauth";
import { SMTPServer } from "smtp-server";
import { ApiClient } from "../helpers/api-client";
import { ManualClock } from "../helpers/manual-clock";
import { hire, PASSWORD, tokenOf } from "../helpers/people";
import { ADMIN } from "../helpers/server-process";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

const clock = new ManualClock();
let app: TestApp;
const mails: string[] = [];
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onData(stream, _session, done) {
    let text = "";
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    stream.on("end", () => {
      mails.push(text.replace(/=\r\n/g, "").replace(/=3D/g, "="));
      done();
    });
  },
});

beforeAll(async () => {
  await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", () => resolve()));
  const { port } = smtp.server.address() as { port: number };
  app = await createTestApp({ clock, env: { SMTP_URL: `smtp://127.0.0.1:${port}`, TRUSTED_PROXIES: "1" } });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
});

const secretIn = (mail: string) => /#([\w-]{30,})/.exec(mail)?.[1] ?? "";
/** The mail with a link: a notice of what has just been done may come late, in between. */
const mailTo = (address: string) =>
  until(() => mails.find((mail) => /^To: <?(.*?)>?\r?$/m.exec(mail)?.[1] === address && secretIn(mail) !== ""));
const guest = () => new ApiClient(app.url);
const post = (path: string, body: unknown, headers: Record<string, string> = {}) => guest().post(path, body, headers);

/** By mail, as people are invited where mail is configured. */
async function join(email: string, role = "agent"): Promise<ApiClient> {
  const { body } = await app.api.post<{ invitation: { sent: boolean; link: null } }>("/agents", { email, role });
  expect(body.data.invitation).toMatchObject({ sent: true, link: null });
  const token = secretIn(await mailTo(email));
  const accepted = await guest().post<{ accessToken: string }>("/auth/invitation/accept", {
    token,
    name: email,
    password: PASSWORD,
  });
  expect(accepted.status).toBe(200);
  const client = guest();
  client.token = accepted.body.data.accessToken;
  return client;
}

describe("devices", () => {
  test("are listed by browser and system, and one that is signed out loses its access at once", async () => {
    const browser = await fetch(`${app.url}/api/v2/auth/sign-in`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0",
        "x-forwarded-for": "10.1.1.1, 203.0.113.9",
      },
      body: JSON.stringify({ ...ADMIN, tokens: "body" }),
    });
    expect(browser.headers.getSetCookie()).toEqual([]);
    const { data } = (await browser.json()) as { data: { accessToken: string; refreshToken: string } };
    const other = guest();
    other.token = data.accessToken;
    const list = await app.api.data<{ id: string; device: string; address: string; isCurrent: boolean }[]>("/auth/sessions");
    const device = list.find((one) => one.device === "Firefox on Windows");
    expect(device).toMatchObject({ address: "203.0.113.9", isCurrent: false });
    expect((await app.api.call("DELETE", `/auth/sessions/${device?.id}`)).status).toBe(200);
    expect((await other.get("/contacts")).status).toBe(401);
    expect((await post("/auth/refresh", { refreshToken: data.refreshToken })).status).toBe(401);
    expect((await app.api.get("/contacts")).status).toBe(200);
    expect((await app.api.call("DELETE", `/auth/sessions/${device?.id}`)).body.code).toBe("session.not-found");
  });

  test("a client without cookies gets its refresh token in the answer", async () => {
    const first = await guest().post<{ refreshToken: string }>("/auth/sign-in", { ...ADMIN, tokens: "body" });
    const second = await guest().post<{ refreshToken: string; accessToken: string }>("/auth/refresh", {
      refreshToken: first.body.data.refreshToken,
    });
    expect(second.status).toBe(200);
    expect(second.body.data.refreshToken).not.toBe(first.body.data.refreshToken);
    await post("/auth/sign-out", { refreshToken: second.body.data.refreshToken });
    const ended = guest();
    ended.token = second.body.data.accessToken;
    expect((await ended.get("/contacts")).status).toBe(401);
  });
});

describe("calls by cookie", () => {
  test.each([
    ["no header of our own", {}, 403],
    ["another site", { "x-requested-by": "x", "sec-fetch-site": "cross-site", origin: "https://evil.example" }, 403],
    ["a sibling domain", { "x-requested-by": "x", "sec-fetch-site": "same-site", origin: "https://other.example" }, 403],
    ["an older browser elsewhere", { "x-requested-by": "x", origin: "https://evil.example" }, 403],
    ["a sandboxed page", { "x-requested-by": "x", origin: "null" }, 403],
    ["our own page", { "x-requested-by": "x", "sec-fetch-site": "same-origin" }, 200],
  ])("from %s: %#", async (_, headers, status) => {
    const signedIn = await fetch(`${app.url}/api/v2/auth/sign-in`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(ADMIN),
    });
    const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    for (const path of ["/auth/refresh", "/auth/sign-out"]) {
      const answer = await fetch(`${app.url}/api/v2${path}`, { method: "POST", headers: { cookie, ...(headers as object) } });
      expect([path, answer.status]).toEqual([path, status]);
    }
  });

  test("nobody is signed in from another site", async () => {
    const answer = await post("/auth/sign-in", ADMIN, { "sec-fetch-site": "cross-site", origin: "https://evil.example" });
    expect(answer.body.code).toBe("auth.cross-site");
  });
});

describe("passwords", () => {
  test("a changed one signs out the other devices, not this one", async () => {
    const here = await join("change@example.com");
    const there = await guest().signIn({ email: "change@example.com", password: PASSWORD });
    expect((await here.call("PUT", "/auth/password", { current: "wrong", next: "a brand new one" })).body.code).toBe(
      "auth.wrong-password",
    );
    expect((await here.call("PUT", "/auth/password", { current: PASSWORD, next: "short" })).body.code).toBe(
      "agent.password-short",
    );
    expect((await here.call("PUT", "/auth/password", { current: PASSWORD, next: "a brand new one" })).status).toBe(200);
    expect((await here.get("/contacts")).status).toBe(200);
    expect((await there.get("/contacts")).status).toBe(401);
    expect((await post("/auth/sign-in", { email: "change@example.com", password: PASSWORD })).status).toBe(401);
  });

  test("a forgotten one is set by a link that works once, for an hour; the answer is the same for everybody", async () => {
    const lost = await join("lost@example.com");
    mails.length = 0;
    const known = await post("/auth/password/forgot", { email: "Lost@example.com" });
    const unknown = await post("/auth/password/forgot", { email: "nobody@example.com" });
    expect([known.status, known.body]).toEqual([unknown.status, unknown.body]);
    const token = secretIn(await mailTo("lost@example.com"));
    expect((await post("/auth/password/reset", { token, password: "short" })).body.code).toBe("agent.password-short");
    expect((await post("/auth/password/reset", { token, password: "found it again" })).status).toBe(200);
    expect((await post("/auth/password/reset", { token, password: "once more please" })).body.code).toBe("auth.bad-link");
    expect((await lost.get("/contacts")).status).toBe(401);
    await guest().signIn({ email: "lost@example.com", password: "found it again" });
    mails.length = 0;
    await post("/auth/password/forgot", { email: "lost@example.com" });
    const late = secretIn(await mailTo("lost@example.com"));
    clock.setWall(clock.now() + 3_600_000);
    expect((await post("/auth/password/reset", { token: late, password: "found it again" })).body.code).toBe("auth.bad-link");
    expect(mails.some((mail) => mail.includes("nobody@example.com"))).toBe(false);
    await app.api.signIn(ADMIN);
  });
});

test("waiting grows with each failure, by account and by address, and is not forgotten by time alone", async () => {
  const fail = (email: string, address: string) =>
    fetch(`${app.url}/api/v2/auth/sign-in`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": address },
      body: JSON.stringify({ email, password: "guess" }),
    });
  const waits: (string | null)[] = [];
  for (let round = 0; round < 8; round++) await fail("slow@example.com", "198.51.100.1");
  for (let round = 0; round < 3; round++) {
    const refused = await fail("slow@example.com", "198.51.100.1");
    expect(refused.status).toBe(429);
    waits.push(refused.headers.get("retry-after"));
    clock.setWall(clock.now() + Number(waits.at(-1)) * 1000);
    expect((await fail("slow@example.com", "198.51.100.1")).status).toBe(401);
  }
  expect(waits).toEqual(["60", "120", "240"]);
  await app.api.signIn(ADMIN);
});

describe("the second factor", () => {
  const codeAt = (secret: string, now: number) => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now });
  const challengeIn = (answer: { body: object }) =>
    (answer.body as { details: { path: string; message: string }[] }).details.find(({ path }) => path === "challenge")?.message ??
    "";

  test("is set up with a first code, asked for at sign-in, and no code counts twice", async () => {
    const client = await join("factor@example.com");
    const begun = await client.post<{ secret: string; uri: string }>("/auth/second-factor");
    const { secret, uri } = begun.body.data;
    expect(uri).toStartWith("otpauth://totp/Chasqui");
    expect((await client.post("/auth/second-factor/confirm", { code: "000000" })).body.code).toBe("auth.wrong-code");
    const first = codeAt(secret, clock.now());
    const confirmed = await client.post<{ recoveryCodes: string[] }>("/auth/second-factor/confirm", { code: first });
    const { recoveryCodes } = confirmed.body.data;
    expect(new Set(recoveryCodes).size).toBe(10);
    expect((await client.post("/auth/second-factor")).body.code).toBe("auth.second-factor-exists");

    const credentials = { email: "factor@example.com", password: PASSWORD };
    const asked = await post("/auth/sign-in", credentials);
    expect([asked.status, asked.body.code]).toEqual([401, "auth.second-factor-required"]);
    const challenge = challengeIn(asked);
    const verify = (code: string, with_ = challenge) => post("/auth/second-factor/verify", { challenge: with_, code });
    const stranger = guest();
    stranger.token = challenge;
    expect((await stranger.get("/contacts")).status).toBe(401);
    expect((await verify(first)).body.code).toBe("auth.wrong-code");
    clock.setWall(clock.now() + 60_000);
    const next = codeAt(secret, clock.now());
    expect((await verify(next)).status).toBe(200);
    expect((await verify(next)).body.code).toBe("auth.challenge-ended");
    const again = challengeIn(await post("/auth/sign-in", credentials));
    expect((await verify(next, again)).body.code).toBe("auth.wrong-code");
    expect((await verify((recoveryCodes[0] ?? "").toUpperCase(), again)).status).toBe(200);
    const third = challengeIn(await post("/auth/sign-in", credentials));
    expect((await verify(recoveryCodes[0] ?? "", third)).body.code).toBe("auth.wrong-code");
    clock.setWall(clock.now() + 5 * 60_000);
    expect((await verify(recoveryCodes[1] ?? "", third)).body.code).toBe("auth.challenge-ended");
    await app.api.signIn(ADMIN);
  });

  test("guesses at a code have to wait", async () => {
    const challenge = challengeIn(await post("/auth/sign-in", { email: "factor@example.com", password: PASSWORD }));
    const codes: unknown[] = [];
    for (let round = 0; round < 7; round++)
      codes.push((await post("/auth/second-factor/verify", { challenge, code: "123456" })).body.code);
    expect(codes.at(-1)).toBe("auth.too-many-attempts");
  });

  test("a role that needs one is let in only after setting it up; an administrator takes a lost one away", async () => {
    await join("must@example.com", "supervisor");
    const { version } = await app.api.data<{ version: number }>("/settings/security");
    const set = (secondFactorRoles: string[], at: number) =>
      app.api.patch("/settings/security", { version: at, values: { secondFactorRoles } });
    expect((await set(["supervisor"], version)).status).toBe(200);
    const credentials = { email: "must@example.com", password: PASSWORD };
    const asked = await post("/auth/sign-in", credentials);
    expect(asked.body.code).toBe("auth.second-factor-setup");
    const challenge = challengeIn(asked);
    const begun = await guest().post<{ secret: string }>("/auth/second-factor/setup", { challenge });
    const code = codeAt(begun.body.data.secret, clock.now());
    const done = await guest().post<{ accessToken: string; recoveryCodes: string[]; agent: { id: string } }>(
      "/auth/second-factor/setup/confirm",
      { challenge, code },
    );
    expect(done.body.data.recoveryCodes).toHaveLength(10);
    const client = guest();
    client.token = done.body.data.accessToken;
    expect((await client.get("/contacts")).status).toBe(200);
    expect((await app.api.call("DELETE", `/agents/${done.body.data.agent.id}/second-factor`)).status).toBe(200);
    expect((await client.get("/contacts")).status).toBe(401);
    expect((await post("/auth/sign-in", credentials)).body.code).toBe("auth.second-factor-setup");
    await set([], version + 1);
    expect((await post("/auth/sign-in", credentials)).status).toBe(200);
  });
});

test("without mail the link is handed over", async () => {
  await using bare = await createTestApp();
  const colleague = await hire(bare, { email: "bare@example.com", role: "agent" });
  const { body } = await bare.api.post<{ sent: boolean; link: string }>(`/agents/${colleague.id}/password-link`);
  expect(body.data.sent).toBe(false);
  const reset = await new ApiClient(bare.url).post("/auth/password/reset", {
    token: tokenOf(body.data.link),
    password: "by a link now",
  });
  expect(reset.status).toBe(200);
});
