/** No mouse: contacts, settings and one's account, from signing in to signing out. Where the focus is can be seen at every stop. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { launch, takePicture, visit, whyNoBrowser } from "./browser";
import { Customer } from "./inbox-actions";
import { focused, walk, walkFaults } from "./keyboard-walk";
import { tabTo } from "./sandbox-actions";

const reason = whyNoBrowser();
const ROOMS = ["account", "people", "labels", "replies", "hours", "numbers", "assistant", "rules", "webhooks", "keys", "audit"];

describe.skipIf(reason !== null)("the keyboard alone", () => {
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

  const signIn = async (page: Page, path: string) => {
    await page.goto(`${server.url}${path}`);
    await page.getByLabel("E-mail").and(page.locator(":focus")).waitFor();
    await page.keyboard.type(server.admin.email);
    await page.keyboard.press("Tab");
    await page.keyboard.type(server.admin.password);
    await page.keyboard.press("Enter");
    await page.locator("main.sheet h1").first().waitFor({ state: "attached" });
  };
  const focusIs = async (page: Page, name: string | RegExp) => {
    let now = "";
    const isThere = async () => {
      now = await focused(page);
      return typeof name === "string" ? now === name : name.test(now);
    };
    await until(isThere, { within: 5_000, what: `the focus on ${name}` }).catch(() => expect(now).toBe(String(name)));
  };

  test("a contact is made, refused, put right, opened, changed and noted; Escape closes and the focus goes back", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await signIn(page, "/contacts");
    await page.getByRole("link", { name: "Rosa Condori" }).waitFor();

    const taken =
      (await page.locator("tbody tr", { hasText: "Rosa Condori" }).locator("td.num").first().textContent())?.trim() ?? "";
    expect(taken).toMatch(/^\+\d{8,}$/);
    const add = page.getByRole("button", { name: "New contact" });
    await tabTo(add);
    await page.keyboard.press("Enter");
    await focusIs(page, "Name");
    await page.keyboard.press("Escape");
    expect(await page.locator("dialog[open]").count()).toBe(0);
    await focusIs(page, "New contact");
    // No hand is as fast as this: the dialog goes a moment after it has closed.
    await page.locator("dialog").waitFor({ state: "detached" });

    await page.keyboard.press("Enter");
    await focusIs(page, "Name");
    // Inside a dialog the Tab key goes round and never to what lies behind.
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press("Tab");
      expect(
        await page.evaluate("document.activeElement === document.body || document.activeElement.closest('dialog') !== null"),
      ).toBe(true);
    }
    await tabTo(page.getByLabel("Name", { exact: true }));
    await page.keyboard.type("Killa Mamani");
    await page.keyboard.press("Tab");
    // A number that is somebody else's already.
    await page.keyboard.type(taken);
    await page.keyboard.press("Enter");
    await page.locator("dialog").getByRole("alert").waitFor();
    await takePicture(page, "keyboard-refused");
    // What was typed is still there; only the number is put right.
    await tabTo(page.getByLabel("Phone"));
    await page.keyboard.press("Control+a");
    await page.keyboard.type("+51 900 000 777");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Killa Mamani" }).waitFor();

    await tabTo(page.getByRole("button", { name: /^Company/ }));
    await page.keyboard.press("Enter");
    await focusIs(page, "Company");
    await page.keyboard.type("no, esto no");
    await page.keyboard.press("Escape");
    // The button again, not the field that is about to go.
    await focusIs(page, /^Company: /);
    expect(await page.getByRole("button", { name: /no, esto no/ }).count()).toBe(0);
    await page.keyboard.press("Enter");
    await focusIs(page, "Company");
    await page.keyboard.type("Telares Puno");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Company: Telares Puno" }).waitFor();
    await focusIs(page, /^Company: /);
    await takePicture(page, "keyboard-contact");
    await tabTo(page.getByLabel("Write a note about this contact"));
    await page.keyboard.type("Prefiere la mañana");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator(".note-card", { hasText: "Prefiere la mañana" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Company: Telares Puno" }).waitFor();
    await page.locator(".note-card", { hasText: "Prefiere la mañana" }).waitFor();

    await tabTo(page.locator('.page-head a[href="/contacts"]'));
    await page.keyboard.press("Enter");
    const search = page.getByLabel("Search name, number, e-mail, company");
    await tabTo(search);
    await page.keyboard.type("telares");
    await until(async () => (await page.locator("tbody tr").count()) === 1, { what: "the one that is searched" });
    await tabTo(page.getByRole("link", { name: "Killa Mamani" }));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Killa Mamani" }).waitFor();
    expect(visitor.errors(/409/)).toEqual([]);
  }, 120_000);

  test("a setting is changed and saved, the language and the theme are chosen, and the way out is found", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await signIn(page, "/settings");
    await page
      .getByRole("link", { name: "General" })
      .or(page.locator('.settings-nav a[href="/settings/rules"]'))
      .first()
      .waitFor();
    await tabTo(page.locator('.settings-nav a[href="/settings/rules"]'));
    await page.keyboard.press("Enter");
    const welcome = page.locator('form[data-group="welcome"]');
    await welcome.waitFor();
    await tabTo(welcome.getByRole("switch"), 200);
    await page.keyboard.press("Space");
    await welcome.locator('[role=switch][aria-checked="true"]').waitFor();
    await tabTo(welcome.getByRole("button", { name: "Save" }), 60);
    await takePicture(page, "keyboard-setting");
    await page.keyboard.press("Enter");
    await page.getByText("Saved", { exact: true }).waitFor();
    // Who has saved is where they were, and can go on from there.
    await focusIs(page, "Save");
    await page.reload();
    await welcome.locator('[role=switch][aria-checked="true"]').waitFor();

    await tabTo(page.locator('.settings-nav a[href="/settings/account"]'));
    await page.keyboard.press("Enter");
    await page.locator(".settings-room .room-title", { hasText: "account" }).waitFor();
    await tabTo(page.getByRole("button", { name: /^Account of/ }));
    await page.keyboard.press("Enter");
    const menu = page.getByRole("dialog", { name: "Account" });
    await menu.waitFor();
    await page.keyboard.press("Escape");
    await menu.waitFor({ state: "hidden" });
    await focusIs(page, /Account of/);
    await page.keyboard.press("Enter");
    await tabTo(menu.getByRole("button", { name: "Dark" }));
    await page.keyboard.press("Enter");
    await page.locator('html[data-theme="dark"]').waitFor();
    await tabTo(menu.getByRole("button", { name: "Español" }));
    await page.keyboard.press("Enter");
    await page.locator('html[lang="es"]').waitFor();
    await takePicture(page, "keyboard-menu");
    await tabTo(page.locator("#agent-menu").getByRole("button", { name: "Salir" }));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/sign-in/);
    expect(visitor.errors()).toEqual([]);
  }, 120_000);

  for (const theme of ["light", "dark"] as const)
    test(`every stop of the Tab key is in sight, in order and marked (${theme})`, async () => {
      await using visitor = await visit(browser, { theme });
      const { page } = visitor;
      await signIn(page, "/contacts");
      const look = async (name: string) => {
        await page.waitForLoadState("networkidle");
        const stops = await walk(page);
        expect({ name, faults: walkFaults(stops) }).toEqual({ name, faults: [] });
        expect(stops.length).toBeGreaterThan(6);
      };
      await page.getByRole("link", { name: "Rosa Condori" }).waitFor();
      await look("contacts");
      await page.getByRole("link", { name: "Rosa Condori" }).press("Enter");
      await page.getByRole("heading", { name: "Rosa Condori" }).waitFor();
      await look("contact");
      for (const room of ROOMS) {
        await page.goto(`${server.url}/settings/${room}`);
        await page.locator(".settings-room .room-title").waitFor();
        await look(room);
      }
      // The walk has eyes: without any ring it finds every stop unmarked.
      await page.addStyleTag({
        content: "* { outline: none !important; box-shadow: none !important; border-color: red !important }",
      });
      const blind = await walk(page);
      expect(walkFaults(blind).filter((fault) => fault.startsWith("no ring")).length).toBeGreaterThan(blind.length / 2);
      expect(visitor.errors()).toEqual([]);
    }, 240_000);
});
