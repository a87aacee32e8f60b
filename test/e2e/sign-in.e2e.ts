/** The ways in, in a real browser: a code of the authenticator app, a recovery code, the company's account, and the links of mails. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Secret, TOTP } from "otpauth";
import type { Browser, Page } from "playwright-core";
import { freePort } from "../../src/tools/free-port";
import { ApiClient } from "../helpers/api-client";
import { type Colleague, hire, PASSWORD } from "../helpers/people";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, PHONE, sidewaysOverflow, takePicture, visit, WIDE, whyNoBrowser } from "./browser";
import { fillSignIn } from "./sandbox-actions";

const reason = whyNoBrowser();
if (reason) console.log(`browser tests skipped: ${reason}`);
const LOOKS = [
  { name: "wide-light", size: WIDE, theme: "light" },
  { name: "wide-dark", size: WIDE, theme: "dark" },
  { name: "phone-light", size: PHONE, theme: "light" },
] as const;
/** What the server refuses on purpose is shown by the browser as an error of the network. */
const REFUSED = /status of 4\d\d/;

describe.skipIf(reason !== null)("signing in", () => {
  let browser: Browser;
  let server: ServerProcess;
  let provider: ReturnType<typeof Bun.spawn>;
  let api: ApiClient;

  beforeAll(async () => {
    const [port, providerPort] = [freePort(), freePort()];
    const issuer = `http://127.0.0.1:${providerPort}`;
    const child = join(import.meta.dir, "../features/auth/oidc-provider.child.ts");
    const callback = `http://127.0.0.1:${port}/api/v2/auth/single-sign-on/callback`;
    provider = Bun.spawn([process.execPath, child, callback, String(providerPort)], { stdout: "ignore", stderr: "ignore" });
    const env = {
      PORT: String(port),
      ASSISTANT: "off",
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: "chasqui",
      OIDC_CLIENT_SECRET: "a client secret of the test",
      OIDC_ROLE_CLAIM: "groups",
      OIDC_ROLES: "bosses=supervisor,sellers=agent",
      OIDC_JOIN: "anyone",
    };
    [browser, server] = await Promise.all([launch(), startServer({ env })]);
    api = await new ApiClient(server.url).signIn(server.admin);
    await until(
      () =>
        fetch(`${issuer}/.well-known/openid-configuration`).then(
          ({ ok }) => ok,
          () => false,
        ),
      { what: "the provider" },
    );
  }, 90_000);
  afterAll(async () => {
    provider?.kill();
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const joined = (email: string, role = "agent") => hire({ api, url: server.url }, { email, role });
  const codeOf = (secret: string) => new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  const inside = async (page: Page, url: string) => {
    await page.waitForURL((address) => !address.pathname.startsWith("/sign-in"));
    expect(new URL(page.url()).origin).toBe(url);
    await page.getByRole("navigation").first().waitFor();
  };

  /** Each code counts once: two sign-ins in the same half minute need the next one. */
  async function turnOn({ api: own }: Colleague): Promise<{ secret: string; recoveryCodes: string[] }> {
    const { secret } = (await own.post<{ secret: string }>("/auth/second-factor")).body.data;
    const before = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() - 30_000 });
    const confirmed = await own.post<{ recoveryCodes: string[] }>("/auth/second-factor/confirm", { code: before });
    expect(confirmed.status).toBe(200);
    return { secret, recoveryCodes: confirmed.body.data.recoveryCodes };
  }

  test("with a code of the app: asked for behind the password, a wrong one is told, the right one opens the page that was wanted", async () => {
    const colleague = await joined("factor@example.com");
    const { secret } = await turnOn(colleague);
    await using visitor = await visit(browser);
    const { page } = visitor;
    await page.goto(`${server.url}/sandbox`);
    await fillSignIn(page, { email: colleague.email, password: PASSWORD });
    const field = page.getByLabel("Code");
    await field.waitFor();
    expect(await field.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true);
    await field.fill("000000");
    await field.press("Enter");
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).toContain("This code is wrong or was used already.");
    expect(await accessibilityFaults(page)).toEqual([]);
    await field.fill(codeOf(secret));
    await field.press("Enter");
    await page.waitForURL(`${server.url}/sandbox`);
    expect(visitor.errors(REFUSED)).toEqual([]);
  }, 60_000);

  test.each(LOOKS)(
    "the step of the code looks right: $name",
    async ({ name, size, theme }) => {
      const colleague = await joined(`look-${name}@example.com`);
      const { recoveryCodes } = await turnOn(colleague);
      await using visitor = await visit(browser, { size, theme });
      const { page } = visitor;
      await page.goto(`${server.url}/sign-in`);
      await page.getByRole("button", { name: "Sign in with the company’s account" }).waitFor();
      await takePicture(page, `ways-in-${name}`);
      expect(await accessibilityFaults(page)).toEqual([]);
      await fillSignIn(page, { email: colleague.email, password: PASSWORD });
      await page.getByLabel("Code").waitFor();
      await takePicture(page, `factor-${name}`);
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await sidewaysOverflow(page)).toBe(0);
      // A recovery code goes in the same way, once.
      await page.getByLabel("Code").fill((recoveryCodes[0] ?? "").toUpperCase());
      await page.getByLabel("Code").press("Enter");
      await inside(page, server.url);
      expect(visitor.errors(REFUSED)).toEqual([]);
    },
    60_000,
  );

  test("a recovery code that was used does not count again", async () => {
    const colleague = await joined("recovery@example.com");
    const { recoveryCodes } = await turnOn(colleague);
    for (const [index, outcome] of ["in", "refused"].entries()) {
      await using visitor = await visit(browser);
      const { page } = visitor;
      await page.goto(`${server.url}/sign-in`);
      await fillSignIn(page, { email: colleague.email, password: PASSWORD });
      await page.getByLabel("Code").fill(recoveryCodes[0] ?? "");
      await page.getByLabel("Code").press("Enter");
      if (outcome === "in") await inside(page, server.url);
      else expect(await page.getByRole("alert").textContent()).toContain("was used already");
      expect([index, visitor.errors(REFUSED)]).toEqual([index, []]);
    }
  }, 60_000);

  test.each(LOOKS)(
    "a role that needs a second factor sets one up on the way, and keeps its recovery codes: $name",
    async ({ name, size, theme }) => {
      const { version } = await api.data<{ version: number }>("/settings/security");
      const set = (secondFactorRoles: string[], at: number) =>
        api.patch("/settings/security", { version: at, values: { secondFactorRoles } });
      const colleague = await joined(`must-${name}@example.com`, "supervisor");
      expect((await set(["supervisor"], version)).status).toBe(200);
      try {
        await using visitor = await visit(browser, { size, theme });
        const { page } = visitor;
        await page.goto(`${server.url}/sign-in`);
        await fillSignIn(page, { email: colleague.email, password: PASSWORD });
        const secret = page.locator(".recovery");
        await secret.waitFor();
        await takePicture(page, `factor-setup-${name}`);
        expect(await accessibilityFaults(page)).toEqual([]);
        expect(await sidewaysOverflow(page)).toBe(0);
        await page.getByLabel("Code").fill(codeOf(((await secret.textContent()) ?? "").trim()));
        await page.getByLabel("Code").press("Enter");
        await page.getByRole("heading", { name: "Keep these recovery codes" }).waitFor();
        expect(await page.locator(".recovery li").count()).toBe(10);
        await takePicture(page, `factor-recovery-${name}`);
        expect(await accessibilityFaults(page)).toEqual([]);
        expect(await sidewaysOverflow(page)).toBe(0);
        await page.getByRole("button", { name: "I have kept them" }).click();
        await inside(page, server.url);
        expect(visitor.errors(REFUSED)).toEqual([]);
      } finally {
        await set([], version + 1);
      }
    },
    60_000,
  );

  /** The provider's own pages: any name, any password, and yes. */
  async function atProvider(page: Page, account: string): Promise<void> {
    await page.locator('input[name="login"]').fill(account);
    await page.locator('input[name="password"]').fill("any");
    await page.locator('button[type="submit"]').click();
    await page
      .locator('button[type="submit"]')
      .filter({ hasText: /continue/i })
      .click();
  }

  test("with the company's account: there, back, inside, and still inside after a reload", async () => {
    await using visitor = await visit(browser);
    const { page, context } = visitor;
    await page.goto(`${server.url}/sign-in`);
    await page.getByRole("button", { name: "Sign in with the company’s account" }).click();
    await atProvider(page, "ana.sellers");
    await inside(page, server.url);
    await page.reload();
    await inside(page, server.url);
    const cookies = await context.cookies(`${server.url}/api/v2/auth`);
    expect(cookies.find(({ name }) => name === "refresh")).toMatchObject({ httpOnly: true, sameSite: "Strict" });
    const agents = await api.data<{ email: string; role: string }[]>("/agents?limit=100");
    expect(agents.find(({ email }) => email === "ana@corp.example")).toMatchObject({ role: "agent" });
  }, 60_000);

  test("somebody the company does not send is told so in words, and the address keeps nothing of it", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await page.goto(`${server.url}/sign-in`);
    await page.getByRole("button", { name: "Sign in with the company’s account" }).click();
    await atProvider(page, "carl.visitors");
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).toContain("does not let you in here");
    expect(new URL(page.url()).hash).toBe("");
    await takePicture(page, "single-sign-on-refused");
    expect(await accessibilityFaults(page)).toEqual([]);
  }, 60_000);

  test("the company's account of a role that needs a second factor: set up on the way back", async () => {
    const { version } = await api.data<{ version: number }>("/settings/security");
    const set = (secondFactorRoles: string[], at: number) =>
      api.patch("/settings/security", { version: at, values: { secondFactorRoles } });
    await set(["supervisor"], version);
    try {
      await using visitor = await visit(browser);
      const { page } = visitor;
      await page.goto(`${server.url}/sign-in`);
      await page.getByRole("button", { name: "Sign in with the company’s account" }).click();
      await atProvider(page, "boss.bosses");
      await page.getByLabel("Code").waitFor();
      expect(new URL(page.url()).hash).toBe("");
      await page.getByLabel("Code").fill(codeOf(((await page.locator(".recovery").textContent()) ?? "").trim()));
      await page.getByLabel("Code").press("Enter");
      await page.getByRole("button", { name: "I have kept them" }).click();
      await inside(page, server.url);
    } finally {
      await set([], version + 1);
    }
  }, 60_000);

  test.each(LOOKS)(
    "an invitation: its link asks for a name and a password, and leads in: $name",
    async ({ name, size, theme }) => {
      const email = `invited-${name}@example.com`;
      const { body } = await api.post<{ invitation: { link: string } }>("/agents", { email, role: "agent" });
      await using visitor = await visit(browser, { size, theme });
      const { page } = visitor;
      await page.goto(body.data.invitation.link);
      const field = page.getByLabel("Your name");
      await field.waitFor();
      expect(new URL(page.url()).hash).toBe("");
      expect(await page.getByLabel("E-mail").inputValue()).toBe(email);
      await takePicture(page, `invitation-${name}`);
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await sidewaysOverflow(page)).toBe(0);
      await field.fill("Lucía Paredes");
      await page.getByLabel("New password", { exact: true }).fill("short");
      await page.getByRole("button", { name: "Join" }).click();
      expect(await page.getByRole("alert").textContent()).toContain("at least 12 characters");
      await page.getByLabel("New password", { exact: true }).fill(PASSWORD);
      await page.getByRole("button", { name: "Join" }).click();
      await inside(page, server.url);
      expect(visitor.errors(REFUSED)).toEqual([]);
      const agents = await api.data<{ email: string; name: string; status: string }[]>("/agents?limit=100");
      expect(agents.find((one) => one.email === email)).toMatchObject({ name: "Lucía Paredes", status: "active" });
      // Once: for whoever opens it again it has ended.
      await using late = await visit(browser, { size, theme });
      await late.page.goto(body.data.invitation.link);
      expect(await late.page.getByRole("alert").textContent()).toContain("This link has ended or was used already.");
    },
    60_000,
  );

  test.each(LOOKS)(
    "a new password by a link, and where one asks for it: $name",
    async ({ name, size, theme }) => {
      const colleague = await joined(`forgot-${name}@example.com`);
      await using visitor = await visit(browser, { size, theme });
      const { page } = visitor;
      await page.goto(`${server.url}/sign-in`);
      await page.getByRole("link", { name: "Forgot your password?" }).click();
      await page.getByRole("heading", { name: "Forgot your password?" }).waitFor();
      await page.getByLabel("E-mail").fill(colleague.email);
      await page.getByRole("button", { name: "Send me a link" }).click();
      expect(await page.getByRole("status").textContent()).toContain("a link is on its way");
      await takePicture(page, `forgot-${name}`);
      expect(await accessibilityFaults(page)).toEqual([]);
      const made = await api.post<{ link: string }>(`/agents/${colleague.id}/password-link`);
      await page.goto(made.body.data.link);
      await page.getByLabel("New password", { exact: true }).fill("found it again");
      await takePicture(page, `reset-${name}`);
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await sidewaysOverflow(page)).toBe(0);
      await page.getByRole("button", { name: "Set the password" }).click();
      expect(await page.getByRole("status").textContent()).toContain("Your password is set.");
      await page.getByRole("link", { name: "To sign-in" }).click();
      await page.getByRole("heading", { name: "Welcome back" }).waitFor();
      await fillSignIn(page, { email: colleague.email, password: "found it again" });
      await inside(page, server.url);
      expect(visitor.errors(REFUSED)).toEqual([]);
      // A link that has lost its end is told so, and asks nothing.
      await page.goto(`${server.url}/reset-password`);
      expect(await page.getByRole("alert").textContent()).toContain("This link is not complete.");
    },
    60_000,
  );
});
