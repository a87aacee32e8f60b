/** Every page beside the inbox in both themes and two widths, imports, and the second factor. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Secret, TOTP } from "otpauth";
import type { Browser, Page } from "playwright-core";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { accessibilityFaults, launch, PHONE, sidewaysOverflow, takePicture, visit, whyNoBrowser } from "./browser";
import { Customer, openInbox } from "./inbox-actions";
import { fillSignIn } from "./sandbox-actions";

const reason = whyNoBrowser();
if (reason) console.log(`browser tests skipped: ${reason}`);
setDefaultTimeout(300_000);
const ROOMS = [
  "account",
  "people",
  "teams",
  "roles",
  "labels",
  "replies",
  "automation",
  "macros",
  "sla",
  "hours",
  "attention",
  "numbers",
  "assistant",
  "rules",
  "webhooks",
  "keys",
  "audit",
] as const;

const LOOKS = [
  ...(["en", "es", "pt"] as const).flatMap((language) => [
    { language, theme: "light" as const },
    { language, theme: "dark" as const },
  ]),
  { language: "es", theme: "dark" as const, size: PHONE },
  { language: "en", theme: "light" as const, size: PHONE },
  { language: "pt", theme: "light" as const, size: PHONE },
];
const PAGES = [
  "contacts",
  "templates",
  "templates/new",
  "knowledge/articles",
  "knowledge/articles/new",
  "knowledge/gaps",
  "knowledge/try",
  "knowledge/files",
  "knowledge/settings",
  "reports",
  "numbers/connect",
  "settings/automation/rules/new",
  "settings/automation/runs",
  "settings/macros/new",
  "sandbox",
];

describe.skipIf(reason !== null)("the pages beside the inbox", () => {
  let browser: Browser;
  let server: ServerProcess;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    for (const name of ["Rosa Condori", "María Fernanda Quispe Huamán"]) await (await Customer.create(server, name)).say("hola");
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const open = async (page: Page, path: string) => {
    await page.goto(`${server.url}${path}`);
    await fillSignIn(page, server.admin);
    await page.locator("main.sheet h1").first().waitFor({ state: "attached" });
  };

  test("contacts are imported: looked at first, then taken in, with a report of the mistakes", async () => {
    await using visitor = await visit(browser, { theme: "dark" });
    const { page } = visitor;
    await open(page, "/contacts");
    await page.getByRole("button", { name: "Import" }).click();
    await page.getByLabel("CSV file").setInputFiles({
      name: "clientes.csv",
      mimeType: "text/csv",
      buffer: Buffer.from("name,phone,city\nKilla Quispe,+51900000733,Puno\nSin número,abc,\n"),
    });
    await page.getByRole("button", { name: "Check first" }).click();
    await page.getByText("Nothing has been changed yet.").waitFor();
    await page.getByText("1 row with a mistake").waitFor();
    await takePicture(page, "import-checked");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Import now" }).click();
    await page.getByText("The import is done").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("link", { name: "Killa Quispe" }).waitFor();
    expect(visitor.errors()).toEqual([]);
  });

  test("every room of the settings is accessible: both themes, three languages, wide and on a phone", async () => {
    for (const { language, ...look } of LOOKS) {
      await using visitor = await visit(browser, look);
      const { page } = visitor;
      await open(page, "/settings");
      await page.evaluate(`localStorage.setItem("chasqui.language", "${language}")`);
      await page.reload();
      const name = `${look.theme}-${"size" in look ? "phone" : "wide"}-${language}`;
      for (const room of ROOMS) {
        await page.locator(`.settings-nav a[href="/settings/${room}"]`).click();
        await page.locator(`.settings-nav a[href="/settings/${room}"][aria-current="page"]`).waitFor({ state: "attached" });
        await page.locator(".settings-room .room-title", { hasText: /\S/ }).waitFor();
        await page.waitForLoadState("networkidle");
        expect({ room, name, faults: await accessibilityFaults(page) }).toEqual({ room, name, faults: [] });
        expect({ room, name, overflow: await sidewaysOverflow(page) }).toEqual({ room, name, overflow: 0 });
        await takePicture(page, `settings-${room}-${name}`);
      }
      expect(visitor.errors()).toEqual([]);
    }
  });

  test("every page beside them is accessible: both themes, three languages, wide and on a phone", async () => {
    for (const { language, ...look } of LOOKS) {
      await using visitor = await visit(browser, look);
      const { page } = visitor;
      await open(page, "/contacts");
      await page.evaluate(`localStorage.setItem("chasqui.language", "${language}")`);
      const name = `${look.theme}-${"size" in look ? "phone" : "wide"}-${language}`;
      for (const path of PAGES) {
        await page.goto(`${server.url}/${path}`);
        await page.locator("main h1", { hasText: /\S/ }).first().waitFor({ state: "attached" });
        await page.waitForLoadState("networkidle");
        expect({ path, name, faults: await accessibilityFaults(page) }).toEqual({ path, name, faults: [] });
        expect({ path, name, overflow: await sidewaysOverflow(page) }).toEqual({ path, name, overflow: 0 });
        await takePicture(page, `page-${path.replaceAll("/", "-")}-${name}`);
      }
      expect(visitor.errors()).toEqual([]);
    }
  });

  test("a second factor is turned on by its code and its QR code is there to be scanned; the device list names this one", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await page.goto(`${server.url}/settings/account`);
    await page.getByText("this device", { exact: true }).waitFor();
    await page.locator("app-second-factor-card").getByRole("button", { name: "Turn on" }).click();
    await page.getByRole("img", { name: "QR code for the authenticator app" }).waitFor();
    await takePicture(page, "second-factor");
    expect(await accessibilityFaults(page)).toEqual([]);
    const secret = (await page.locator("app-second-factor-card .secret").textContent()) ?? "";
    await page.locator("#factor-code").fill(new TOTP({ secret: Secret.fromBase32(secret.trim()) }).generate());
    await page.locator("app-second-factor-card").getByRole("button", { name: "Turn on" }).click();
    await page.getByText(/Recovery codes: each works once/).waitFor();
    await page.getByRole("button", { name: "I have kept them" }).click();
    await page.locator("app-second-factor-card .chip-success").waitFor();
    expect(visitor.errors()).toEqual([]);
  });
});
