/** The mail server is away: nobody sees more from the answers, no link is lost, and nothing waits for ever. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { SMTPServer } from "smtp-server";
import { freePort } from "../../../src/tools/free-port";
import { ApiClient } from "../../helpers/api-client";
import { ManualClock, untilAdvancing } from "../../helpers/manual-clock";
import { hire, tokenOf } from "../../helpers/people";
import { ADMIN } from "../../helpers/server-process";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

const clock = new ManualClock();
const mails: string[] = [];
let app: TestApp;
let port: number;
/** Says what the mail server refuses with; null: it takes everything. */
let refusal: string | null = null;

const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onRcptTo(_address, _session, done) {
    done(refusal === null ? null : Object.assign(new Error(refusal), { responseCode: 451 }));
  },
  onData(stream, _session, done) {
    let text = "";
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    stream.on("end", () => {
      const mail = text.replace(/=\r\n/g, "").replace(/=3D/g, "=");
      // What is told of accounts waits as well: see mail-outbox.test.ts.
      if (!mail.includes("Subject: Chasqui:")) mails.push(mail);
      done();
    });
  },
});

beforeAll(async () => {
  port = freePort();
  // Nobody listens there yet.
  app = await createTestApp({ clock, env: { SMTP_URL: `smtp://127.0.0.1:${port}`, ASSISTANT: "off" } });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
});

const guest = () => new ApiClient(app.url);
const forgot = (email: string) => guest().post("/auth/password/forgot", { email });
const secretIn = (mail: string | undefined) => /#([\w-]{30,})/.exec(mail ?? "")?.[1] ?? "";
/** How often somebody has asked, by the audit log. */
const askedFor = async () => (await app.api.data<{ action: string }[]>("/audit?action=password.forgot")).length;

test("an invitation that could not be mailed is handed over as a link that works", async () => {
  const { status, body } = await app.api.post<{ invitation: { sent: boolean; link: string } }>("/agents", {
    email: "invited@example.com",
    role: "agent",
  });
  expect(status).toBe(200);
  expect(body.data.invitation.sent).toBe(false);
  const token = tokenOf(body.data.invitation.link);
  expect((await guest().post("/auth/invitation", { token })).body.data).toMatchObject({ email: "invited@example.com" });
});

test("a link that an administrator makes is handed over as well", async () => {
  const { id } = await hire(app, { email: "handed@example.com", role: "agent" });
  const { body } = await app.api.post<{ sent: boolean; link: string }>(`/agents/${id}/password-link`);
  expect(body.data.sent).toBe(false);
  const reset = await guest().post("/auth/password/reset", { token: tokenOf(body.data.link), password: "a new password" });
  expect(reset.status).toBe(200);
});

test("who forgot their password gets the same answer as ever, and the mail when the server is back", async () => {
  await hire(app, { email: "patient@example.com", role: "agent" });
  const [known, unknown] = [await forgot("patient@example.com"), await forgot("nobody@example.com")];
  expect([known.status, known.body]).toEqual([unknown.status, unknown.body]);
  await until(async () => (await askedFor()) === 1);
  expect(mails).toEqual([]);
  await new Promise<void>((resolve) => smtp.listen(port, "127.0.0.1", () => resolve()));
  await untilAdvancing(clock, () => mails.length > 0, { step: 5_000, limit: 120_000, what: "the mail" });
  expect(mails).toHaveLength(1);
  expect(mails[0]).toContain("patient@example.com");
  await app.api.signIn(ADMIN);
  const reset = await guest().post("/auth/password/reset", { token: secretIn(mails[0]), password: "found it again" });
  expect(reset.status).toBe(200);
  await guest().signIn({ email: "patient@example.com", password: "found it again" });
});

test("a server that puts it off is asked again; a link that has been used or replaced meanwhile is not sent", async () => {
  refusal = "greylisted, come back later";
  const { id } = await hire(app, { email: "replaced@example.com", role: "agent" });
  await hire(app, { email: "waiting@example.com", role: "agent" });
  mails.length = 0;
  await forgot("replaced@example.com");
  await forgot("waiting@example.com");
  await until(async () => (await askedFor()) >= 3);
  // A link made by an administrator ends the one that waits.
  await app.api.post(`/agents/${id}/password-link`);
  refusal = null;
  await untilAdvancing(clock, () => mails.length > 0, { step: 5_000, limit: 120_000, what: "the mail" });
  // Longer than anything is tried again.
  for (let round = 0; round < 60; round++) {
    clock.advance(60_000);
    await Bun.sleep(5);
  }
  expect(mails.map((mail) => /To: (\S+)/.exec(mail)?.[1])).toEqual(["waiting@example.com"]);
  await app.api.signIn(ADMIN);
});

test("stopping waits for nobody's mail server", async () => {
  const own = new ManualClock();
  const closed = freePort();
  await using other = await createTestApp({ clock: own, env: { SMTP_URL: `smtp://127.0.0.1:${closed}`, ASSISTANT: "off" } });
  await new ApiClient(other.url).post("/auth/password/forgot", { email: ADMIN.email });
  await until(() => own.pending > 0);
  const begun = performance.now();
  await other.stop();
  expect(performance.now() - begun).toBeLessThan(10_000);
});
