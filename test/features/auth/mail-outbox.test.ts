/** Mails that outlive a restart, and what people are told of their own account: over a real mail server that comes and goes. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Secret, TOTP } from "otpauth";
import { SMTPServer } from "smtp-server";
import { freePort } from "../../../src/tools/free-port";
import { ApiClient } from "../../helpers/api-client";
import { ManualClock, untilAdvancing } from "../../helpers/manual-clock";
import { type Colleague, hire, PASSWORD, tokenOf } from "../../helpers/people";
import { tempDir } from "../../helpers/temp-dir";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

interface Received {
  to: string;
  subject: string;
  text: string;
}

function mailServer(): { received: Received[]; listen(port: number): Promise<void>; close(): Promise<void> } {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, done) {
      let raw = "";
      stream.on("data", (chunk: Buffer) => {
        raw += chunk.toString();
      });
      stream.on("end", () => {
        const text = raw.replace(/=\r\n/g, "").replace(/=3D/g, "=");
        received.push({ to: /To: (\S+)/.exec(text)?.[1] ?? "", subject: /Subject: (.+)\r/.exec(text)?.[1] ?? "", text });
        done();
      });
    },
  });
  return {
    received,
    listen: (port) => new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve())),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const secretIn = (mail: Received | undefined) => /#([\w-]{30,})/.exec(mail?.text ?? "")?.[1] ?? "";
const subjectsTo = (received: readonly Received[], to: string) =>
  received.flatMap((mail) => (mail.to === to ? [mail.subject.replace(/^Chasqui: /, "")] : []));

describe("while the mail server is away", () => {
  let port: number;
  let dir: ReturnType<typeof tempDir>;
  let clock: ManualClock;
  const smtp = () => mailServer();
  const open = () =>
    createTestApp({
      clock,
      dataDir: dir.path,
      env: { SMTP_URL: `smtp://127.0.0.1:${port}`, ASSISTANT: "off" },
    });
  const waits = (app: TestApp) =>
    until(async () => (await app.api.data<unknown[]>("/audit?action=password.forgot")).length > 0, { what: "the request" });
  const forgot = (app: TestApp, email: string) => new ApiClient(app.url).post("/auth/password/forgot", { email });

  beforeEach(async () => {
    port = freePort();
    dir = tempDir();
    clock = new ManualClock();
  });
  afterEach(() => dir[Symbol.dispose]());

  test("a mail waits through a restart, locked, and leaves when the server is back; then nothing of it is left", async () => {
    await using first = await open();
    await hire(first, { email: "patient@example.com", role: "agent" });
    await forgot(first, "patient@example.com");
    await waits(first);
    await first.stop();
    const kept = readdirSync(dir.path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString("latin1"))
      .join("");
    expect(kept).toContain("waitingMails");
    expect(kept).not.toContain("reset-password#");

    const server = smtp();
    await using second = await open();
    await server.listen(port);
    await untilAdvancing(clock, () => server.received.length > 0, { step: 5_000, limit: 300_000, what: "the mail" });
    const [mail] = server.received;
    expect([mail?.to, mail?.subject]).toEqual(["patient@example.com", "Your new Chasqui password"]);
    const guest = new ApiClient(second.url);
    const reset = await guest.post("/auth/password/reset", { token: secretIn(mail), password: "found it again" });
    expect(reset.status).toBe(200);
    // What is told of it comes as well; and the first one is not sent again.
    await until(() => server.received.length === 2);
    await second.stop();
    await using third = await open();
    for (let round = 0; round < 40; round++) {
      clock.advance(60_000);
      await Bun.sleep(5);
    }
    expect(subjectsTo(server.received, "patient@example.com")).toEqual([
      "Your new Chasqui password",
      "Your password was set anew",
    ]);
    expect(third.url).toBeTruthy();
    await server.close();
  });

  test.each([
    ["their link has ended", 61 * 60_000, async () => {}],
    ["they have gone", 0, (app: TestApp, { id }: Colleague) => app.api.post(`/agents/${id}/deactivate`)],
    [
      "an administrator has made another link",
      0,
      (app: TestApp, { id }: Colleague) => app.api.post(`/agents/${id}/password-link`),
    ],
  ])("it is not sent any more when %s", async (_, ms, act) => {
    await using app = await open();
    const ana = await hire(app, { email: "ana@example.com", role: "agent" });
    await forgot(app, ana.email);
    await waits(app);
    await act(app, ana);
    if (ms > 0) clock.advance(ms);
    const server = smtp();
    await server.listen(port);
    for (let round = 0; round < 100; round++) {
      clock.advance(60_000);
      await Bun.sleep(5);
    }
    expect(subjectsTo(server.received, ana.email)).toEqual([]);
    await server.close();
  });
});

test("people are told of what happens to their account, and of nothing that is not theirs", async () => {
  const port = freePort();
  const server = mailServer();
  await server.listen(port);
  await using app = await createTestApp({ env: { SMTP_URL: `smtp://127.0.0.1:${port}`, ASSISTANT: "off" } });
  const email = "ana@example.com";
  const invited = await app.api.post<{ agent: { id: string } }>("/agents", { email, role: "agent" });
  await until(() => server.received.length === 1);
  const ana = new ApiClient(app.url);
  const accepted = await ana.post<{ accessToken: string }>("/auth/invitation/accept", {
    token: secretIn(server.received[0]),
    name: "Ana",
    password: PASSWORD,
  });
  ana.token = accepted.body.data.accessToken;
  const told = async (subject: string) =>
    until(() => server.received.filter(({ to }) => to === email).at(-1)?.subject === `Chasqui: ${subject}`, { what: subject });
  const signIn = (password: string, userAgent: string) =>
    new ApiClient(app.url).post<{ accessToken: string }>("/auth/sign-in", { email, password }, { "user-agent": userAgent });

  // The same device as before, and then another one.
  const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Mobile Safari/604";
  expect((await signIn(PASSWORD, `Bun/${Bun.version}`)).status).toBe(200);
  expect((await signIn(PASSWORD, phone)).status).toBe(200);
  await told("A new device has signed in");
  expect(server.received.at(-1)?.text).toContain("Safari on iPhone, from the address 127.0.0.1");
  expect((await signIn(PASSWORD, phone)).status).toBe(200);

  const next = "quite another password";
  expect((await ana.put("/auth/password", { current: PASSWORD, next })).status).toBe(200);
  await told("Your password was changed");
  const begun = await ana.post<{ secret: string }>("/auth/second-factor");
  const totp = new TOTP({ secret: Secret.fromBase32(begun.body.data.secret), digits: 6, period: 30, algorithm: "SHA1" });
  const codes = await ana.post<{ recoveryCodes: string[] }>("/auth/second-factor/confirm", { code: totp.generate() });
  await told("A second factor was added");
  const [first = "", second = ""] = codes.body.data.recoveryCodes;
  const renewed = await ana.post<{ recoveryCodes: string[] }>("/auth/second-factor/recovery-codes", { code: first });
  await told("New recovery codes were made");
  expect(renewed.body.data.recoveryCodes).not.toContain(second);
  const code = renewed.body.data.recoveryCodes[0];
  expect((await ana.call("DELETE", "/auth/second-factor", { password: next, code })).status).toBe(200);
  await told("Your second factor was removed");
  const id = invited.body.data.agent.id;
  const begunAgain = await ana.post<{ secret: string }>("/auth/second-factor");
  const again = new TOTP({ secret: Secret.fromBase32(begunAgain.body.data.secret), digits: 6, period: 30, algorithm: "SHA1" });
  await ana.post("/auth/second-factor/confirm", { code: again.generate() });
  await told("A second factor was added");
  await app.api.delete(`/agents/${id}/second-factor`);
  await told("Your second factor was removed");
  expect(server.received.at(-1)?.text).toContain("By an administrator");
  const link = await app.api.post<{ sent: boolean; link: string | null }>(`/agents/${id}/password-link`);
  expect(link.body.data.sent).toBe(true);
  const last = server.received.findLast(({ text }) => text.includes("reset-password#"));
  await new ApiClient(app.url).post("/auth/password/reset", {
    token: tokenOf(`#${secretIn(last)}`),
    password: "and one more word",
  });
  await told("Your password was set anew");
  expect(subjectsTo(server.received, email).filter((subject) => subject === "A new device has signed in")).toHaveLength(1);
  expect(server.received.every(({ to }) => to === email)).toBe(true);
  for (const { text } of server.received.filter(({ subject }) => subject.startsWith("Chasqui:")))
    for (const secret of [PASSWORD, next, first, begun.body.data.secret]) expect(text).not.toContain(secret);
  await server.close();
});
