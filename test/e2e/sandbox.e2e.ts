/** The first minute of a new user, in a real browser against the real server: sign in, write on the phone, be answered, answer. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { type ServerProcess, startServer } from "../helpers/server-process";
import {
  accessibilityFaults,
  launch,
  PHONE,
  sidewaysOverflow,
  TABLET,
  takePicture,
  untilTrue,
  visit,
  whyNoBrowser,
} from "./browser";
import {
  assistantSwitch,
  choosePhone,
  fillSignIn,
  inThread,
  onPhone,
  openSandbox,
  replyAsAgent,
  showPane,
  stage,
  switchIs,
  tabTo,
  writeOnPhone,
} from "./sandbox-actions";

const reason = whyNoBrowser();
if (reason) console.log(`browser tests skipped: ${reason}`);
const THEMES = ["light", "dark"] as const;

describe.skipIf(reason !== null)("the sandbox page", () => {
  let browser: Browser;
  let server: ServerProcess;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test("signing in: an error in words, the password shown on demand, and back to the page that was wanted", async () => {
    for (const theme of THEMES) {
      await using visitor = await visit(browser, { theme });
      const { page } = visitor;
      await page.goto(`${server.url}/sandbox?from=link`);
      await page.waitForURL(/\/sign-in\?to=/);
      await fillSignIn(page, { email: server.admin.email, password: "not the password" });
      const alert = page.getByRole("alert");
      await alert.waitFor();
      expect(await alert.textContent()).toMatch(/E-mail or password is wrong\..*req_/s);
      expect(await accessibilityFaults(page)).toEqual([]);
      await takePicture(page, `sign-in-wide-${theme}`);
      await page.getByRole("button", { name: "Show password" }).click();
      await page.locator('#password[type="text"]').waitFor();
      await fillSignIn(page, server.admin);
      await page.waitForURL(/\/sandbox\?from=link/);
      expect(visitor.errors(/401/)).toEqual([]);
    }
  });

  test("a message walks from the phone to the thread, is answered as one with its fragments, and gets its ticks", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openSandbox(page, server.url, server.admin);
    await choosePhone(page, "Rosa");
    await page.getByText("No conversation yet").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);

    await writeOnPhone(page, "Hola, ¿tienen stock?");
    await onPhone(page, "customer", "Hola, ¿tienen stock?").waitFor();
    await inThread(page, "user", "Hola, ¿tienen stock?").waitFor();
    await writeOnPhone(page, "talla grande, en *rojo*");
    await stage(page, "webhook").first().waitFor();
    await stage(page, "batched").waitFor();

    const answer = inThread(page, "assistant");
    await answer.first().waitFor();
    await onPhone(page, "business").first().waitFor();
    await answer.filter({ has: page.locator(".tick-read") }).waitFor();
    expect(await answer.count()).toBe(1);
    expect(await onPhone(page, "business").count()).toBe(1);
    expect(await stage(page, "batched").count()).toBe(1);
    const words = await answer.locator(".bubble .formatted").textContent();
    expect(await onPhone(page, "business").locator(".formatted").textContent()).toBe(words);
    expect(await answer.locator(".run").textContent()).toMatch(/chasqui-sandbox.*tokens/s);
    expect(await answer.locator(".by").textContent()).toContain("2 messages answered as one");
    await onPhone(page, "customer", "talla grande").and(page.locator('[data-ticks="read"]')).waitFor();
    expect(await inThread(page, "user", "rojo").locator("b").textContent()).toBe("rojo");
    await untilTrue(page, "document.activeElement?.getAttribute('aria-label')?.startsWith('Write as')");
    await takePicture(page, "sandbox-wide-light");
    expect(visitor.errors()).toEqual([]);
  });

  test("a person answers: the phone shows it, the assistant falls silent, and a reload shows the same", async () => {
    for (const theme of THEMES) {
      await using visitor = await visit(browser, { theme });
      const { page } = visitor;
      await openSandbox(page, server.url, server.admin);
      await choosePhone(page, "Thiago");
      const greeting = `Bom dia ${theme}`;
      await writeOnPhone(page, greeting);
      await inThread(page, "user", greeting).waitFor();
      await replyAsAgent(page, `Olá Thiago, aqui é a Ana (${theme})`);
      await onPhone(page, "business", `(${theme})`).waitFor();
      await inThread(page, "operator", `(${theme})`)
        .filter({ has: page.locator(".tick-read") })
        .waitFor();
      await switchIs(assistantSwitch(page), false);
      expect(await accessibilityFaults(page)).toEqual([]);
      await takePicture(page, `thread-wide-${theme}`);

      await page.getByRole("button", { name: "Resolve" }).click();
      await page.getByTestId("conversation-status").and(page.getByText("Resolved")).waitFor();
      await page.reload();
      await page.getByTestId("conversation-status").and(page.getByText("Resolved")).waitFor();
      await inThread(page, "operator", `(${theme})`).waitFor();
      await onPhone(page, "business", `(${theme})`).waitFor();
      expect(visitor.errors()).toEqual([]);
    }
  });

  test("a phone that is offline gets the message when it comes back, and only then the second tick", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openSandbox(page, server.url, server.admin);
    await choosePhone(page, "Luna");
    await writeOnPhone(page, "¿abren hoy?");
    await inThread(page, "user", "¿abren hoy?").waitFor();
    const online = page.getByRole("switch", { name: "Online" });
    await online.click();
    await switchIs(online, false);
    await replyAsAgent(page, "Sí, hasta las 8");
    const reply = inThread(page, "operator", "Sí, hasta las 8");
    await reply.and(page.locator('[data-delivery="sent"]')).waitFor();
    expect(await onPhone(page, "business", "Sí, hasta las 8").count()).toBe(0);
    await online.click();
    await onPhone(page, "business", "Sí, hasta las 8").waitFor();
    await reply.and(page.locator('[data-delivery="read"]')).waitFor();
    expect(visitor.errors()).toEqual([]);
  });

  test("hostile words stay words, on the phone and in the inbox", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openSandbox(page, server.url, server.admin);
    await choosePhone(page, "Rosa");
    const hostile = `<img src=x onerror="document.title='owned'"> <script>document.title='owned'</script>`;
    await writeOnPhone(page, hostile);
    await inThread(page, "user", hostile).waitFor();
    await onPhone(page, "customer", hostile).waitFor();
    expect(await page.locator(".bubble img, .bubble script").count()).toBe(0);
    expect(await page.title()).toBe("Sandbox · Chasqui");
    expect(visitor.errors()).toEqual([]);
  });

  test("a new phone can be made and written on", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openSandbox(page, server.url, server.admin);
    await page.getByRole("button", { name: "New phone" }).click();
    await page.getByLabel("Name on WhatsApp").fill("María José Ñahui");
    await page.getByLabel("Shows a phone number").uncheck();
    await takePicture(page, "sandbox-new-phone");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Create phone" }).click();
    await page.getByLabel("Write as María José Ñahui").waitFor();
    await writeOnPhone(page, "hola, soy nueva");
    await inThread(page, "user", "hola, soy nueva").waitFor();
    await page.reload();
    await page.getByLabel("Write as María José Ñahui").waitFor();
    await onPhone(page, "customer", "hola, soy nueva").waitFor();
    expect(visitor.errors()).toEqual([]);
  });

  test("on a phone there is one pane at a time, everything is reachable, nothing sticks out", async () => {
    for (const theme of THEMES) {
      await using visitor = await visit(browser, { size: PHONE, theme });
      const { page } = visitor;
      await openSandbox(page, server.url, server.admin);
      await choosePhone(page, "Rosa");
      const text = `desde el celular ${theme}`;
      await writeOnPhone(page, text);
      await onPhone(page, "customer", text).waitFor();
      await takePicture(page, `phone-pane-phone-${theme}`);
      for (const pane of ["Phone", "Inbox", "What happened"] as const) {
        await showPane(page, pane);
        expect(await sidewaysOverflow(page)).toBe(0);
        expect(await accessibilityFaults(page)).toEqual([]);
      }
      await takePicture(page, `phone-pane-trail-${theme}`);
      await showPane(page, "Inbox");
      await inThread(page, "user", text).waitFor();
      await takePicture(page, `phone-pane-inbox-${theme}`);
      await page.getByRole("button", { name: /^Account of/ }).click();
      await takePicture(page, `phone-menu-${theme}`);
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.waitForURL(/\/sign-in/);
      await takePicture(page, `sign-in-phone-${theme}`);
      await page.goto(`${server.url}/sandbox`);
      await page.waitForURL(/\/sign-in/);
      expect(visitor.errors()).toEqual([]);
    }
  });

  test("two panes fit on a tablet, and a chosen theme stays", async () => {
    await using visitor = await visit(browser, { size: TABLET, theme: "light" });
    const { page } = visitor;
    await openSandbox(page, server.url, server.admin);
    expect(await sidewaysOverflow(page)).toBe(0);
    await writeOnPhone(page, "desde la tableta");
    await inThread(page, "user", "desde la tableta").waitFor();
    await takePicture(page, "sandbox-tablet-light");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: /^Account of/ }).click();
    await page.getByRole("button", { name: "Dark" }).click();
    await page.locator('html[data-theme="dark"]').waitFor();
    const ground = () => page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
    const dark = await ground();
    await page.reload();
    await page.getByLabel(/^Write as /).waitFor();
    expect(await ground()).toBe(dark);
    expect(dark).not.toBe("rgb(239, 238, 234)");
    await page.getByLabel(/^Reply to /).waitFor();
    await takePicture(page, "sandbox-tablet-dark");
    expect(visitor.errors()).toEqual([]);
  });

  test("the keyboard alone is enough, from signing in to the answer", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await page.goto(`${server.url}/`);
    await page.waitForURL(/\/sign-in/);
    await untilTrue(page, "document.activeElement?.id === 'email'");
    await page.keyboard.type(server.admin.email);
    await page.keyboard.press("Tab");
    await page.keyboard.type(server.admin.password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await tabTo(page.getByRole("link", { name: "Sandbox" }));
    await page.keyboard.press("Enter");
    const field = page.getByLabel(/^Write as /);
    await field.waitFor();
    await tabTo(field);
    await page.keyboard.type("solo con teclado");
    await page.keyboard.press("Enter");
    await inThread(page, "user", "solo con teclado").waitFor();
    await tabTo(page.getByLabel(/^Reply to /), 100);
    await page.keyboard.type("respuesta con teclado");
    await page.keyboard.press("Enter");
    await onPhone(page, "business", "respuesta con teclado").waitFor();
    expect(visitor.errors()).toEqual([]);
  });
});
